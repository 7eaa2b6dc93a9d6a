"""调阅: one thing that an inspector asks a unit for: asked, received, accepted, or rejected with a reason.

Whoever handed it over never accepts or rejects it.
"""

from __future__ import annotations

from datetime import date

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.labels import REQUEST_STATES
from xiaobao.model import Value


class DocumentRequest(Value):
    """One line of a unit's 调阅清单. `state` is asked, received, accepted or rejected; `wanted` says what is asked."""

    campaign: str
    unit: str
    number: str
    wanted: str
    due: date
    domain: str = ""
    state: str = "asked"
    asked_by: str = ""
    asked_on: date | None = None
    note: str = ""
    received_by: str = ""
    received_login: str = ""
    received_on: date | None = None
    decided_by: str = ""
    decided_on: date | None = None
    reason: str = ""
    returned: str = ""
    revision: int = 0

    @property
    def id(self) -> str:
        """What its attachments and rows are named by."""
        return f"{self.campaign}-{self.unit}-{self.number}"

    @property
    def waiting(self) -> bool:
        """Whether the unit has something to do."""
        return self.state in ("asked", "rejected")


def hand_over(one: DocumentRequest, by: str, login: str, on: date, note: str, *, anything: bool) -> DocumentRequest:
    """Return it as received. Raises InputError once received, or with neither a file nor a word where it lies."""
    _at(one, ("asked", "rejected"), "提交")
    if not anything and not note.strip():
        raise InputError(Fault("须上传资料，或写明资料在何处、由谁交接", item=one.wanted))
    return replace(
        one,
        state="received",
        received_by=by,
        received_login=login,
        received_on=on,
        note=note.strip(),
        decided_by="",
        decided_on=None,
    )


def decide(one: DocumentRequest, by: str, on: date, reason: str, *, accepted: bool) -> DocumentRequest:
    """Return it as accepted, or as rejected with a reason. Raises InputError on a wrong step or without a reason."""
    _at(one, ("received",), "验收" if accepted else "退回")
    if not accepted and not reason.strip():
        raise InputError(Fault("退回须写明原因", item=one.wanted))
    state = "accepted" if accepted else "rejected"
    return replace(one, state=state, decided_by=by, decided_on=on, reason=reason.strip())


def give_papers_back(one: DocumentRequest, by: str, on: date, words: str) -> DocumentRequest:
    """Note that papers were given back to the unit (归还): to whom, by whom, on which day.

    Raises InputError where nothing was accepted or nobody is named.
    """
    _at(one, ("accepted",), "归还")
    if not words.strip():
        raise InputError(Fault("归还须写明交还何人", item=one.wanted))
    return replace(one, returned=f"{on.isoformat()} {by} 交还 {words.strip()}")


def _at(one: DocumentRequest, states: tuple[str, ...], what: str) -> None:
    if one.state not in states:
        raise InputError(Fault(f"{REQUEST_STATES[one.state]}的调阅不能{what}", item=one.wanted))
