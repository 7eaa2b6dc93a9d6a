"""Results: inputs frozen, recorded, resolved, read."""
