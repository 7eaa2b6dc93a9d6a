"""操作留痕: who changed what, when, from what to what, and why; for people, page, command line and Excel."""
