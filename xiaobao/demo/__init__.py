"""The sample bank: units, extracts with planted faults, what its people answer, and the walk through it all."""
