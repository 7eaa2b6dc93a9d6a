"""Checklist versions: published, compared, moved to, carried over."""
