"""How the page of head office opens what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.appraisal import verbs as appraisals
from xiaobao.features.appraisal.trying_weights import Tipped, WeightTrial, tipped, trial_of
from xiaobao.features.today.due import Today, due_today
from xiaobao.paper.from_frozen import read_day
from xiaobao.scorecard import Overview
from xiaobao.workbench.from_workspace import bench_at, open_overview
from xiaobao.workbench.surroundings import newest_with_results

if TYPE_CHECKING:
    from xiaobao.pages.sliders import Sliders
    from xiaobao.workbench.workspace import Workbench

_STATES = {"draft": "已录入加减分，尚未公示", "published": "公示中", "final": "已定稿"}


@dataclass(frozen=True, kw_only=True)
class HeadOffice:
    """The bank at a glance. `trial` None and `why_no_trial` where weights cannot be tried, or not by this person."""

    overview: Overview
    today: Today
    runs_failed: tuple[tuple[str, str, str], ...] = ()
    appraisal: str = ""
    trial: WeightTrial | None = None
    why_no_trial: str = ""
    sensitive: tuple[Tipped, ...] = ()


def open_head_office(*, period: str = "", workspace: str = "", as_of: str = "") -> HeadOffice:
    """看总行先要看的：各机构得分、问题和权重的影响；不能查看全行投诉统计的人不能打开，报 NotAllowed。"""
    wb = bench_at(workspace)
    if why := wb.may("complaint.see", domain="complaints"):
        raise NotAllowed(Fault(f"总行汇总含全行的投诉统计：{why}"))
    period = newest_with_results(wb, period)
    overview = open_overview(period=period, workspace=workspace, as_of=as_of)
    campaign = wb.campaign(period)
    trial, why = None, ""
    try:
        wb.look("appraisal.make")
        trial = trial_of(wb, campaign)
    except (NotAllowed, InputError) as error:
        why = str(error)
    return HeadOffice(
        overview=overview,
        today=due_today(wb, read_day(as_of) if as_of else None),
        appraisal=_appraisal(appraisals.find_appraisal(wb, campaign.period)) + _others_running(wb, campaign.period),
        trial=trial,
        why_no_trial=why,
        sensitive=tipped(trial) if trial else (),
    )


def _appraisal(found: appraisals.Appraisal | None, of: str = "本期") -> str:
    if found is None:
        return f"{of}考核还没有公示。"
    said = _STATES.get(found.state, found.state)
    until = f"，申诉截至 {found.appeals_until}" if found.appeals_until and found.state != "final" else ""
    waiting = found.open_appeals()
    appeals = f"，待处理申诉 {len(waiting)} 件" if waiting else ""
    return f"{of}考核{said}{until}，{len(found.scores)} 家机构有考核得分{appeals}。"


def _others_running(wb: Workbench, period: str) -> str:
    """Say which other periods' appraisals are public and not final: one is made long after its period has ended."""
    codes = sorted({one.id for one in wb.store.list_published(appraisals.APPRAISAL_KIND)} - {period}, reverse=True)
    found = [one for code in codes if (one := appraisals.find_appraisal(wb, code)) and one.state == "published"]
    return "".join(_appraisal(one, f"{one.period} ") for one in found if not wb.may("appraisal.make"))


def weight_sliders(bank: HeadOffice) -> object:
    """给出试算权重的滑块；不能试算时给出原因。"""
    from xiaobao.features.head_office.view import tried
    from xiaobao.pages.views.pieces import folded
    from xiaobao.pages.views.view_model import Text, view

    trial = bank.trial
    if trial is None:
        return folded("试算权重", view(Text(words=f"不能试算权重：{bank.why_no_trial}", tone="muted")))
    names = bank.overview.unit_names

    def answer(weights: Mapping[str, Decimal]) -> object:
        return (
            tried(trial.with_weights(weights), bank.overview, names) if weights else tried(None, bank.overview, names)
        )

    return _sliders(trial, bank, answer)


def _sliders(trial: WeightTrial, bank: HeadOffice, answer: object) -> Sliders:
    from xiaobao.pages.sliders import Sliders

    return Sliders(trial.scheme.weights, bank.overview.domain_titles, answer)  # type: ignore[arg-type]
