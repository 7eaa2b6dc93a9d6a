"""投诉热点机构: which units a campaign inspects because their complaints rose, by the statistics of a ledger."""

from __future__ import annotations

from xiaobao.errors import Fault, InputError
from xiaobao.features.complaints.reading import bank_ledger
from xiaobao.model import Period
from xiaobao.workbench.workspace import Workbench


def hot_units(wb: Workbench, period: str) -> tuple[str, ...]:
    """Return the inspected units of which complaints rose in the ledger of `period`, by the test that its page shows.

    Raises InputError without a ledger, where nothing rose, and where what rose is at no inspected unit.
    """
    code = Period.parse(period).code
    ledger = bank_ledger(wb, code)
    if ledger is None or ledger.hot_spots is None:
        advice = f"先运行 xiaobao import complaints 文件 --period {code}"
        raise InputError(Fault("这个期间没有投诉台账，不能按投诉热点选机构", value=code, allowed=advice))
    risen, known = ledger.hot_spots.risen, wb.units(code)
    found = tuple(unit for unit in risen if unit in known and known[unit].inspected)
    if not found:
        others = "、".join(risen)
        why = f"突增的只有不受检查的机构：{others}" if risen else f"没有机构突增（{ledger.hot_spots.method}）"
        raise InputError(Fault(f"{code} 的投诉台账中{why}", allowed="用 --unit、--level 或 --under 指明机构"))
    return found
