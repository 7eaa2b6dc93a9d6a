"""The sample bank: units, extracts with planted faults, what its people answer, and the walk through it all.

`sample_bank` invents units and periods from a seed, `rows` and `builders` make clean records, `recipes*` lay faults
over them (`plants` says which), `answers` and `staff` are its people, `walk` takes it through the verbs of a real
bank. Equal arguments give equal files; the leads that checks find are exactly what was planted.
"""
