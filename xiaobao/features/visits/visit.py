"""What a visit is, and the steps it may take. Pure: people and store stand in `verbs`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.labels import CAMPAIGN_KINDS
from xiaobao.model import Actor, Value

VISIT_KINDS: Mapping[str, str] = {code: title for code, title in CAMPAIGN_KINDS.items() if code != "self"}
MODES = {"on_site": "现场", "off_site": "非现场", "surprise": "突击"}
VISIT_STATES = {"planned": "待进场", "entered": "检查中", "closed": "已结束", "cancelled": "已取消"}
PAPERS = {
    "plan": "检查方案",
    "notice": "检查通知书",
    "requests": "调阅清单",
    "working": "检查底稿",
    "facts": "事实确认书",
    "report": "检查报告",
    "opinion": "检查意见书",
    "confirmation": "考核结果确认（申诉）表",
}
# The word of each kind in its 文号.
NUMBER_WORDS = {
    "plan": "检方",
    "notice": "检通",
    "requests": "调阅",
    "working": "检底",
    "facts": "检认",
    "report": "检报",
    "opinion": "检意",
    "confirmation": "考确",
}
# Papers that the unit answers: it agrees or states its opinion.
ANSWERED = ("working", "facts", "opinion", "confirmation")
LEAST_INSPECTORS = 2


class Matter(Value):
    """一事: one matter found, with count and amount, basis, evidence and what is required. `nature` as findings'."""

    number: str
    title: str
    facts: str
    nature: str
    basis: str
    procedure: str = ""
    count: int | None = None
    amount: Decimal | None = None
    evidence: tuple[str, ...] = ()
    requirement: str = ""
    due: date | None = None
    inspector: str = ""
    finding: str = ""


class RequestRow(Value):
    """One line of the 调阅清单: what is asked for, of which time, and who keeps it."""

    item: str
    period: str = ""
    owner: str = ""


class SignedScan(Value):
    """The signed scan of a paper: evidence, tied to the very file that was issued by its digest."""

    name: str
    path: str
    sha256: str
    of: str
    by: Actor
    day: date


class IssuedPaper(Value):
    """文书 as it was issued. `matter` is the number of its matter (检查底稿); `number` its 文号."""

    kind: str
    serial: int
    number: str
    path: str
    sha256: str
    day: date
    by: Actor
    matter: str = ""
    scans: tuple[SignedScan, ...] = ()
    agreed: bool | None = None
    opinion: str = ""
    opinion_by: Actor | None = None


class Visit(Value):
    """检查项目. `leader` and `inspectors` are logins where people are registered, else names.

    `period` is what is looked at. A surprise visit is hidden from the unit until `entered_on`.
    """

    number: str
    year: str
    unit: str
    kind: str
    mode: str
    period: str
    state: str = "planned"
    starts: date | None = None
    ends: date | None = None
    leader: str = ""
    inspectors: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    campaign: str = ""
    background: str = ""
    basis: str = ""
    method: str = ""
    timetable: str = ""
    contact: str = ""
    entered_on: date | None = None
    closed_on: date | None = None
    summary: str = ""
    requirements: str = ""
    requests: tuple[RequestRow, ...] = ()
    matters: tuple[Matter, ...] = ()
    papers: tuple[IssuedPaper, ...] = ()
    reason: str = ""
    revision: int = 0

    @property
    def hidden(self) -> bool:
        """Whether its unit must not know of it: a surprise visit before entry, for ever where it was called off."""
        return self.mode == "surprise" and self.entered_on is None

    @property
    def team(self) -> tuple[str, ...]:
        """The leader and the inspectors, each once."""
        return tuple(dict.fromkeys(filter(None, (self.leader, *self.inspectors))))

    def issued(self, kind: str) -> tuple[IssuedPaper, ...]:
        """Return the papers of a kind, oldest first."""
        return tuple(one for one in self.papers if one.kind == kind)


def enter(visit: Visit, day: date) -> Visit:
    """Return the visit as entered. Raises InputError naming all that is missing."""
    faults = list(_unready(visit))
    if visit.state != "planned":
        faults = [Fault(f"{VISIT_STATES[visit.state]}的检查项目不能进场", item=visit.number)]
    elif visit.mode == "on_site" and not visit.issued("notice"):
        faults.append(Fault("现场检查进场前须出具检查通知书", item=visit.number))
    if faults:
        raise InputError(faults)
    return replace(visit, state="entered", entered_on=day)


def _unready(visit: Visit) -> list[Fault]:
    faults = []
    if not visit.leader:
        faults.append(Fault("没有组长", item=visit.number))
    if len(set(visit.inspectors)) < LEAST_INSPECTORS:
        allowed = f"不少于 {LEAST_INSPECTORS} 人"
        faults.append(Fault("检查人员不足", item=visit.number, value=str(len(set(visit.inspectors))), allowed=allowed))
    if not visit.domains:
        faults.append(Fault("没有检查域", item=visit.number))
    return faults


def close(visit: Visit, day: date, summary: str) -> Visit:
    """Return the visit as closed. Raises InputError on a wrong step, or for a matter that the unit was not asked of."""
    if visit.state != "entered" or visit.entered_on is None:
        raise InputError(Fault(f"{VISIT_STATES[visit.state]}的检查项目不能结束", item=visit.number))
    faults = []
    if day < visit.entered_on:
        faults.append(
            Fault("结束日期早于进场日期", item=visit.number, value=str(day), allowed=f"{visit.entered_on} 起")
        )
    if not summary.strip():
        faults.append(Fault("请写明检查总体情况", item=visit.number))
    if visit.matters and not visit.issued("facts"):
        faults.append(Fault("有查出的问题，还没有出具事实确认书", item=visit.number))
    if faults:
        raise InputError(faults)
    return replace(visit, state="closed", closed_on=day, summary=summary.strip())


def cancel(visit: Visit, reason: str) -> Visit:
    """Return the visit as called off. Raises InputError once it was entered, or without a reason."""
    if visit.state != "planned":
        raise InputError(Fault(f"{VISIT_STATES[visit.state]}的检查项目不能取消", item=visit.number))
    if not reason.strip():
        raise InputError(Fault("取消须写明原因", item=visit.number))
    return replace(visit, state="cancelled", reason=reason.strip())


def dates_faults(visit: Visit) -> list[Fault]:
    """Return a fault where the visit ends before it starts."""
    if visit.starts and visit.ends and visit.ends < visit.starts:
        return [Fault("结束日期早于开始日期", value=str(visit.ends), allowed=f"{visit.starts} 起")]
    return []
