"""我的工作: what waits for each person, on a page and as a morning digest."""
