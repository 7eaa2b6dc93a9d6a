"""What people write in YAML, TOML or a sheet: nodes with lines, and one reader that gives values or all faults.

`yaml_files` and `nodes` keep where each text stands, `reader` makes a `Strict` value of it (`strict`), or raises with
every fault at once: file, line or cell, what is wrong, what is allowed.
"""
