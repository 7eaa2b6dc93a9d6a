"""本行检查 from a notebook: what the commands do, for whoever asks questions there."""
