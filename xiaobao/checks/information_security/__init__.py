"""信息安全: credit-report look-ups, accounts of people who left or moved, marketing messages, adverse credit data."""

from xiaobao.checks.information_security import accounts, lookups, messages

__all__ = ["accounts", "lookups", "messages"]
