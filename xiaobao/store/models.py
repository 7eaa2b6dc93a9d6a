"""What the store hands out, as frozen values. No database library is needed to read this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from xiaobao.model import (
    Actor,
    CheckResult,
    CheckStatus,
    Finding,
    ItemFacts,
    Person,
    PoolEntry,
    RunStatus,
    Score,
    Value,
    VetoEvent,
)

SKEW = timedelta(minutes=5)  # how far two clocks, or one that was set, may differ


class Published(Value):
    """Fixed content of a checklist, scheme or regulation list; `sha256` is over `content`."""

    kind: str
    id: str
    version: str
    sha256: str
    content: str
    published_at: datetime


class Campaign(Value):
    """检查批次. `scheme` is (id, version); `checklists` domain → (id, version), in the order given.

    `kind` says who inspects (`CAMPAIGN_KINDS`): the units themselves, or head office in one of several ways. `units`
    are those inspected, empty: all that the register says are. `state` is open, closed (终稿) or deleted. `resolved`
    are the bests of all units for items relative to peers, found once when the campaign was closed:
    domain → view → item → a fraction, or “!” and why there is none. `inspectors` are the logins of who inspects.
    `basis` says by what the units were chosen, where that was the ledger's hot spots. `papers` are the analysts' own
    notebooks that are run for each unit.
    """

    id: int
    name: str
    period: str
    scheme: tuple[str, str]
    checklists: Mapping[str, tuple[str, str]]
    kind: str = "self"
    units: tuple[str, ...] = ()
    opens: date | None = None
    closes: date | None = None
    state: str = "open"
    reason: str = ""
    approved_by: str = ""
    resolved: Mapping[str, Mapping[str, Mapping[str, str]]] = {}
    inspectors: tuple[str, ...] = ()
    basis: str = ""
    papers: tuple[str, ...] = ()


class Acting(Value):
    """Who the register knows of somebody who acts: `person`, whom he stands in for, and whether there is anybody."""

    anybody: bool
    person: Person | None = None
    deputised: tuple[Person, ...] = ()


class ImportRecord(Value):
    """One import in force. `path` is relative to the workspace."""

    id: int
    dataset: str
    period: str
    file_name: str
    file_sha256: str
    rows: int
    path: str
    at: datetime
    actor: str


class Carried(Value):
    """An answer given on another version of a sheet: as long as `revision` is its present one, it waits for 确认."""

    sheet: str
    version: str
    revision: int


class Signature(Value):
    """签字 of one step: by whom, in which unit and role, when, and the digest of answers, evidence and review then."""

    step: str
    name: str
    at: datetime
    digest: str
    login: str = ""
    unit: str = ""
    role: str = ""
    verified: bool = False


class Remark(Value):
    """退回意见 to one item: what the reviewer asks, and how the unit cleared it. Numbered from 1."""

    number: int
    item_id: str
    text: str
    author: str
    at: datetime
    cleared_by: str = ""
    cleared_note: str = ""
    cleared_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has cleared it yet."""
        return self.cleared_at is None


class InspectionRecord(Value):
    """检查任务. `revision` grows by one with every saved answer and every change of state.

    `own_version` is that of the unit's own sheet, "" without one. `carried` item id → the sheet it was answered on,
    for answers that the inspection brought along when it moved to another version. `signatures` are those of the
    present round: a return begins another.
    """

    id: int
    campaign_id: int
    unit: str
    domain: str
    checklist_id: str
    version: str
    state: str
    revision: int
    submitted_by: str = ""
    reason: str = ""
    own_version: str = ""
    carried: Mapping[str, Carried] = {}
    signatures: tuple[Signature, ...] = ()

    def signed(self, step: str) -> Signature | None:
        """Return who signed a step of the present round, None where nobody did."""
        return next((one for one in reversed(self.signatures) if one.step == step), None)


class EvidenceRecord(Value):
    """One file of evidence as it was taken in; `path` is relative to the workspace, `size` in bytes."""

    id: int
    inspection_id: int
    item_id: str
    file_name: str
    sha256: str
    size: int
    path: str
    at: datetime
    actor: str


class Attachment(Value):
    """One file or link as evidence of an item, lead, finding, measure or visit: `about` says which, `object` which one.

    A link has `url` (or the place in an archive) and no file. `replaces` is the id of the earlier version, kept too.
    """

    id: str
    about: str
    object: str
    unit: str
    domain: str = ""
    campaign: str = ""
    name: str = ""
    sha256: str = ""
    size: int = 0
    path: str = ""
    url: str = ""
    note: str = ""
    replaces: str = ""
    added_by: str = ""
    added: date | None = None
    revision: int = 0


class ReminderTime(Value):
    """One reminder: the day, who reminded, how many leads were open, and how many of these overdue."""

    day: date
    by: str
    waiting: int
    late: int


class LeadReminder(Value):
    """催办 of one unit in one campaign: each time with its day, who reminded, and how many leads had no answer."""

    campaign: str
    unit: str
    times: tuple[ReminderTime, ...] = ()
    revision: int = 0


class RunRecord(Value):
    """One run of one notebook for one unit; `paper` is relative to the workspace, empty when the run failed.

    `said` is what an analyst's own notebook says in one line.
    """

    campaign_id: int
    unit: str
    notebook: str
    digest: str
    status: RunStatus
    error: str
    started: datetime
    seconds: float
    paper: str
    paper_sha256: str
    said: str = ""


class ResultRecord(Value):
    """What a run of one inspection found; `digest` is that of the inputs, `own` the score of the unit's own items.

    `facts` are those after decisions, `facts_before` the ones that were different before, `facts_self` the ones that
    were different in the unit's own view; rows written before version 0.2 have none. `reviewed` tells that the score
    is the reviewer's (复评); `own_view` is then the unit's (自评).
    """

    digest: str
    before: Score
    after: Score
    check_results: tuple[CheckResult, ...]
    findings: tuple[Finding, ...]
    at: datetime | None = None
    own: Score | None = None
    facts: tuple[ItemFacts, ...] = ()
    facts_before: tuple[ItemFacts, ...] = ()
    facts_self: tuple[ItemFacts, ...] = ()
    own_view: Score | None = None
    reviewed: bool = False


class ResultSummary(Value):
    """What totals want of a result: the score after decisions without its lines, whether a veto struck, whether facts
    of items were recorded.

    It stands beside the result, which is a hundred times as long: whoever reads thousands wants this alone.
    """

    after: Score
    vetoed: bool
    has_facts: bool


_BESIDE_SCORE = ("trace", "subtotals", "vetoes")


def summary_of(plain: Mapping[str, Any]) -> str:
    """Return the JSON text of a `ResultSummary` from a `ResultRecord` as it is recorded: JSON-ready and masked.

    `verify` makes it anew from every result: of the same record it must be the same text for ever.
    """
    after = plain["after"]
    summary = {
        "after": {name: value for name, value in after.items() if name not in _BESIDE_SCORE},
        "vetoed": bool(after.get("vetoes")),
        "has_facts": bool(plain.get("facts")),
    }
    return json.dumps(summary, ensure_ascii=False, separators=(",", ":"))


class RecordedFindings(Value):
    """What most readers want of a result. Its facts are several times dearer to build than this."""

    findings: tuple[Finding, ...]


class Event(Value):
    """操作留痕: one link of a chain. `payload` is the JSON text, None once erased.

    `login`, `unit` and `role` are those of a registered person on that day; "" where nobody was registered.
    """

    seq: int
    chain: str
    position: int
    at: datetime
    actor: str
    verified: bool
    verb: str
    object: str
    revision: int
    payload_sha256: str
    previous_hash: str
    hash: str
    login: str = ""
    unit: str = ""
    role: str = ""
    payload: str | None = None


class Raised(NamedTuple):
    """Counts after raising leads. One that was withdrawn and is hit again counts as kept: its decision stands."""

    new: int
    kept: int
    withdrawn: int


class Head(NamedTuple):
    """End of a chain: what to write down elsewhere so that a cut tail or an old copy shows."""

    position: int
    hash: str


class EvidenceDigest(Value):
    """A file that a handed-in sheet rests on: another file under its name is then seen."""

    item_id: str
    sha256: str


class HandedIn(Value):
    """What a sheet rests on from its hand-in on. `answers` item id → revision of the answer.

    `frozen` are the inputs of its paper without what other records hold for good (sheet, scheme, answers) and without
    what named acts may still change (decisions, vetoes, the review); its extracts lie where nothing is written over.
    """

    day: date
    frozen: Mapping[str, Any]
    answers: Mapping[str, int]
    evidence: tuple[EvidenceDigest, ...] = ()


class DataChange(Value):
    """One extract of a sheet: its digest and rows at hand-in and now; "" and None where there was or is none."""

    dataset: str
    before: str = ""
    rows_before: int | None = None
    now: str = ""
    rows_now: int | None = None


class CheckChange(Value):
    """What a check said of the data at hand-in, and what it says of today's; `title` is that of the bank's own."""

    check_id: str
    before: CheckStatus
    hits_before: int
    now: CheckStatus
    hits_now: int
    title: str = ""


class Question(Value):
    """数据已更新: newer data would say otherwise than what a sheet was handed in on. `state` is of `QUESTION_STATES`.

    `checks` are those that say something else now; none: the data changed and no check minds.
    """

    inspection_id: int
    state: str
    day: date
    data: tuple[DataChange, ...]
    checks: tuple[CheckChange, ...]
    reason: str = ""
    answered_by: str = ""
    revision: int = 0


class StoredVeto(Value):
    """A veto event as it is kept; `reason` says why it was taken back."""

    veto: VetoEvent
    reason: str = ""


class UnitEntry(Value):
    """One bonus or malus of a unit in a campaign's scheme as it is kept; `withdrawn` says why it was taken back."""

    campaign: str
    unit: str
    number: str
    entry: PoolEntry
    withdrawn: str = ""
    revision: int = 0


class OwnWording(Value):
    """常用表述 that one person keeps for a domain; `withdrawn` once it was taken back."""

    person: str
    number: str
    domain: str
    text: str
    withdrawn: str = ""
    revision: int = 0


class Assignment(Value):
    """分工: a section or item (`node`) of one sheet given to somebody; `login` "" once it was taken back."""

    campaign: str
    unit: str
    domain: str
    node: str
    login: str = ""
    revision: int = 0


class OwnCheckRecord(Value):
    """本行检查: how far one has come. `state`: written 草稿, tested 已测试, published 已发布, retired 已停用.

    `written_by` made the file, `tested_by` was the first to test the very text of `tested_sha256` with success: both
    are its authors. `published_sha256` is the text that runs, published by somebody else; a changed file is tested anew
    while that one stands. `reason` says why it was retired.
    """

    name: str
    state: str = "written"
    written_by: Actor | None = None
    tested_by: Actor | None = None
    tested_sha256: str = ""
    published_by: Actor | None = None
    published_sha256: str = ""
    published_on: date | None = None
    retired_on: date | None = None
    retired_by: Actor | None = None
    reason: str = ""
    revision: int = 0


class Session(Value):
    """Somebody who is in. `hash` is that of the number in the cookie; `idle` seconds without a request end it.

    `kind` is password, link, proxy, hub, demo, or alone where nobody is registered (`login` ""). One of a personal link
    fills for `unit` only.
    """

    hash: str
    login: str
    kind: str
    unit: str = ""
    made: datetime
    seen: datetime
    until: datetime
    idle: int
    ended: datetime | None = None

    def alive(self, at: datetime) -> bool:
        """Tell whether it holds at `at`: not ended, not over, not idle, and not made or used in the future."""
        over = min(self.until, self.seen + timedelta(seconds=self.idle))
        return self.ended is None and max(self.made, self.seen) - SKEW <= at < over


class AccessLink(Value):
    """A link that lets somebody in: kind `first` sets a password, once; `personal` fills for `unit`, in one browser."""

    hash: str
    login: str
    kind: str
    unit: str = ""
    made: datetime
    until: datetime
    browser: str = ""
    ended: datetime | None = None

    def open(self, at: datetime) -> bool:
        """Tell whether the link still lets in at `at`."""
        return self.ended is None and self.made - SKEW <= at < self.until


class Attempts(Value):
    """Failures of one subject (`login:…` or `address:…`) since the last time that went well or was forgotten."""

    subject: str
    failures: int
    since: datetime
    locked_until: datetime | None = None

    def locked(self, at: datetime) -> bool:
        """Tell whether sign-in is locked at `at`."""
        return self.locked_until is not None and at < self.locked_until
