"""抽样检查表: one row a drawn record, out as Excel to be filled, and back; what came back is held against the draw."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.features.samples.evaluating import outcome_code
from xiaobao.features.samples.populations import number_of
from xiaobao.features.samples.sample import METHODS, OUTCOMES, DrawnSample, RecordResult
from xiaobao.model import Actor
from xiaobao.workbook.book import Book, SheetCell, SheetColumn

_SHEET = "样本"
_ANSWERS = ("结果", "不符情形", "审定金额", "说明")
_ROWS = 100_000


def write_sheets(sample: DrawnSample, path: Path, *, author: str, day: date) -> None:
    """Write the drawn records with room for results; 结果 is chosen from a list."""
    heads = [head for head in sample.population.heads if head != sample.population.key]
    columns = [
        SheetColumn(title="序号", width=6),
        SheetColumn(title="编号", width=20),
        *(SheetColumn(title=head, width=max(10, min(24, 2 * len(head) + 2))) for head in heads),
        SheetColumn(title="结果", width=8, answer=True),
        SheetColumn(title="不符情形", width=24, answer=True),
        SheetColumn(title="审定金额", width=14, answer=True),
        SheetColumn(title="说明", width=30, answer=True),
        SheetColumn(title="版次", width=6, hidden=True),
    ]
    design = sample.design
    of = f"{sample.population.source}，{sample.population.count} 笔"
    above = (
        f"抽样检查表 {sample.number}　{sample.title}",
        f"总体：{of}；方法：{METHODS[design.method]}，种子 {design.seed}，样本 {len(sample.drawn)} 笔",
        f"样本摘要：{sample.digest}",
        "逐笔填“结果”（符合、不符）；不符的写明不符情形；有金额差异的填审定金额。不要改动编号。",
    )
    rows: list[list[SheetCell]] = []
    for place, one in enumerate(sample.drawn, 1):
        said = sample.tested.get(one.record)
        rows.append(
            [
                place,
                one.record,
                *(one.facts.get(head, "") for head in heads),
                OUTCOMES[said.outcome] if said else None,
                said.kind if said else None,
                f"{said.audited:f}" if said and said.audited is not None else None,
                said.note if said else None,
                said.revision if said else 0,
            ]
        )
    with Book(path, above[0], author, day) as book:
        sheet, head, count = book.table(_SHEET, columns, rows, above=above, freeze=2)
        at = len(columns) - 5
        choice = {"validate": "list", "source": list(OUTCOMES.values()), "error_message": "请从列表选择结果"}
        sheet.data_validation(head + 1, at, head + count, at, choice)


def read_sheets(sample: DrawnSample, path: Path) -> dict[str, RecordResult]:
    """Return the results that differ from those kept. Raises InputError with every fault by row and column."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    sheets = [one for one in read_workbook(path, _ROWS).sheets if one.name == _SHEET]
    if not sheets:
        raise InputError(Fault("没有“样本”工作表", file=path.name, allowed="用 xiaobao sample export 导出的表"))
    lines = sheets[0].rows
    if not any(f"样本摘要：{sample.digest}" in cells for _, cells in lines[:6]):
        raise InputError(Fault("不是这个抽样的检查表，或样本摘要被改动", file=path.name, item=sample.number))
    at = next((place for place, (_, cells) in enumerate(lines) if "编号" in cells and "结果" in cells), None)
    if at is None:
        raise InputError(Fault("找不到表头", file=path.name, sheet=_SHEET, allowed="编号、结果"))
    heads = lines[at][1]
    missing = [name for name in (*_ANSWERS, "版次") if name not in heads]
    if missing:
        raise InputError(Fault("缺少列", file=path.name, sheet=_SHEET, value="、".join(missing)))
    rows = [(row, dict(zip(heads, cells, strict=False))) for row, cells in lines[at + 1 :] if any(cells)]
    found, faults = {}, list(_strange(sample, rows, path.name))
    for row, cells in rows:
        try:
            if (made := _read(sample, cells)) is not None:
                found[made.record] = made
        except InputError as error:
            faults += [
                Fault(one.message, file=path.name, sheet=_SHEET, row=row, column=one.column, value=one.value)
                for one in error.faults
            ]
    if faults:
        raise InputError(faults)
    return found


def _strange(sample: DrawnSample, rows: list[tuple[int, dict[str, str]]], file: str) -> Iterator[Fault]:
    drawn, seen = {one.record for one in sample.drawn}, set()
    for row, cells in rows:
        name = cells.get("编号", "").strip()
        if name not in drawn:
            yield Fault("没有抽到这一笔", file=file, sheet=_SHEET, row=row, column="编号", value=name)
        if name in seen:
            yield Fault("编号重复", file=file, sheet=_SHEET, row=row, column="编号", value=name)
        seen.add(name)
    for name in sorted(drawn - seen):
        yield Fault("少了抽到的一笔", file=file, sheet=_SHEET, item=name)


def _read(sample: DrawnSample, cells: dict[str, str]) -> RecordResult | None:
    """Return a row's result, None where nothing was written or it is what is kept."""
    name = cells.get("编号", "").strip()
    try:
        outcome = outcome_code(cells.get("结果", ""))
    except InputError as error:
        raise InputError(Fault(one.message, column="结果", value=one.value) for one in error.faults) from error
    kind, note, money = (cells.get(head, "").strip() for head in ("不符情形", "说明", "审定金额"))
    before = sample.tested.get(name)
    if not outcome:
        if kind or note or money:
            raise InputError(Fault("没有写结果", column="结果"))
        return None
    audited: Decimal | None = number_of(money) if money else None
    if money and audited is None:
        raise InputError(Fault("金额不是数字", column="审定金额", value=money))
    if outcome == "exception" and not kind and not note:
        raise InputError(Fault("不符的样本须写明不符情形", column="不符情形"))
    if before and (before.outcome, before.kind, before.note, before.audited) == (outcome, kind, note, audited):
        return None
    seen = number_of(cells.get("版次", "0")) or Decimal(0)
    if int(seen) != (before.revision if before else 0):
        raise InputError(Fault("这一笔在导出之后已被他人更新，请重新导出", column="结果"))
    return RecordResult(
        record=name, outcome=outcome, kind=kind, note=note, audited=audited, by=Actor(name=""), revision=int(seen)
    )
