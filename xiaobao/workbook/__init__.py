"""Excel: the batch summary, leads and sheets that go out to units and come back, checklists for review."""
