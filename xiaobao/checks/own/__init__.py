"""本行检查: checks that the bank's own people write. Their code runs in a confined child of a paper, nowhere else."""
