"""What the shipped checklists, checks and sample bank have agreed upon."""

from __future__ import annotations

from xiaobao.checks.registry import REGISTRY

DOMAINS = ("disclosure", "suitability", "information_security", "complaints", "special_groups")
CHECK_IDS = frozenset(REGISTRY)
