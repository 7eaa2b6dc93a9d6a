"""考核结果确认（申诉）表 of one unit: its values for the template, written, read back, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xiaobao.errors import XiaobaoError
from xiaobao.features.appraisal.results import APPEAL_WORDS, UnitResult, scheme_of, unit_result, unit_results
from xiaobao.features.appraisal.verbs import APPRAISAL_STATES, Appraisal, made_public
from xiaobao.labels import written_day
from xiaobao.model import Period
from xiaobao.numbers import show
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition, template
from xiaobao.word import PrintedLine, read_back
from xiaobao.word.rendering import printed_tables, render_template
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.workspace import Workbench

TITLE = "考核结果确认（申诉）表"
CONFIRMATION = "appraisal-confirmation.docx"
PARTS = {"title": "考核内容", "weight": "权重", "earned": "得分", "lost": "扣分", "said": "情况"}
ENTRIES = {"day": "日期", "points": "加减分", "what": "事由", "evidence": "佐证材料"}


def publish_confirmation(wb: Workbench, period: str, unit: str, path: Path | None = None) -> Path:
    """Write the paper (.docx) on which a unit confirms its result or objects, and record it.

    The unit itself may, and head office. Raises InputError before 公示 or for a unit that is not appraised.
    """
    found = made_public(wb, period)
    verb = "appraisal.appeal" if not wb.may("appraisal.appeal", unit) else "appraisal.make"
    wb.look(verb, unit if verb == "appraisal.appeal" else "")
    one = unit_result(unit_results(wb, found), unit)
    folder = wb.home / "reports" / found.period / unit
    place = free(path, ".docx") if path else next_edition(folder / f"{TITLE}.docx")

    def write(target: Path) -> None:
        printed = _write(wb, found, one, target)
        if faults := read_back(target, printed):
            raise XiaobaoError(faults)
        compare_figures(expected_cells(one), read_cells(target), place.name)

    issue_files(wb, verb, FileToIssue(write=write, path=place, what=f"{TITLE} {unit}"), unit=unit)
    return place


def _write(wb: Workbench, found: Appraisal, one: UnitResult, target: Path) -> tuple[PrintedLine, ...]:
    units = known_units(wb)
    name = units[one.unit].name if one.unit in units else one.unit
    values = {
        "bank": wb.settings.bank,
        "unit": one.unit,
        "unit_name": name,
        "start": written_day(Period.parse(found.period).start),
        "end": written_day(Period.parse(found.period).end),
        "scheme": scheme_of(wb, found).title,
        "total": one.score,
        "grade": one.grade or "—",
        "state": APPRAISAL_STATES[found.state],
        "until": written_day(found.appeals_until) if found.appeals_until else "—",
        "day": written_day(wb.today),
        "appeals": [
            {
                "said": f"{appeal.by}{f'（{written_day(appeal.day)}）' if appeal.day else ''}：{appeal.grounds}",
                "evidence": "、".join(appeal.evidence) or "无",
                "decided": APPEAL_WORDS[appeal.accepted]
                + (f"（{appeal.decided_by}）：{appeal.reason}" if appeal.accepted is not None else ""),
            }
            for _, appeal in one.appeals
        ],
        **_tables(one),
    }
    return render_template(values, template(wb, CONFIRMATION), target, f"{TITLE}（{name}）", wb.settings.bank)


def _tables(one: UnitResult) -> dict[str, list[dict[str, str]]]:
    return {
        "parts": [{key: getattr(line, key) for key in PARTS} for line in one.parts],
        "entries": [
            {
                "day": entry.entry.day.isoformat() if entry.entry.day else "",
                "points": show(entry.entry.points),
                "what": entry.entry.what,
                "evidence": "、".join(entry.entry.evidence),
            }
            for entry in one.entries
            if not entry.withdrawn
        ],
    }


def expected_cells(one: UnitResult) -> dict[str, str]:
    """Return what the tables of the paper must show, “table row column” → cell."""
    return {
        f"{name} {place} {head}": row[key].strip()
        for name, heads in (("parts", PARTS), ("entries", ENTRIES))
        for place, row in enumerate(_tables(one)[name], 1)
        for key, head in heads.items()
    }


def read_cells(path: Path) -> Mapping[str, str]:
    """Read the tables of the paper back; `expected_cells` gives the same from the result."""
    wanted = {tuple(PARTS.values()): "parts", tuple(ENTRIES.values()): "entries"}
    return {
        f"{wanted[tuple(heads)]} {place} {head}": cell.strip()
        for heads, *rows in printed_tables(path)
        if tuple(heads) in wanted
        for place, row in enumerate(rows, 1)
        for head, cell in zip(heads, row, strict=True)
    }
