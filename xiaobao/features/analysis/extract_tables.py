"""The extracts as tables for people who ask their own questions: pseudonymised, masked, of the units one may see.

What is read are the partitions that the checks read, so an analyst and a check never see two versions of a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from xiaobao.datasets.catalogue import CATALOGUE, DATASETS, Dataset
from xiaobao.datasets.partitions import read_columns
from xiaobao.datasets.shown import titles_of
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.analysis.shown import OVERVIEW, PERIOD, headed, one_or_more, read_shown, spec_of, stacked
from xiaobao.model import Extract, Period
from xiaobao.workbench.cutting import Partitions, partitions
from xiaobao.workbench.from_workspace import bench_at

if TYPE_CHECKING:
    from xiaobao.workbench.permitting import Sight
    from xiaobao.workbench.workspace import Workbench

from typing import TYPE_CHECKING

from xiaobao.workbench.permitting import known_units

if TYPE_CHECKING:
    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench


def chosen_units(
    wb: Workbench, asked: str | Sequence[str], period: str, shows: Callable[[str], bool] | None
) -> frozenset[str]:
    """Return the units asked for, all that are shown without any. Raises InputError, NotAllowed naming every fault.

    A unit that is not there and one that may not be seen are distinguished only to who sees the whole bank.
    """
    known = known_units(wb, period)
    wanted = one_or_more(unit=asked)
    if not wanted:
        return frozenset(unit for unit in known if shows is None or shows(unit))
    if shows is None:
        if unknown := [Fault("没有这个机构", value=unit) for unit in wanted if unit not in known]:
            raise InputError(unknown)
    elif hidden := [Fault("没有这个机构，或您不能查看它的数据", value=one) for one in wanted if not shows(one)]:
        raise NotAllowed(hidden)
    return frozenset(wanted)


def chosen_campaigns(wb: Workbench, asked: str | Sequence[str]) -> tuple[Campaign, ...]:
    """Return the campaigns of the periods asked for, or those named as 2026H1/名称; all without any, oldest first."""
    periods = one_or_more(period=asked)
    if not periods:
        return wb.store.campaigns()
    found: list[Campaign] = []
    for one in periods:
        several = () if "/" in one else wb.store.campaigns(one)
        found += several or (wb.campaign(one),)
    return tuple(found)


_STALE = "数据有变化，请先运行 xiaobao run"
_BANK_ONLY = "全行参考数据，只供可以查看全行数据的人员使用"


def datasets(*, period: str | Sequence[str] = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """列出有哪些数据、各有多少：每个数据集、每个检查期间一行，只数您可以查看的机构的记录。

    period: 检查期间，如 "2026H1"，可以给多个；不写则为所有检查批次的期间。headings: 表头用 "中文" 或 "代码"。
    列：数据集、名称、检查期间、有记录的机构数（个）、记录数（条）、说明。
    没有权限时报 NotAllowed；期间写错时报 InputError。
    """
    wb = bench_at(workspace)
    found = []
    for code in asked_periods(wb, period, every=True):
        seen = sight_of(wb, code)
        try:
            cut = partitions(wb, code)
        except InputError:
            found.append({"dataset": "", "title": "", "period": code, "units": pd.NA, "rows": pd.NA, "note": _STALE})
            continue
        held = _by_dataset(cut)
        found += [_counted(wb, one, code, held[one.name], seen) for one in CATALOGUE if one.name in held]
    frame = pd.DataFrame(found, columns=list(OVERVIEW)).astype({"units": "Int64", "rows": "Int64"})
    return headed(frame, OVERVIEW, headings)


def table(
    dataset: str,
    *,
    unit: str | Sequence[str] = "",
    period: str | Sequence[str] = "",
    headings: str = "中文",
    workspace: str = "",
) -> pd.DataFrame:
    """取一个数据集的记录，客户信息已化名、文字已遮盖，只含您可以查看的机构。

    dataset: 数据集代码或中文名，如 "complaints" 或 "投诉台账"。unit: 机构号，可以给多个；不写则为您可以查看的全部机构。
    period: 检查期间，可以给多个；不写则为最近一个检查批次的期间；多个期间时多一列“检查期间”。
    headings: 表头用 "中文" 或 "代码"。日期为 datetime64，金额（元）为 Decimal，选项为 category，是否为 boolean。
    返回的是一份拷贝，怎么改都不影响数据。
    没有这个数据集、机构、期间时报 InputError；不能查看时报 NotAllowed，说明原因。
    """
    wb = bench_at(workspace)
    if dataset == "":  # what a picker holds that had nothing to offer
        raise InputError(Fault(why_none(wb, asked_periods(wb, period)[-1])))
    spec = spec_of(dataset)
    parts = [(code, _of_period(wb, spec, code, unit)) for code in asked_periods(wb, period)]
    if len(parts) > 1:
        for code, part in parts:
            part.insert(0, PERIOD[0], code)
    whole = stacked([part for _, part in parts])
    return headed(whole, {**dict([PERIOD]), **titles_of(spec)}, headings)


def asked_periods(wb: Workbench, asked: str | Sequence[str], every: bool = False) -> list[str]:
    """Return the codes of the periods asked for; without any the newest of all campaigns, or `every` one of them.

    Raises InputError.
    """
    if asked:
        return [Period.parse(one).code for one in one_or_more(period=asked)]
    return _all_periods(wb) if every else _all_periods(wb)[-1:]


def _all_periods(wb: Workbench) -> list[str]:
    """Return the codes of the periods of all campaigns, oldest first. Raises InputError where there is none."""
    spans = {Period.parse(one.period) for one in wb.store.campaigns()}
    if not spans:
        raise InputError("还没有检查批次：请写明 period，或先运行 xiaobao campaign create")
    return [span.code for span in sorted(spans, key=lambda span: (span.end, span.start))]


def sight_of(wb: Workbench, period: str) -> Callable[[str], bool] | None:
    """Return what tells whether a unit's rows of a period are shown, None for all of the bank's. Raises NotAllowed.

    An inspector sees the units of the campaigns he is named in, so every campaign of the period is asked.
    """
    seen: list[Sight] = [wb.sight("data.see", one) for one in wb.store.campaigns(period) or (None,)]
    if any(one.everything for one in seen):
        return None
    reasons = [one.reason for one in seen if one.reason]
    if len(reasons) == len(seen):
        raise NotAllowed(Fault(reasons[0]))
    return lambda unit: any(one.shows(unit) for one in seen)


def _of_period(wb: Workbench, spec: Dataset, period: str, asked: str | Sequence[str]) -> pd.DataFrame:
    shows = sight_of(wb, period)
    if not spec.unit:
        if shows is not None:
            raise NotAllowed(Fault(_BANK_ONLY, value=spec.title))
        chosen_units(wb, asked, period, shows)
        return read_shown(wb.home, spec, _held(wb, spec, period)[""])
    parts = [frame for _, frame in unit_tables(wb, spec, period, asked)]
    if not parts:
        raise InputError(Fault(f"{period} 没有您可以查看的机构的这份数据", value=spec.title))
    return stacked(parts)


def unit_tables(
    wb: Workbench, spec: Dataset, period: str, asked: str | Sequence[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield unit → its table of a period under code names, of those asked for that are shown.

    Raises what `unit_readers` does before the first.
    """
    yield from ((unit, read()) for unit, read in unit_readers(wb, spec, period, asked))


def unit_readers(
    wb: Workbench, spec: Dataset, period: str, asked: str | Sequence[str]
) -> list[tuple[str, Callable[[], pd.DataFrame]]]:
    """Return (unit, what reads its table of a period under code names), of the units asked for that are shown.

    A reader needs no store. Raises InputError, NotAllowed; InputError for reference data, which have no unit.
    """
    if not spec.unit:
        raise InputError(Fault("全行参考数据没有机构列，不能逐机构试算", value=spec.title))
    wanted = chosen_units(wb, asked, period, sight_of(wb, period))
    held = _held(wb, spec, period)
    if "" in held:
        parts = read_shown(wb.home, spec, held[""]).groupby(spec.unit, sort=True)
        return [(str(unit), partial(_numbered, frame)) for unit, frame in parts if unit in wanted]
    return [(unit, partial(read_shown, wb.home, spec, held[unit])) for unit in sorted(wanted & held.keys())]


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.reset_index(drop=True)


def _held(wb: Workbench, spec: Dataset, period: str) -> dict[str, Extract]:
    held = held_by_dataset(wb, period).get(spec.name)
    if held is None:
        raise InputError(Fault(f"{period} 没有导入这份数据", value=f"{spec.name}（{spec.title}）"))
    return held


def held_by_dataset(wb: Workbench, period: str) -> dict[str, dict[str, Extract]]:
    """Return dataset → unit → partition of a period. Raises InputError where they wait for a run."""
    return _by_dataset(partitions(wb, period))


def why_none(wb: Workbench, period: str) -> str:
    """Return why no dataset of a period is offered to whoever looks."""
    try:
        sight_of(wb, period)
        held_by_dataset(wb, period)
    except (InputError, NotAllowed) as error:
        return str(error)
    return f"{period} 没有您可以查看的数据"


def _by_dataset(cut: Partitions) -> dict[str, dict[str, Extract]]:
    """Return dataset → unit → partition; what is cut for other ends (rows borne, closed, the bank's) is left out."""
    found: dict[str, dict[str, Extract]] = {}
    for (unit, name), extract in cut.items():
        spec = DATASETS.get(name)
        if spec is not None and (unit or not spec.unit or spec.whole):
            found.setdefault(name, {})[unit] = extract
    return found


def _counted(
    wb: Workbench, spec: Dataset, period: str, held: dict[str, Extract], shows: Callable[[str], bool] | None
) -> dict[str, object]:
    line: dict[str, object] = {"dataset": spec.name, "title": spec.title, "period": period, "note": ""}
    if not spec.unit:
        rows = held[""].rows
        hidden = {"units": pd.NA, "rows": pd.NA, "note": _BANK_ONLY}
        return line | ({"units": pd.NA, "rows": rows, "note": "全行参考数据"} if shows is None else hidden)
    counts = _rows_of_units(wb, spec, held)
    kept = [rows for unit, rows in counts if rows and (shows is None or shows(unit))]
    return line | {"units": len(kept), "rows": sum(kept)}


def _rows_of_units(wb: Workbench, spec: Dataset, held: dict[str, Extract]) -> Iterable[tuple[str, int]]:
    if "" not in held:
        return [(unit, extract.rows) for unit, extract in held.items()]
    one = held[""]
    owners = read_columns(wb.home / one.path, one.sha256, [spec.unit])[spec.unit]
    return [(str(unit), int(rows)) for unit, rows in owners.value_counts().items()]
