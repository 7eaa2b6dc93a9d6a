"""What a section is worth. Apart from the checks of soundness, so that scoring needs none of what reads YAML."""

from __future__ import annotations

from decimal import Decimal

from xiaobao.checklist.models import Section
from xiaobao.numbers import ZERO


def section_points(section: Section) -> Decimal:
    """Return the section's points: stated, or the sum of its children; a pool is no part of what is possible."""
    if section.pool:
        return ZERO
    if section.points is not None:
        return section.points
    return children_points(section)


def children_points(section: Section) -> Decimal:
    """Return the sum of the points of what stands below the section."""
    inner = sum((section_points(child) for child in section.sections), ZERO)
    return inner + sum((item.points for item in section.items), ZERO)
