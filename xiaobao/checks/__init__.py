"""The data checks, one module a domain. Importing this room fills the registry; `registry.run_check` runs one."""

from xiaobao.checks import complaints, disclosure, information_security, special_groups, suitability

__all__ = ["complaints", "disclosure", "information_security", "special_groups", "suitability"]
