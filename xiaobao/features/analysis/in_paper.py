"""The bench in the kernel of a work paper: the same functions, over the unit's frozen inputs and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from xiaobao.checks.confined import Function
from xiaobao.datasets.catalogue import CATALOGUE, Dataset
from xiaobao.datasets.partitions import read_columns
from xiaobao.datasets.shown import titles_of
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.analysis.shown import EXACT, OVERVIEW, headed, one_or_more, read_shown, recorded_frame, spec_of
from xiaobao.features.analysis.trials import Trial, function_of, tried_frame
from xiaobao.model import Extract, Period
from xiaobao.paper.from_frozen import frozen_inputs
from xiaobao.paper.frozen import FrozenTables

Asked = str | Sequence[str]


def datasets(*, period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """列出本机构本期有哪些数据、各有多少记录。列同分析台的 xb.datasets。"""
    frozen = _asked("", period)
    held = {extract.dataset: extract for extract in frozen.extracts}
    lines = [
        {"dataset": one.name, "title": one.title, "period": frozen.period, "units": int(bool(rows)), "rows": rows}
        for one in CATALOGUE
        if one.name in held
        for rows in [_count(one, held[one.name], frozen)]
    ]
    frame = pd.DataFrame(lines, columns=list(OVERVIEW)).astype({"units": "Int64", "rows": "Int64"})
    return headed(frame.assign(note=""), OVERVIEW, headings)


def table(
    dataset: str, *, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = ""
) -> pd.DataFrame:
    """取本机构本期一个数据集的记录。写法同分析台的 xb.table；写了别的机构或期间时报 InputError。"""
    frozen, spec = _asked(unit, period), spec_of(dataset)
    return headed(_reader(frozen, spec)(), titles_of(spec), headings)


def try_check(
    fn: Function | str,
    dataset: str,
    *,
    unit: Asked = "",
    period: Asked = "",
    headings: str = "中文",
    workspace: str = "",
) -> pd.DataFrame:
    """在本机构的表上试算一条检查。写法和列同分析台的 xb.try_check。"""
    asked, frozen, spec = function_of(fn), _asked(unit, period), spec_of(dataset)
    one = Trial(period=frozen.period, unit=frozen.unit.id, name=frozen.unit.name, read=_reader(frozen, spec))
    return tried_frame(asked, spec, [one], headings)


def scores(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取本机构本批次的得分。列同分析台的 xb.scores。"""
    return _recorded("scores", unit, period, headings)


def findings(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取本机构本批次的检查发现。列同分析台的 xb.findings。"""
    return _recorded("findings", unit, period, headings)


def answers(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取本机构本批次填报的检查结论。列同分析台的 xb.answers。"""
    return _recorded("answers", unit, period, headings)


def leads(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取本机构本批次的疑点及其核实、认定。列同分析台的 xb.leads。"""
    return _recorded("leads", unit, period, headings)


class Picked:
    """底稿里的选数：只有本机构、本期，没有下拉框。"""

    def __init__(self, dataset: str, unit: str, period: str) -> None:
        self.dataset, self.unit, self.period = dataset, unit, period

    def table(self, headings: str = "中文") -> pd.DataFrame:
        """取出选中的表，同 xb.table。"""
        return table(self.dataset, headings=headings)

    def __repr__(self) -> str:
        return f"<选数：数据集 {spec_of(self.dataset).title}，机构 {self.unit}，检查期间 {self.period}>"


def pick(*, dataset: str = "", unit: str = "", period: str = "", workspace: str = "") -> Picked:
    """在底稿里没有下拉框：返回参数写明的数据集，机构和期间是本底稿的。"""
    frozen = _asked(unit, period)
    name = spec_of(dataset).name if dataset else next(iter(frozen.extracts)).dataset
    return Picked(name, frozen.unit.id, frozen.period)


@cache
def _frozen() -> FrozenTables:
    frozen = frozen_inputs()
    if not isinstance(frozen, FrozenTables):
        raise InputError("检查底稿和得分表里不能取数：请写一本自己的笔记本，在批次里指定为底稿")
    return frozen


def _asked(unit: Asked, period: Asked) -> FrozenTables:
    """Return the inputs. Raises InputError naming every other unit and period that is asked for."""
    frozen = _frozen()
    units, periods = one_or_more(unit=unit), one_or_more(period=period)
    faults = [
        Fault("底稿里只有本机构的数据", value=one, allowed=frozen.unit.id) for one in units if one != frozen.unit.id
    ]
    own = frozen.period
    faults += [Fault("底稿里只有本期的数据", value=one, allowed=own) for one in periods if _code(one) != own]
    if faults:
        raise InputError(faults)
    return frozen


def _code(period: str) -> str:
    return Period.parse(period.partition("/")[0]).code


def _reader(frozen: FrozenTables, spec: Dataset) -> Callable[[], pd.DataFrame]:
    """Return what reads the unit's rows of a dataset under code names. Raises InputError, NotAllowed."""
    if not spec.unit:
        raise NotAllowed(Fault("全行参考数据，只供可以查看全行数据的人员使用", value=spec.title))
    for extract in frozen.extracts:
        if extract.dataset == spec.name:
            return partial(_rows, Path(frozen.root), spec, extract, frozen.unit.id)
    raise InputError(Fault(f"{frozen.period} 没有导入这份数据", value=f"{spec.name}（{spec.title}）"))


def _rows(root: Path, spec: Dataset, extract: Extract, unit: str) -> pd.DataFrame:
    frame = read_shown(root, spec, extract)
    return frame[frame[spec.unit] == unit].reset_index(drop=True)


def _count(spec: Dataset, extract: Extract, frozen: FrozenTables) -> int:
    if not spec.whole:
        return extract.rows
    owners = read_columns(Path(frozen.root) / extract.path, extract.sha256, [spec.unit])[spec.unit]
    return int((owners == frozen.unit.id).sum())


def _recorded(name: str, unit: Asked, period: Asked, headings: str) -> pd.DataFrame:
    lines = _asked(unit, period).records.get(name, ())
    return recorded_frame(name, map(_exact, lines), headings)


def _exact(line: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line as it was before it was frozen: figures exact again."""
    return {key: Decimal(value) if key in EXACT and value is not None else value for key, value in line.items()}
