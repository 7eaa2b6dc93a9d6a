"""What every command needs of a terminal: options, tables, progress, Chinese words.

`output` prints text for people and, with `--json`, the same data for programs; `wording` has typer speak Chinese.
"""
