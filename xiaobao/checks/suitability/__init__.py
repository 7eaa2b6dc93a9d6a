"""适当性管理: sales against assessments, assessments against their limits, insurance with uncertain benefits.

The Measures of 2026 (适当性办法) hold for what happened on or after 2026-02-01; before that day only what older rules
say is looked at. Funds of securities and futures institutions follow other rules (第三条第二款) and are left out.
"""

from xiaobao.checks.suitability import assessments, insurance, private, recordings, sales

__all__ = ["assessments", "insurance", "private", "recordings", "sales"]
