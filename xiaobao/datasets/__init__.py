"""Extracts of the bank's systems: read, validated, looked back over, cut by unit. Import the modules you need."""
