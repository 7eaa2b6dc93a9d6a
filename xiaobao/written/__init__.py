"""What people write in YAML, TOML or a sheet: nodes with lines, and one reader that gives values or all faults."""
