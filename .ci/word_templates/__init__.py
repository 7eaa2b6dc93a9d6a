"""Makers of the Word templates in `reports/templates/`; a test holds both equal. `make templates` runs them."""
