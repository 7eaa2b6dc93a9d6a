"""How a notebook opens what it shows in a batch: from its frozen inputs alone, and with parameters that are its own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.model import Period
from xiaobao.paper.frozen import INPUT_VARIABLE, Frozen, FrozenPaper, read_frozen
from xiaobao.paper.work_paper import WorkPaper, compute


def given_inputs(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the input file of this kernel, None where a person opened the notebook."""
    path = environment.get(INPUT_VARIABLE)
    return Path(path) if path else None


def open_paper(domain: str, *, unit: str, period: str, workspace: str = "", as_of: str = "") -> WorkPaper:
    """打开一个机构、期间、检查域的检查底稿；找不到时报 InputError，不能查看时报 NotAllowed。"""
    refuse_numbers(unit=unit, period=period)
    return paper_from(frozen_inputs(), domain, unit, period, as_of)


def paper_from(frozen: Frozen, domain: str, unit: str, period: str, as_of: str = "") -> WorkPaper:
    """Return the work paper that frozen inputs make. Raises InputError where they are of another than asked."""
    if not isinstance(frozen, FrozenPaper) or frozen.domain != domain:
        raise InputError(Fault("输入文件不是这个检查域的", value=domain))
    refuse_other(frozen, unit, period)
    return compute(replace(frozen, as_of=read_day(as_of)) if as_of else frozen)


def refuse_numbers(**parameters: object) -> None:
    """Raise InputError for a parameter that is no text: papermill's -p reads 010003 as a number, its -r does not."""
    faults = [
        Fault(
            f"参数 {name} 被 papermill 的 -p 读成了数字，前导零已丢失",
            value=str(value),
            allowed=f"用 -r {name} 原样的值（-r 不猜类型），如 -r {name} {'2026' if name == 'period' else '010003'}",
        )
        for name, value in parameters.items()
        if not isinstance(value, str)
    ]
    if faults:
        raise InputError(faults)


def read_day(text: str) -> date:
    """Read the parameter `as_of`. Raises InputError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Fault("统计截止日 as_of 写法不对", value=text, allowed="2026-07-05 这样的日期")) from None


def only_as_recorded(as_of: str, judged: date, what: str) -> None:
    """Raise InputError for another day than that of the recorded results: results of another day are not kept."""
    if as_of and read_day(as_of) != judged:
        why = f"{what}按已记录的结果显示，不能换成别的统计截止日 as_of"
        how = f"{judged.isoformat()} 或留空；要按别的日期判断，请在 xiaobao.toml 中改 as_of 后重新运行"
        raise InputError(Fault(why, value=as_of, allowed=how))


def refuse_other(frozen: Frozen, unit: str, period: str) -> None:
    """Raise InputError for inputs of another unit or period than the notebook's parameters name."""
    if (frozen.unit.id, frozen.period) != (unit, Period.parse(period.partition("/")[0]).code):
        raise InputError(Fault("输入文件与笔记本参数不一致", value=f"{unit} {period}"))


def frozen_inputs() -> Frozen:
    """Return the inputs of this kernel. Raises InputError where a person opened the notebook."""
    path = given_inputs()
    if path is None:
        raise InputError("没有冻结的输入文件")
    return read_frozen(path)
