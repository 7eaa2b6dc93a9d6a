"""工作台: what head office does in a half-year, step by step, by the commands themselves and without a terminal."""
