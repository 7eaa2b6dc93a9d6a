"""考核: compute, 公示, 申诉, decide, 定稿. Each step is fixed content of its own; nothing said before is changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme
from xiaobao.datasets.columns import fill_columns, known_headers
from xiaobao.datasets.reading import FileLimits, header_key, read_table
from xiaobao.datasets.shape import Dataset, optional, required
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.appraisal.appraising import AppraisalFigures, appraise, appraise_all
from xiaobao.model import Actor, Period, PoolEntry, Score, Value, canonical_json, from_json, from_plain, to_plain
from xiaobao.personal.values import masked
from xiaobao.workbench.evidence.attaching import EvidenceSubject, attach_file
from xiaobao.workbench.inspections.evidence import refuse_file
from xiaobao.workbench.permitting import is_actor
from xiaobao.workbench.workspace import Workbench

APPRAISAL_KIND = "appraisal"
APPRAISAL_STATES = {"draft": "准备中", "published": "公示中", "final": "已定稿"}
# Column of the figures' file → field; a blank cell is 无数据, never 0.
APPRAISAL_COLUMNS = {
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
_FIGURES = Dataset(
    name="appraisal_figures",
    title="考核数据",
    columns=(
        required("unit", "机构号", "id", "机构编号"),
        *(
            optional(name, title, "decimal" if name == "inspection" else "count")
            for title, name in APPRAISAL_COLUMNS.items()
        ),
    ),
    key=("unit",),
)


class AppraisalAppeal(Value):
    """申诉 of a unit with its grounds; `accepted` None while nobody has decided."""

    unit: str
    grounds: str
    evidence: tuple[str, ...]
    by: str
    day: date | None = None
    accepted: bool | None = None
    reason: str = ""
    decided_by: str = ""


class Entry(Value):
    """加分 or 减分 of a unit, by whom it was entered; once `withdrawn` (with the reason) it counts no more."""

    number: int
    unit: str
    entry: PoolEntry
    by: str
    on: date
    withdrawn: str = ""
    withdrawn_by: str = ""


class Appraisal(Value):
    """An appraisal as it stands after `revision` steps. Before 公示 it holds entries alone, and no dates."""

    period: str
    scheme: tuple[str, str]
    state: str
    revision: int
    published_on: date | None
    appeals_until: date | None
    figures: tuple[AppraisalFigures, ...]
    scores: Mapping[str, Score]
    appeals: tuple[AppraisalAppeal, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def marks(self) -> Mapping[str, str]:
        """Unit → what stands behind its result: the inspection's total that it takes was not the last word."""
        return {one.unit: one.inspection_marks for one in self.figures if one.inspection_marks}

    def open_appeals(self) -> tuple[AppraisalAppeal, ...]:
        """Return those not decided yet: while there are any, the appraisal is not final."""
        return tuple(appeal for appeal in self.appeals if appeal.accepted is None)

    def entered(self, figures: AppraisalFigures) -> AppraisalFigures:
        """Return a unit's figures with the entries in force laid on them."""
        mine = (one.entry for one in self.entries if one.unit == figures.unit and not one.withdrawn)
        return replace(figures, entries=(*figures.entries, *mine))


def appraisal_scheme(wb: Workbench, identity: str, version: str | None = None) -> Scheme:
    """Return a published appraisal scheme. Raises InputError on one of another kind or one that was replaced."""
    scheme = from_canonical(wb.store.published("scheme", identity, version).content, Scheme)
    if scheme.kind != APPRAISAL_KIND:
        raise InputError(Fault("不是考核方案", value=identity, allowed="kind: appraisal"))
    if scheme.replaced_by:
        raise InputError(Fault("考核方案已被代替", value=identity, allowed=scheme.replaced_by))
    return scheme


def read_appraisal_figures(path: Path) -> tuple[AppraisalFigures, ...]:
    """Read a table (CSV or .xlsx) with 机构号 and the columns of an appraisal. Raises InputError with all faults."""
    table = read_table(path, known_headers(_FIGURES, None), FileLimits(megabytes=5, rows=20_000))
    filled = fill_columns(table, _FIGURES, None)
    known = {header_key(column.title) for column in _FIGURES.columns}
    faults = [
        table.fault("不认识的列", table.header_row, head, allowed="、".join(APPRAISAL_COLUMNS))
        for head in table.headers
        if head.strip() and header_key(head) not in known
    ]
    faults += filled.faults
    found: list[AppraisalFigures] = []
    for place, row in enumerate(filled.rows):
        given = {name: values[place] for name, values in filled.values.items() if values[place] is not None}
        negative = [c for c in _FIGURES.columns if isinstance(n := given.get(c.name), int | Decimal) and n < 0]
        faults += [table.fault("不能小于 0", row, column.title, str(given[column.name])) for column in negative]
        if "unit" not in given:
            faults += [] if ("unit", place) in filled.bad else [table.fault("没有写机构号", row, "机构号")]
        elif not faults:
            found.append(from_plain(AppraisalFigures, to_plain(given)))
    if faults:
        raise InputError(faults)
    return tuple(found)


def compute_appraisal(
    wb: Workbench, period: str, scheme_id: str, figures: Sequence[AppraisalFigures]
) -> dict[str, Score]:
    """Return the appraisal of every unit with the entries so far; nothing is kept."""
    found = find_appraisal(wb, period)
    entered = [found.entered(one) for one in figures] if found else figures
    return appraise_all(appraisal_scheme(wb, scheme_id), entered, wb.settings.policies.coverage.total)


def find_appraisal(wb: Workbench, period: str) -> Appraisal | None:
    """Return the appraisal of a period as it stands, None before its first step."""
    code = Period.parse(period).code
    versions = [one for one in wb.store.list_published(APPRAISAL_KIND) if one.id == code]
    return from_json(Appraisal, versions[-1].content) if versions else None


def find_seen(wb: Workbench, period: str) -> Appraisal | None:
    """Return the appraisal cut to the units that whoever asks may see. Raises NotAllowed where that is none."""
    found, seen = find_appraisal(wb, period), wb.sight("appraisal.see", period=Period.parse(period).code)
    if seen.reason:
        raise NotAllowed(seen.reason)
    if found is None or seen.everything:
        return found
    return replace(
        found,
        figures=tuple(one for one in found.figures if seen.shows(one.unit)),
        scores={unit: score for unit, score in found.scores.items() if seen.shows(unit)},
        appeals=tuple(one for one in found.appeals if seen.shows(one.unit)),
        entries=tuple(one for one in found.entries if seen.shows(one.unit)),
    )


def made_public(wb: Workbench, period: str) -> Appraisal:
    """Return the appraisal of a period. Raises InputError before its 公示."""
    found = find_appraisal(wb, period)
    if found is None or found.state == "draft":
        raise InputError(Fault("这个期间的考核还没有公示", value=period, allowed="先运行 xiaobao appraisal publish"))
    return found


def _open(wb: Workbench, period: str) -> Appraisal:
    found = made_public(wb, period)
    if found.state != "published":
        raise NotAllowed(f"{found.period} 的考核{APPRAISAL_STATES[found.state]}，不能再改")
    return found


def publish_appraisal(wb: Workbench, period: str, scheme_id: str, figures: Sequence[AppraisalFigures]) -> Appraisal:
    """公示: fix the results and open the days in which units may appeal. Raises NotAllowed when that was done."""
    draft = draft_of(wb, period, scheme_id)
    if draft.state != "draft":
        raise NotAllowed(f"{draft.period} 的考核已经公示；有异议请走申诉")
    scheme = appraisal_scheme(wb, *draft.scheme)
    known = {one.unit for one in figures}
    left = dict.fromkeys(one.unit for one in draft.entries if not one.withdrawn and one.unit not in known)
    if left:
        raise InputError(Fault("登记过加减分的机构没有考核数据", value=unit) for unit in left)
    scores = appraise_all(scheme, [draft.entered(one) for one in figures], wb.settings.policies.coverage.total)
    if not scores:
        raise InputError("没有可公示的机构")
    start = wb.today
    until = start + timedelta(days=scheme.appeal_days)
    step = {"state": "published", "revision": draft.revision + 1, "published_on": start, "appeals_until": until}
    return keep_appraisal(wb, "appraisal.make", replace(draft, **step, figures=tuple(figures), scores=scores))


def draft_of(wb: Workbench, period: str, scheme_id: str) -> Appraisal:
    """Return the appraisal as it stands, or an empty one that was not kept yet. Raises InputError on another scheme."""
    code = Period.parse(period).code
    found = find_appraisal(wb, code)
    if found is None:
        scheme = appraisal_scheme(wb, scheme_id)
        return Appraisal(
            period=code,
            scheme=(scheme.id, scheme.version),
            state="draft",
            revision=0,
            published_on=None,
            appeals_until=None,
            figures=(),
            scores={},
        )
    if found.state == "draft" and found.scheme[0] != scheme_id:
        raise InputError(Fault(f"{code} 的加减分是按另一个方案登记的", value=scheme_id, allowed=found.scheme[0]))
    return found


def appeal(
    wb: Workbench,
    period: str,
    unit: str,
    grounds: str,
    evidence: Sequence[str] = (),
    files: Sequence[tuple[str, bytes]] = (),
) -> Appraisal:
    """申诉 of a unit against its result, within the days of 公示, with grounds and files (name, content).

    Raises InputError without grounds, for a unit that is not appraised or a file that is not taken, NotAllowed when it
    is too late or one waits.
    """
    found = _open(wb, period)
    for name, data in files:
        refuse_file(name, data)
    faults = []
    if unit not in found.scores:
        faults.append(Fault("考核里没有这个机构", value=unit))
    if not grounds.strip():
        faults.append(Fault("申诉须写明理由"))
    if faults:
        raise InputError(faults)
    if found.appeals_until and wb.today > found.appeals_until:
        raise NotAllowed(f"申诉已于 {found.appeals_until} 截止")
    if any(one.unit == unit for one in found.open_appeals()):
        raise NotAllowed(f"机构 {unit} 已有一件申诉待处理")
    names = tuple(dict.fromkeys((*evidence, *(name for name, _ in files))))
    made = AppraisalAppeal(unit=unit, grounds=grounds.strip(), evidence=names, by=wb.actor.name, day=wb.today)
    step = replace(found, revision=found.revision + 1, appeals=(*found.appeals, made))
    kept = keep_appraisal(wb, "appraisal.appeal", step, unit)
    for name, data in files:
        attach_file(wb, _appeal_subject(kept, len(kept.appeals)), name, data)
    return kept


def appeal_number(found: Appraisal, place: int) -> str:
    """Return what the files of an appeal hang on: its period and its place in the appraisal, from 1."""
    return f"{found.period}:{place}"


def _appeal_subject(found: Appraisal, place: int) -> EvidenceSubject:
    return EvidenceSubject(
        about="appraisal", id=appeal_number(found, place), unit=found.appeals[place - 1].unit, verb="appraisal.appeal"
    )


def decide_appeal(
    wb: Workbench, period: str, unit: str, accepted: bool, reason: str, figures: AppraisalFigures | None = None
) -> Appraisal:
    """Decide the unit's open appeal; an accepted one needs the figures put right. Whoever appealed never decides.

    Raises InputError without an open appeal, a reason or the figures of an accepted one, NotAllowed for its author.
    """
    found = _open(wb, period)
    wb.look("appraisal.decide")
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
    if is_actor(wb, Actor(name=waiting.by)):
        raise NotAllowed(f"{wb.actor.name} 提出了申诉，不能处理自己的申诉")
    said = replace(waiting, accepted=accepted, reason=reason.strip(), decided_by=wb.actor.name)
    appeals = tuple(said if one is waiting else one for one in found.appeals)
    changed = replace(found, revision=found.revision + 1, appeals=appeals)
    if accepted and figures is not None:
        scheme = appraisal_scheme(wb, *found.scheme)
        every = tuple(figures if one.unit == unit else one for one in found.figures)
        score = appraise(scheme, found.entered(figures), wb.settings.policies.coverage.total)
        changed = replace(changed, figures=every, scores={**found.scores, unit: score})
    return keep_appraisal(wb, "appraisal.decide", changed)


def finalise(wb: Workbench, period: str) -> Appraisal:
    """定稿: after the days of 公示, with every appeal decided. Raises NotAllowed before."""
    found = _open(wb, period)
    waiting = [one.unit for one in found.open_appeals()]
    if waiting:
        raise NotAllowed(f"还有申诉没有处理：{'、'.join(waiting)}")
    if found.appeals_until and wb.today <= found.appeals_until:
        raise NotAllowed(f"公示至 {found.appeals_until}，期满后才能定稿")
    return keep_appraisal(wb, "appraisal.finalise", replace(found, revision=found.revision + 1, state="final"))


def keep_appraisal(wb: Workbench, verb: str, made: Appraisal, unit: str = "") -> Appraisal:
    """Keep a step as the next version, where `verb` is allowed: two people at once cannot both take it."""
    made = masked(made)
    with wb.writing(verb, unit) as tx:
        tx.publish(APPRAISAL_KIND, made.period, str(made.revision), canonical_json(to_plain(made)))
    return made
