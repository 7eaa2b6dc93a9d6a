"""One inspection: filled, evidenced, reviewed, vetoed, offline."""
