"""登记簿 as a page."""
