"""Evidence once it is in: attached to anything, opened by whoever may, previewed in a child, kept for its years."""
