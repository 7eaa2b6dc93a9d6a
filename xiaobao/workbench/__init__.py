"""The walk: the verbs of an inspection, in order. Only this floor goes down to the store."""
