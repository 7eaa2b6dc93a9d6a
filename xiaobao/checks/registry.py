"""The registry of data checks: a check is a function with an id; YAML names the id, a bank's own code may add more.

A check gets one unit's partitions and returns who could have failed and who did. It never judges: hits become
leads. Who calls it: `run_check`, from a work paper, from `leads raise` and from tests.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from xiaobao.checks.bases import Basis
from xiaobao.model import CheckResult, CheckStatus, Lead, Period, Unit, Value
from xiaobao.personal import mask
from xiaobao.policies import Policies

if TYPE_CHECKING:
    import pandas as pd


class CheckContext(Value):
    """Whom and when a check looks at. `as_of` is the day open cases are judged on, never the wall clock."""

    unit: Unit
    period: Period
    as_of: date
    policies: Policies


class Hits(Value):
    """What a check saw. `rows` are records of the extract, one a hit; `reasons` says why, one text a row.

    `population` counts the rows that the rule applied to. `figures` are rates for scoring rule (j). `no_data` says
    that the extract is there but lacks the column to judge by: the check ends as no_data, never as clear.
    `unjudged` rows lacked what it takes to judge them; `judged` are the index labels of the population.
    """

    population: int
    rows: Sequence[Mapping[str, Any]]
    reasons: Sequence[str]
    figures: Mapping[str, Decimal] = {}
    note: str = ""
    no_data: bool = False
    unjudged: int = 0
    judged: Any = None


class Outside(Value):
    """Rows of the population that were left out, as (reason with {n}, number): not governed, and not to be judged."""

    reasons: tuple[tuple[str, int], ...] = ()
    unjudged: tuple[tuple[str, int], ...] = ()

    def notes(self) -> tuple[str, ...]:
        """Return each reason with its number, those that could not be judged first: a reader has to act on these."""
        return tuple(reason.format(n=number) for reason, number in (*self.unjudged, *self.reasons))


CheckFunction = Callable[[Mapping[str, "pd.DataFrame"], CheckContext], Hits]


class CheckFailed(Exception):
    """A check could not be run; the message says in words why, and is all that is shown."""


class Check(Value):
    """`shown` columns travel with the lead (business keys and facts, no personal data); `needs` are the datasets.

    `citations` are (document, article) keys of regulations.yaml. `tolerance` hits are allowed before leads are raised.
    `relies_on` are optional columns of the first dataset: one that was never delivered makes the check no_data.
    `bases` declare for each citation whom it binds, on what and but for what; rows outside are left out by `run_check`.
    `practice` says what is the bank's own rule and not the article's. `borne_by` is the column that names the unit
    which bears the duty, where that is not the unit the row belongs to. `fault` says why it must not run at all.
    """

    id: str
    title: str
    domain: str
    needs: tuple[str, ...]
    key: str
    shown: tuple[str, ...]
    citations: tuple[tuple[str, str], ...]
    population: str
    function: CheckFunction
    day: str = ""
    businesses: tuple[str, ...] = ()
    look_back: str = ""
    tolerance: int = 0
    relies_on: tuple[str, ...] = ()
    bases: tuple[Basis, ...] = ()
    borne_by: str = ""
    practice: str = ""
    fault: str = ""


# Modules of this room that hold the shipped checks, each of the domain that it is named after.
_SHIPPED = (
    "complaints",
    "departments",
    "disclosure",
    "education",
    "emergencies",
    "information_security",
    "partners",
    "product_review",
    "records",
    "special_groups",
    "suitability",
)


class _Registry(MutableMapping[str, Check]):
    """Checks by id. A domain's modules load when one of its checks is asked for: a paper pays for its own alone."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}

    def __getitem__(self, name: str) -> Check:
        domain = name.partition(".")[0]
        if name not in self._checks and domain in _SHIPPED:
            import_module(f"xiaobao.checks.{domain}")
        return self._checks[name]

    def __iter__(self) -> Iterator[str]:
        for domain in _SHIPPED:
            import_module(f"xiaobao.checks.{domain}")
        return iter(sorted(self._checks))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __setitem__(self, name: str, check: Check) -> None:
        self._checks[name] = check

    def __delitem__(self, name: str) -> None:
        del self._checks[name]

    def registered(self, name: str) -> bool:
        """Tell whether a check has this id by now. Loads nothing."""
        return name in self._checks


REGISTRY = _Registry()
_NOTES, _LIGHT, _ABSENT = "_xiaobao_notes", "_xiaobao_light", "absent"
OWN = "own"  # the domain of the bank's own checks
BORNE = ".borne"  # beside a dataset's name: rows of other units whose duty this unit bears


def check(
    id: str,
    title: str,
    *,
    needs: Sequence[str],
    key: str,
    shown: Sequence[str],
    population: str,
    bases: Sequence[Basis] = (),
    citations: Sequence[tuple[str, str]] = (),
    day: str = "",
    businesses: Sequence[str] = (),
    look_back: str = "",
    tolerance: int = 0,
    relies_on: Sequence[str] = (),
    borne_by: str = "",
    practice: str = "",
) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check. The domain is the id's first part. Raises ValueError on an id taken already.

    Shipped checks declare `bases`, which are their citations; a bank's own may name bare `citations`.
    """

    def register(function: CheckFunction) -> CheckFunction:
        if REGISTRY.registered(id):
            raise ValueError(f"check {id!r} is registered twice")
        REGISTRY[id] = Check(
            id=id,
            title=title,
            domain=id.split(".")[0],
            needs=tuple(needs),
            key=key,
            shown=tuple(shown),
            citations=tuple(citations) or tuple((one.document, one.article) for one in bases),
            population=population,
            function=function,
            day=day,
            businesses=tuple(businesses),
            look_back=look_back,
            tolerance=tolerance,
            relies_on=tuple(relies_on),
            bases=tuple(bases),
            borne_by=borne_by,
            practice=practice,
        )
        return function

    return register


def lead_id(check_id: str, unit: str, period: str, key: str) -> str:
    """Return the stable id of a lead: the same record hit again is the same lead, with its history."""
    return "L" + hashlib.sha256(f"{check_id}\x1f{unit}\x1f{period}\x1f{key}".encode()).hexdigest()[:15]


def run_check(
    name: str, item_id: str, extracts: Mapping[str, pd.DataFrame | None], context: CheckContext
) -> CheckResult:
    """Run one shipped check. A missing extract is no_data, a business not run is not_applicable, a crash is error."""
    return run_one(REGISTRY[name], item_id, extracts, context)


def run_one(
    check: Check, item_id: str, extracts: Mapping[str, pd.DataFrame | None], context: CheckContext
) -> CheckResult:
    """Run one check, shipped or the bank's own. The result of an own one bears its title: no registry knows it."""
    ended = partial(CheckResult, check_id=check.id, title=check.title if check.domain == OWN else "")
    if context.unit.runs_none_of(check.businesses):
        return ended(status=CheckStatus.NOT_APPLICABLE, note="未开办：" + "、".join(check.businesses))
    if check.fault:
        return ended(status=CheckStatus.ERROR, note=mask(check.fault))
    frames = {need: extracts.get(need) for need in check.needs}
    absent = [need for need, frame in frames.items() if frame is None]
    if absent:
        return ended(status=CheckStatus.NO_DATA, note="缺少数据：" + "、".join(absent))
    if undelivered := _undelivered(check, frames[check.needs[0]]):
        return ended(status=CheckStatus.NO_DATA, note="数据缺少列：" + "、".join(undelivered))
    try:
        seen, division = _look(check, frames, extracts.get(check.needs[0] + BORNE), context)
        leads = _leads(check, item_id, seen, frames[check.needs[0]], context)
    except CheckFailed as failed:
        return ended(status=CheckStatus.ERROR, note=mask(str(failed)))
    except Exception as error:  # noqa: BLE001 - one broken rule must not take the work paper with it
        return ended(status=CheckStatus.ERROR, note=mask(f"检查程序出错：{type(error).__name__}: {error}"))
    unjudged = seen.unjudged + sum(number for _, number in division.unjudged)
    note = "；".join(part for part in (seen.note, *division.notes()) if part)
    if seen.no_data or (division.unjudged and not seen.population):
        return ended(status=CheckStatus.NO_DATA, note=note, unjudged=unjudged)
    leads_raised = leads if len(leads) > check.tolerance else ()
    return ended(
        status=CheckStatus.LEADS if leads_raised else CheckStatus.CLEAR,
        population=seen.population,
        hits=len(leads),
        leads=leads_raised,
        figures=dict(seen.figures),
        note=note,
        unjudged=unjudged,
    )


def _look(
    check: Check, frames: Mapping[str, pd.DataFrame | None], borne: pd.DataFrame | None, context: CheckContext
) -> tuple[Hits, Outside]:
    """Run the check on the rows that its articles govern and this unit answers for; count the others by reason.

    The others are looked at too, only to count those of the check's population among them.
    """
    from xiaobao.checks.governing import divide, gathered

    light = {need: _light(frame) for need, frame in frames.items() if frame is not None}
    first = gathered(light[check.needs[0]], borne) if check.borne_by else light[check.needs[0]]
    titles = _titles(frames[check.needs[0]])
    division = divide(first, check.bases, check.day, titles, check.borne_by, context.unit.id)
    if division.whole:
        return check.function({**light, check.needs[0]: first}, context), Outside()
    seen = Hits(population=0, rows=(), reasons=())
    if division.judged.any():
        seen = check.function({**light, check.needs[0]: _rows(first, division.judged)}, context)
    rest = ~division.judged
    aside = check.function({**light, check.needs[0]: _rows(first, rest)}, context)
    wanted = first.index.isin(aside.judged) & rest if aside.judged is not None else rest
    return seen, Outside(reasons=division.counted(wanted), unjudged=division.counted(wanted, unjudged=True))


def _rows(frame: pd.DataFrame, mask: Any) -> pd.DataFrame:
    """Return the rows of a mask: checks that govern the same rows share one frame."""
    kept = noted(frame)
    key = ("rows", mask.tobytes())
    if kept is not None and key in kept:
        found: pd.DataFrame = kept[key]
        return found
    part = with_notes(frame[mask], missing_columns(frame))
    if kept is not None:
        kept[key] = part
    return part


def with_notes(frame: pd.DataFrame, absent: Sequence[str] | None = None) -> pd.DataFrame:
    """Let a frame remember what was read from it, and which columns no file held. No check may change it in place.

    pandas copies attrs deeply at each step, dearer than a check: the frame has none.
    """
    frame.attrs = {}
    object.__setattr__(frame, _NOTES, {_ABSENT: absent})
    return frame


def missing_columns(frame: pd.DataFrame) -> Sequence[str] | None:
    """Return the columns of a partition, or of what a check was given of it, that no file held; None: not known."""
    notes = noted(frame)
    absent: Sequence[str] | None = frame.attrs.get(_ABSENT) if notes is None else notes[_ABSENT]
    return absent


def noted(frame: pd.DataFrame) -> dict[object, Any] | None:
    """Return what a frame remembers, None for one that remembers nothing."""
    notes: dict[object, Any] | None = frame.__dict__.get(_NOTES)
    return notes


def _titles(frame: pd.DataFrame | None) -> Mapping[str, str]:
    titles: Mapping[str, str] = frame.attrs.get("titles", {}) if frame is not None else {}
    return titles


def _light(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame without attrs, one for all checks of a paper."""
    light: pd.DataFrame | None = frame.__dict__.get(_LIGHT)
    if light is None:
        light = with_notes(frame.copy(deep=False), frame.attrs.get(_ABSENT))
        object.__setattr__(frame, _LIGHT, light)
    return light


def _undelivered(check: Check, frame: pd.DataFrame | None) -> list[str]:
    """Return the titles of columns that the check relies on and no file held."""
    if frame is None:
        return []
    titles, absent = frame.attrs.get("titles", {}), frame.attrs.get("absent", ())
    return [titles.get(name, name) for name in check.relies_on if name in absent]


def _leads(
    check: Check, item_id: str, seen: Hits, frame: pd.DataFrame | None, context: CheckContext
) -> tuple[Lead, ...]:
    if not seen.rows:
        return ()
    from xiaobao.checks.governing import applying, basis_words, proof_wanted

    titles = _titles(frame)
    absent = frame.attrs.get("absent", ()) if frame is not None else ()
    said = [check.practice] if check.practice else []
    said += [f"{basis.name}条文没有核实，只作建议" for basis in check.bases if basis.unverified]
    proof = "".join(f"（{words}）" for words in said) + proof_wanted(check.bases, absent, titles)
    leads = []
    for row, reason in zip(seen.rows, seen.reasons, strict=True):
        key = str(row[check.key])
        record = {titles.get(name, name): _text(row[name]) for name in (check.key, *check.shown)}
        named = basis_words(check.bases, applying(row, check.bases, check.day), context.period.start)
        moment = row.get(check.day) if check.day else None
        day = moment.date() if isinstance(moment, datetime) and moment == moment else None
        leads.append(
            Lead(
                id=lead_id(check.id, context.unit.id, context.period.code, key),
                check_id=check.id,
                item_id=item_id,
                unit=context.unit.id,
                period=context.period.code,
                summary=reason + named + proof,
                record=record,
                business_date=day,
            )
        )
    return tuple(sorted(leads, key=lambda lead: lead.id))


def _text(value: object) -> str:
    """Return a cell as text: no value is empty, a flag is 是 or 否, a day without a time of day shows as a day."""
    if value is None or value != value:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    text = str(value)
    return text.removesuffix(" 00:00:00")
