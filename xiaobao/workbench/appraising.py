"""考核: compute, 公示, 申诉, decide, 定稿. Each step is fixed content of its own; nothing said before is changed."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.model import Period, Score, canonical_json, folded_id, from_json, from_plain, to_plain
from xiaobao.scorecard import Scorecard
from xiaobao.scoring.appraisal import AppraisalFigures, appraise, appraise_all
from xiaobao.store.records import Campaign
from xiaobao.workbench.workspace import Workbench

KIND = "appraisal"
STATES = {"published": "公示中", "final": "已定稿"}
# Column of the figures' file → field; a blank cell is 无数据, never 0.
COLUMNS = {
    "检查得分": "inspection",
    "投诉总件数": "complaints",
    "有责投诉": "responsible",
    "责任有争议": "disputed",
    "折算基数": "base",
    "应报送": "filings_due",
    "按期报送": "filings_on_time",
    "应训人数": "training_due",
    "已训人数": "training_done",
    "计划宣教": "education_planned",
    "已办宣教": "education_done",
}


@dataclass(frozen=True)
class Appeal:
    """申诉 of a unit with its grounds; `accepted` None while nobody has decided."""

    unit: str
    grounds: str
    evidence: tuple[str, ...]
    by: str
    accepted: bool | None = None
    reason: str = ""
    decided_by: str = ""


@dataclass(frozen=True)
class Appraisal:
    """An appraisal as it stands after `revision` steps."""

    period: str
    scheme: tuple[str, str]
    state: str
    revision: int
    published_on: date
    appeals_until: date
    figures: tuple[AppraisalFigures, ...]
    scores: Mapping[str, Score]
    appeals: tuple[Appeal, ...] = ()

    def open_appeals(self) -> tuple[Appeal, ...]:
        return tuple(appeal for appeal in self.appeals if appeal.accepted is None)


def appraisal_scheme(wb: Workbench, identity: str, version: str | None = None) -> Scheme:
    """Return a published appraisal scheme. Raises InputError on one of another kind or one that was replaced."""
    scheme = from_canonical(wb.store.published("scheme", identity, version).content, Scheme)
    if scheme.kind != KIND:
        raise InputError(Fault("不是考核方案", value=identity, allowed="kind: appraisal"))
    if scheme.replaced_by:
        raise InputError(Fault("考核方案已被代替", value=identity, allowed=scheme.replaced_by))
    return scheme


def read_figures(path: Path) -> tuple[AppraisalFigures, ...]:
    """Read a CSV (UTF-8 or GB18030) with 机构号 and the columns of `COLUMNS`. Raises InputError, all faults at once."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030", errors="replace")
    rows = csv.DictReader(io.StringIO(text))
    heads = [head.strip() for head in rows.fieldnames or ()]
    unknown = [head for head in heads if head not in COLUMNS and head != "机构号"]
    faults = [Fault("不认识的列", path.name, column=head, allowed="、".join(COLUMNS)) for head in unknown]
    if "机构号" not in heads:
        faults.append(Fault("缺少列“机构号”", path.name))
    found: list[AppraisalFigures] = []
    for number, row in enumerate(rows if not faults else (), 2):
        given: dict[str, str] = {}
        for head, field in COLUMNS.items():
            value = (row.get(head) or "").strip()
            whole = field != "inspection"
            if value and not (value.isdecimal() if whole else value.replace(".", "", 1).isdecimal()):
                allowed = "不小于 0 的整数" if whole else "0 至 100 的数"
                faults.append(Fault("不是数字", path.name, row=number, column=head, value=value, allowed=allowed))
            elif value:
                given[field] = value
        unit = (row.get("机构号") or "").strip()
        if not unit:
            faults.append(Fault("没有写机构号", path.name, row=number))
        elif not faults:
            found.append(from_plain(AppraisalFigures, {"unit": unit, **given}))
    if faults:
        raise InputError(faults)
    return tuple(found)


def with_inspection(
    wb: Workbench, campaign: Campaign, figures: Sequence[AppraisalFigures]
) -> tuple[AppraisalFigures, ...]:
    """Put in what the recorded scorecards say, where the file does not: the total, and facts that cost points there."""
    cards = {unit: from_plain(Scorecard, plain) for unit, plain in wb.store.scorecards(campaign.id).items()}
    known = {one.unit for one in figures}
    every = [*figures, *(AppraisalFigures(unit) for unit in sorted(cards) if unit not in known)]
    return tuple(
        replace(
            one,
            inspection=cards[one.unit].total.value if one.inspection is None else one.inspection,
            inspected_facts=(*one.inspected_facts, *(finding.id for finding in cards[one.unit].findings)),
        )
        if one.unit in cards
        else one
        for one in every
    )


def compute(wb: Workbench, scheme_id: str, figures: Sequence[AppraisalFigures]) -> dict[str, Score]:
    """Return the appraisal of every unit; nothing is kept."""
    return appraise_all(appraisal_scheme(wb, scheme_id), figures)


def find(wb: Workbench, period: str) -> Appraisal | None:
    """Return the appraisal of a period as it stands, None before 公示."""
    code = Period.parse(period).code
    versions = [one for one in wb.store.list_published(KIND) if one.id == code]
    return from_json(Appraisal, versions[-1].content) if versions else None


def _required(wb: Workbench, period: str) -> Appraisal:
    found = find(wb, period)
    if found is None:
        raise InputError(Fault("这个期间的考核还没有公示", value=period, allowed="先运行 xiaobao appraisal publish"))
    return found


def _open(wb: Workbench, period: str) -> Appraisal:
    found = _required(wb, period)
    if found.state != "published":
        raise NotAllowed(f"{found.period} 的考核{STATES[found.state]}，不能再改")
    return found


def today(wb: Workbench) -> date:
    return wb.settings.as_of or date.today()


def publish(wb: Workbench, period: str, scheme_id: str, figures: Sequence[AppraisalFigures]) -> Appraisal:
    """公示: fix the results and open the days in which units may appeal. Raises NotAllowed when that was done."""
    code = Period.parse(period).code
    if find(wb, code) is not None:
        raise NotAllowed(f"{code} 的考核已经公示；有异议请走申诉")
    scheme = appraisal_scheme(wb, scheme_id)
    scores = appraise_all(scheme, figures)
    if not scores:
        raise InputError("没有可公示的机构")
    start = today(wb)
    until = start + timedelta(days=scheme.appeal_days)
    made = Appraisal(code, (scheme.id, scheme.version), "published", 1, start, until, tuple(figures), scores)
    return _keep(wb, made)


def appeal(wb: Workbench, period: str, unit: str, grounds: str, evidence: Sequence[str] = ()) -> Appraisal:
    """申诉 of a unit against its result, within the days of 公示 and with grounds."""
    found = _open(wb, period)
    faults = []
    if unit not in found.scores:
        faults.append(Fault("考核里没有这个机构", value=unit))
    if not grounds.strip():
        faults.append(Fault("申诉须写明理由"))
    if faults:
        raise InputError(faults)
    if today(wb) > found.appeals_until:
        raise NotAllowed(f"申诉已于 {found.appeals_until} 截止")
    if any(one.unit == unit for one in found.open_appeals()):
        raise NotAllowed(f"机构 {unit} 已有一件申诉待处理")
    made = Appeal(unit, grounds.strip(), tuple(evidence), wb.actor.name)
    return _keep(wb, replace(found, revision=found.revision + 1, appeals=(*found.appeals, made)))


def decide(
    wb: Workbench, period: str, unit: str, accepted: bool, reason: str, figures: AppraisalFigures | None = None
) -> Appraisal:
    """Decide the unit's open appeal; an accepted one needs the figures put right. Whoever appealed never decides."""
    found = _open(wb, period)
    waiting = next((one for one in found.open_appeals() if one.unit == unit), None)
    faults = []
    if waiting is None:
        faults.append(Fault("没有待处理的申诉", value=unit))
    if not reason.strip():
        faults.append(Fault("处理申诉须写明理由"))
    if accepted and (figures is None or figures.unit != unit):
        faults.append(Fault("申诉成立，须给出更正后的考核数据", value=unit))
    if faults or waiting is None:
        raise InputError(faults)
    if folded_id(waiting.by) == folded_id(wb.actor.name):
        raise NotAllowed(f"{wb.actor.name} 提出了申诉，不能处理自己的申诉")
    said = replace(waiting, accepted=accepted, reason=reason.strip(), decided_by=wb.actor.name)
    appeals = tuple(said if one is waiting else one for one in found.appeals)
    changed = replace(found, revision=found.revision + 1, appeals=appeals)
    if accepted and figures is not None:
        scheme = appraisal_scheme(wb, *found.scheme)
        every = tuple(figures if one.unit == unit else one for one in found.figures)
        changed = replace(changed, figures=every, scores={**found.scores, unit: appraise(scheme, figures)})
    return _keep(wb, changed)


def finalise(wb: Workbench, period: str) -> Appraisal:
    """定稿: after the days of 公示, with every appeal decided."""
    found = _open(wb, period)
    waiting = [one.unit for one in found.open_appeals()]
    if waiting:
        raise NotAllowed(f"还有申诉没有处理：{'、'.join(waiting)}")
    if today(wb) <= found.appeals_until:
        raise NotAllowed(f"公示至 {found.appeals_until}，期满后才能定稿")
    return _keep(wb, replace(found, revision=found.revision + 1, state="final"))


def _keep(wb: Workbench, made: Appraisal) -> Appraisal:
    """Keep a step as the next version: two people at once cannot both take it."""
    with wb.store.writing(wb.actor) as tx:
        tx.publish(KIND, made.period, str(made.revision), canonical_json(to_plain(made)))
    return made
