"""What was recorded, as tables over units and periods alike: scores, findings, answers and leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import pandas as pd

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.analysis.extract_tables import chosen_campaigns
from xiaobao.features.analysis.shown import Line, one_or_more, recorded_frame
from xiaobao.labels import STATES, domain_title, label
from xiaobao.personal import mask
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.from_workspace import bench_at
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.results.reading import findings as recorded_findings
from xiaobao.workbench.results.reading import overview
from xiaobao.workbench.seeing import narrowed, only_seen

if TYPE_CHECKING:
    from xiaobao.scorecard import OverviewRow
    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench

OfCampaign = Callable[["Campaign"], Iterator[Line]]
Asked = str | Sequence[str]


def score_lines(wb: Workbench, campaign: Campaign) -> Iterator[Line]:
    """Yield the lines of one campaign that are seen. Raises NotAllowed where that is nothing."""
    whole = narrowed(overview(wb, _address(campaign)), wb.sight("result.see", campaign))
    titles = domain_titles(wb, campaign)
    for row in whole.rows:
        yield _line(campaign, row.unit.id, row.unit.name) | _total(row)
        for domain, value in row.domains.items():
            yield _line(campaign, row.unit.id, row.unit.name, domain, titles) | {
                "score": value,
                "coverage": row.domain_coverage.get(domain),
                "note": "；".join(row.reservations_of(domain)),
            }


def scores(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取各机构的得分：总分一行（检查域为空）、每个检查域一行；评分覆盖不足的没有得分。

    unit、period: 一个或多个，不写则为全部；多个批次的期间可以写 "2026H1/批次名称"。headings: "中文" 或 "代码"。
    得分、评分覆盖（%）为 Decimal；名次为全行名次。说明列写明“未更新”“草稿”“旧数据”等。
    没有这个批次时报 InputError；不能查看时报 NotAllowed。
    """
    wb = bench_at(workspace)
    return recorded_frame("scores", _gathered(wb, "result.see", period, unit, partial(score_lines, wb)), headings)


def finding_lines(wb: Workbench, campaign: Campaign) -> Iterator[Line]:
    """Yield the lines of one campaign that are seen. Raises NotAllowed where that is nothing."""
    titles, names = domain_titles(wb, campaign), _names(wb, campaign)
    whole = recorded_findings(wb, campaign)
    for one in only_seen(wb, "result.see", campaign, whole, lambda one: (one.unit, one.domain)):
        yield _line(campaign, one.unit, names.get(one.unit, one.unit), one.domain, titles) | {
            "id": one.id,
            "item_id": one.item_id,
            "title": one.title,
            "nature": label(one.nature),
            "severity": label(one.severity),
            "condition": mask(one.condition),
            "recommendation": one.recommendation,
            "points_lost": one.points_lost,
            "leads": len(one.leads),
            "draft": one.draft,
        }


def findings(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取检查发现：每条一行；“待复核”为真的还不是检查发现。参数同 scores；扣分为 Decimal。"""
    wb = bench_at(workspace)
    return recorded_frame("findings", _gathered(wb, "result.see", period, unit, partial(finding_lines, wb)), headings)


def answer_lines(wb: Workbench, campaign: Campaign) -> Iterator[Line]:
    """Yield the lines of one campaign that are seen. Raises NotAllowed where that is nothing."""
    titles, names = domain_titles(wb, campaign), _names(wb, campaign)
    sheets = wb.store.inspections(campaign.id)
    given = wb.store.campaign_responses(campaign.id)
    for sheet in only_seen(wb, "sheet.see", campaign, sheets, lambda one: (one.unit, one.domain)):
        place = _line(campaign, sheet.unit, names.get(sheet.unit, sheet.unit), sheet.domain, titles)
        for item, one in given.get(sheet.id, {}).items():
            yield place | {
                "state": STATES[sheet.state],
                "item_id": item,
                "conclusion": label(one.conclusion),
                "deduction": one.deduction,
                "note": mask(one.note),
                "reason": mask(one.reason),
                "evidence": len(one.evidence),
                "at": one.at,
            }


def answers(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取各机构填报的检查结论：每个检查项一行，检查表状态写明是否已提交。参数同 scores；填报时间为 UTC。"""
    wb = bench_at(workspace)
    return recorded_frame("answers", _gathered(wb, "sheet.see", period, unit, partial(answer_lines, wb)), headings)


def lead_lines(wb: Workbench, campaign: Campaign) -> Iterator[Line]:
    """Yield the lines of one campaign that are seen. Raises NotAllowed where that is nothing."""
    titles = domain_titles(wb, campaign)
    for row in leads_table(wb, _address(campaign)):
        lead, said = row.lead, row.decision
        yield _line(campaign, lead.unit, row.unit_name, row.domain, titles) | {
            "id": lead.id,
            "check_id": lead.check_id,
            "check_title": row.check_title,
            "item_id": lead.item_id,
            "summary": mask(lead.summary),
            "record": mask("；".join(f"{title}：{text}" for title, text in lead.record.items() if text)),
            "business_date": lead.business_date,
            "state": row.state,
            "answer": label(said.answer) if said and said.answer else "",
            "decided": label(said.decided) if said and said.decided else "",
            "due": row.due,
            "overdue": row.overdue,
        }


def leads(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取疑点及其核实、认定：每条一行。疑点不等于问题，认定之前不扣分。参数同 scores。"""
    wb = bench_at(workspace)
    return recorded_frame("leads", _gathered(wb, "lead.see", period, unit, partial(lead_lines, wb)), headings)


def _gathered(wb: Workbench, verb: str, period: Asked, unit: Asked, of_campaign: OfCampaign) -> Iterator[Line]:
    """Yield the lines of every campaign asked for. Raises NotAllowed where none may be seen, InputError for no unit."""
    wanted = set(one_or_more(unit=unit))
    refused: list[NotAllowed] = []
    campaigns = chosen_campaigns(wb, period)
    hidden = set(wanted)
    for campaign in campaigns if wanted else ():
        seen, known = wb.sight(verb, campaign), known_units(wb, campaign.period)
        hidden -= {one for one in wanted if one in known and seen.enters(one)}
    if hidden:
        raise InputError([Fault("没有这个机构，或您不能查看", value=one) for one in sorted(hidden)])
    for campaign in campaigns:
        try:
            yield from (line for line in of_campaign(campaign) if not wanted or line["unit"] in wanted)
        except NotAllowed as error:
            refused.append(error)
    if refused and len(refused) == len(campaigns):
        raise refused[0]


def _line(campaign: Campaign, unit: str, name: str, domain: str = "", titles: Mapping[str, str] | None = None) -> Line:
    shown = domain_title(domain, (titles or {}).get(domain, "")) if domain else "总分"
    return {
        "period": campaign.period,
        "campaign": campaign.name,
        "unit": unit,
        "unit_name": name,
        "domain": domain,
        "domain_title": shown,
    }


def _total(row: OverviewRow) -> Line:
    waiting = [row.standing] if row.standing else []
    waiting += [*([row.marks.strip("（）")] if row.marks else []), *row.warnings]
    values = {"score": row.total, "coverage": row.coverage, "grade": row.grade, "rank": row.rank}
    return values | {"note": "；".join([*waiting, *(f"缺{title}" for title in row.missing)])}


def _address(campaign: Campaign) -> str:
    return f"{campaign.period}/{campaign.name}"


def _names(wb: Workbench, campaign: Campaign) -> dict[str, str]:
    return {unit.id: unit.name for unit in wb.units(campaign.period).values()}


LINES: Mapping[str, Callable[[Workbench, Campaign], Iterator[Line]]] = {
    "scores": score_lines,
    "findings": finding_lines,
    "answers": answer_lines,
    "leads": lead_lines,
}
