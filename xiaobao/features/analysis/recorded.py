"""What was recorded, as tables over units and periods alike: scores, findings, answers and leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.features.analysis.asking import chosen_campaigns, headed, one_or_more
from xiaobao.labels import STATES, domain_title, label
from xiaobao.personal import mask
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.opening import bench_at
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.results.reading import findings as recorded_findings
from xiaobao.workbench.results.reading import overview
from xiaobao.workbench.seeing import narrowed, only_seen

if TYPE_CHECKING:
    from xiaobao.scorecard import OverviewRow
    from xiaobao.store.records import Campaign
    from xiaobao.workbench.workspace import Workbench

Line = dict[str, Any]
OfCampaign = Callable[["Campaign"], Iterator[Line]]
_PLACE = {"period": "检查期间", "campaign": "检查批次", "unit": "机构号", "unit_name": "机构名称"}
_DOMAIN = {"domain": "检查域", "domain_title": "检查域名称"}
_SCORES = {
    **_PLACE, **_DOMAIN, "score": "得分", "coverage": "评分覆盖（%）", "grade": "等级", "rank": "名次", "note": "说明",
}  # fmt: skip
_FINDINGS = {
    **_PLACE, **_DOMAIN, "id": "编号", "item_id": "检查项", "title": "检查项名称",
    "nature": "定性", "severity": "严重程度",
    "condition": "事实", "recommendation": "建议", "points_lost": "扣分", "leads": "疑点数", "draft": "待复核",
}  # fmt: skip
_ANSWERS = {
    **_PLACE, **_DOMAIN, "state": "检查表状态", "item_id": "检查项", "conclusion": "检查结论", "deduction": "扣分",
    "note": "说明", "reason": "理由", "evidence": "佐证数", "at": "填报时间",
}  # fmt: skip
_LEADS = {
    **_PLACE, **_DOMAIN, "id": "疑点编号", "check_id": "检查", "check_title": "检查名称", "item_id": "检查项",
    "summary": "疑点", "record": "记录", "business_date": "业务日期", "state": "状态", "answer": "机构核实",
    "decided": "认定", "due": "核实期限", "overdue": "逾期",
}  # fmt: skip
Asked = str | Sequence[str]


def scores(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取各机构的得分：总分一行（检查域为空）、每个检查域一行；评分覆盖不足的没有得分。

    unit、period: 一个或多个，不写则为全部；多个批次的期间可以写 "2026H1/批次名称"。headings: "中文" 或 "代码"。
    得分、评分覆盖（%）为 Decimal；名次为全行名次。说明列写明“未更新”“草稿”“旧数据”等。
    没有这个批次时报 InputError；不能查看时报 NotAllowed。
    """
    wb = bench_at(workspace)

    def of_campaign(campaign: Campaign) -> Iterator[Line]:
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

    return _frame(_gathered(wb, "result.see", period, unit, of_campaign), _SCORES, headings, rank="Int64")


def findings(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取检查发现：每条一行；“待复核”为真的还不是检查发现。参数同 scores；扣分为 Decimal。"""
    wb = bench_at(workspace)

    def of_campaign(campaign: Campaign) -> Iterator[Line]:
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

    found = _gathered(wb, "result.see", period, unit, of_campaign)
    return _frame(found, _FINDINGS, headings, draft="boolean", leads="Int64")


def answers(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取各机构填报的检查结论：每个检查项一行，检查表状态写明是否已提交。参数同 scores；填报时间为 UTC。"""
    wb = bench_at(workspace)

    def of_campaign(campaign: Campaign) -> Iterator[Line]:
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

    return _frame(
        _gathered(wb, "sheet.see", period, unit, of_campaign),
        _ANSWERS,
        headings,
        evidence="Int64",
        at="datetime64[us, UTC]",
    )


def leads(*, unit: Asked = "", period: Asked = "", headings: str = "中文", workspace: str = "") -> pd.DataFrame:
    """取疑点及其核实、认定：每条一行。疑点不等于问题，认定之前不扣分。参数同 scores。"""
    wb = bench_at(workspace)

    def of_campaign(campaign: Campaign) -> Iterator[Line]:
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

    days = dict.fromkeys(("business_date", "due"), "datetime64[us]")
    return _frame(_gathered(wb, "lead.see", period, unit, of_campaign), _LEADS, headings, overdue="boolean", **days)


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


def _frame(lines: Iterable[Line], titles: Mapping[str, str], headings: str, **kinds: str) -> pd.DataFrame:
    frame = pd.DataFrame(list(lines), columns=list(titles)).astype(kinds)
    return headed(frame, titles, headings)
