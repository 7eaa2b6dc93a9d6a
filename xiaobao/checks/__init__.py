"""The data checks, one module a domain. Importing this room fills the registry; `registry.run_check` runs one."""

from xiaobao.checks import (
    complaints,
    disclosure,
    education,
    emergencies,
    information_security,
    partners,
    product_review,
    records,
    special_groups,
    suitability,
)

__all__ = [
    "complaints",
    "disclosure",
    "education",
    "emergencies",
    "information_security",
    "partners",
    "product_review",
    "records",
    "special_groups",
    "suitability",
]
