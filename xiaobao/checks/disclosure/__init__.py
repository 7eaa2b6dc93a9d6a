"""信息披露: fees against the price list, consent for paid services, loans, promotion materials, notices."""

from xiaobao.checks.disclosure import fees, loans, notices

__all__ = ["fees", "loans", "notices"]
