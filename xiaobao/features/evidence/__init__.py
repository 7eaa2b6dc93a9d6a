"""佐证与调阅: the list of evidence with its files and years, and what inspectors ask units to hand over."""
