"""总行页: the bank at a glance, what hangs where, and what other weights would do."""
