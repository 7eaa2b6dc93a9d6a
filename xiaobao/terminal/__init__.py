"""What every command needs of a terminal: options, tables, progress, Chinese words."""
