"""Checklists, schemes and the register of regulations: what they may say, how they are read and cited.

Import from the modules: `models`, `reading` (YAML), `canonical`, `citations`. A kernel of the batch needs no YAML.
"""
