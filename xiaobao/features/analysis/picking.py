"""Pickers of the bench: dataset, unit and period by lists that hold what whoever looks may see."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

from xiaobao.datasets.catalogue import CATALOGUE
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.analysis.extract_tables import (
    asked_periods,
    chosen_units,
    held_by_dataset,
    sight_of,
    table,
    why_none,
)
from xiaobao.features.analysis.shown import spec_of
from xiaobao.forms.picking import Option, PickerWidget
from xiaobao.workbench.from_workspace import bench_at

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_FIELDS = {"dataset": "数据集", "unit": "机构", "period": "检查期间"}
_ALL = "全部可以查看的机构"
_ROWS, _COLUMNS = 5, 8


class DataPicker(PickerWidget):
    """选数：数据集、机构、检查期间各一个下拉框，下面是前几行。

    `dataset`、`unit`（空为全部可以查看的）、`period` 是选中的代码；`table()` 取出选中的表。
    """

    def __init__(self, wb: Workbench, workspace: str, chosen: Mapping[str, str]) -> None:
        self._wb, self._workspace = wb, workspace
        super().__init__(_FIELDS, self._offered, self._first_look, chosen)

    @property
    def dataset(self) -> str:
        """选中的数据集代码。"""
        return self.picked["dataset"]

    @property
    def unit(self) -> str:
        """选中的机构号；全部为空。"""
        return self.picked["unit"]

    @property
    def period(self) -> str:
        """选中的检查期间。"""
        return self.picked["period"]

    def table(self, headings: str = "中文") -> object:
        """取出选中的表（DataFrame），同 xb.table。"""
        picked = self.picked
        return table(
            picked["dataset"],
            unit=picked["unit"],
            period=picked["period"],
            headings=headings,
            workspace=self._workspace,
        )

    def _offered(self, chosen: Mapping[str, str]) -> Mapping[str, list[Option]]:
        """Return the options of each list for the period that is chosen, the newest without one."""
        periods = [(one, one) for one in reversed(asked_periods(self._wb, "", every=True))]
        period = chosen.get("period") or periods[0][0]
        try:
            seen, held = sight_of(self._wb, period), held_by_dataset(self._wb, period)
            names = {one.id: one.name for one in self._wb.units(period).values()}
            known = sorted(chosen_units(self._wb, "", period, seen))
        except (InputError, NotAllowed):  # the look below says so
            return {"dataset": [], "unit": [("", _ALL)], "period": periods}
        units = [(one, f"{one} {names.get(one, '')}") for one in known]
        datasets = [(one.name, one.title) for one in CATALOGUE if one.name in held and (one.unit or seen is None)]
        return {"dataset": datasets, "unit": [("", _ALL), *units], "period": periods}

    def _first_look(self, picked: Mapping[str, str]) -> str:
        if not picked["dataset"]:
            return f"<p>{escape(why_none(self._wb, picked['period']))}</p>"
        try:
            frame = table(picked["dataset"], unit=picked["unit"], period=picked["period"], workspace=self._workspace)
        except (InputError, NotAllowed) as error:
            return f"<p>{escape(str(error))}</p>"
        first = frame.iloc[:_ROWS, :_COLUMNS].to_html(index=False, na_rep="", border=0)
        more = f"，先看 {_ROWS} 行 {_COLUMNS} 列" if len(frame) > _ROWS or frame.shape[1] > _COLUMNS else ""
        return f"<p>{len(frame)} 行 {frame.shape[1]} 列{more}：</p>{first}"


def pick(*, dataset: str = "", unit: str = "", period: str = "", workspace: str = "") -> DataPicker:
    """用下拉框选数据集、机构和检查期间，下面显示前几行；只列出您可以查看的。

    dataset、unit、period: 打开时先选中哪个，写法同 xb.table；不写则为第一个数据集、全部机构、最近一期。
    返回选择框，如 picked = xb.pick()：picked.dataset、picked.unit、picked.period 是选中的代码，
    picked.table() 取出整张表；改选以后，重新运行用到它的单元格。
    没有这个数据集、机构、期间时报 InputError；不能查看时报 NotAllowed。
    """
    wb = bench_at(workspace)
    code = asked_periods(wb, period)[-1]
    chosen_units(wb, unit, code, sight_of(wb, code))
    name = spec_of(dataset).name if dataset else ""
    return DataPicker(wb, workspace, {"dataset": name, "unit": unit, "period": code})
