"""What a unit may read of its appraisal: its result, what each part lost and why, bonuses, appeals. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme
from xiaobao.errors import Fault, InputError
from xiaobao.features.appraisal.appraising import part_scores
from xiaobao.features.appraisal.verbs import Appraisal, AppraisalAppeal, Entry
from xiaobao.model import Value
from xiaobao.numbers import half_up, plain
from xiaobao.scoring.coverage import value_words
from xiaobao.workbench.workspace import Workbench

APPEAL_WORDS = {None: "待处理", True: "成立", False: "不成立"}


class PartLine(Value):
    """One part of a unit's appraisal: its weight, what it earned and lost of that, and from which counts."""

    title: str
    weight: str
    earned: str
    lost: str
    said: str


class UnitResult(Value):
    """The appraisal of one unit as it stands; `appeals` with their place among all, from 1."""

    unit: str
    score: str
    grade: str
    parts: tuple[PartLine, ...]
    entries: tuple[Entry, ...]
    appeals: tuple[tuple[int, AppraisalAppeal], ...]

    @property
    def waiting(self) -> AppraisalAppeal | None:
        """The appeal that nobody has decided."""
        return next((one for _, one in self.appeals if one.accepted is None), None)


def scheme_of(wb: Workbench, found: Appraisal) -> Scheme:
    """Return the scheme that an appraisal was computed by, also one that was replaced since."""
    return from_canonical(wb.store.published("scheme", *found.scheme).content, Scheme)


def unit_results(wb: Workbench, found: Appraisal) -> tuple[UnitResult, ...]:
    """Return the units of an appraisal in its order, parts that lost most first. Rights are the caller's."""
    scheme = scheme_of(wb, found)
    places = list(enumerate(found.appeals, 1))
    labels = {one.id: one.label for one in scheme.grades}
    results = []
    for figures in found.figures:
        score = found.scores[figures.unit]
        said = {name: one.said for name, one in part_scores(scheme, found.entered(figures)).items()}
        results.append(
            UnitResult(
                unit=figures.unit,
                score=value_words(score) + (found.marks.get(figures.unit, "") if score.value is not None else ""),
                grade=labels.get(score.grade, score.grade) if score.grade else "",
                parts=tuple(
                    PartLine(
                        title=line.title,
                        weight=plain(line.nominal),
                        earned=plain(half_up(line.earned)) if line.possible else "—",
                        lost=plain(half_up(line.deducted)) if line.possible else "—",
                        said=said.get(line.node_id, "") or line.explanation,
                    )
                    for line in sorted(score.trace, key=lambda line: -line.deducted)
                    if line.kind == "domain"
                ),
                entries=tuple(one for one in found.entries if one.unit == figures.unit),
                appeals=tuple((place, one) for place, one in places if one.unit == figures.unit),
            )
        )
    return tuple(results)


def unit_result(results: Sequence[UnitResult], unit: str) -> UnitResult:
    """Return one unit's result. Raises InputError where the appraisal has none that whoever asks may see."""
    for one in results:
        if one.unit == unit:
            return one
    raise InputError(Fault("考核里没有这个机构", value=unit))
