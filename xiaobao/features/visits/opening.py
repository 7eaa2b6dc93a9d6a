"""How a notebook opens 检查项目 and 机构检查档案."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiaobao.errors import NotAllowed
from xiaobao.features.visits import view
from xiaobao.features.visits.coverage import coverage
from xiaobao.features.visits.dossier import dossier
from xiaobao.forms.opening import choose, open_for_writing
from xiaobao.pages.views.view import Text, View
from xiaobao.pages.views.view import view as drawn
from xiaobao.workbench.opening import bench_at
from xiaobao.workbench.permitting import known_units

if TYPE_CHECKING:
    from xiaobao.features.visits.page import VisitPage


def visits(unit: str = "", period: str = "", workspace: str = "", as_of: str = "") -> VisitPage:
    """打开检查项目和它们的文书；网页地址里的 ?unit= 优先于参数。"""
    from xiaobao.features.visits.page import VisitPage

    return VisitPage(open_for_writing(workspace, as_of), choose(unit, period, ""))


def open_dossier(unit: str = "", workspace: str = "") -> View:
    """看一个机构进场前的全部历史；不写机构则看本年检查计划的覆盖。"""
    wb = bench_at(workspace)
    asked = choose(unit, "", "").unit
    if asked:
        return view.dossier(dossier(wb, asked))
    try:
        return view.visit_coverage(coverage(wb))
    except NotAllowed:
        own = [one for one in known_units(wb) if not wb.may("visit.dossier", one)]
        return view.dossier(dossier(wb, own[0])) if own else drawn(Text(words="没有可以查看的机构。", tone="muted"))
