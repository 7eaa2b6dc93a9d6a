"""Views of a work paper: what a domain notebook shows of one unit. Figures come ready; here they are set in tables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from xiaobao.checklist.models import Item
from xiaobao.checklist.wording import sample_text
from xiaobao.labels import MEASURES, ORIGINS, VIEWS, label, level_of
from xiaobao.model import (
    CheckStatus,
    Conclusion,
    FactState,
    Finding,
    ItemFacts,
    Lead,
    LeadDecision,
    Response,
    Score,
    Stage,
    TraceLine,
)
from xiaobao.numbers import ZERO, share, show
from xiaobao.pages.views.reviewing import review_blocks
from xiaobao.pages.views.view_model import (
    Bar,
    Block,
    Cell,
    Facts,
    TableBlock,
    Text,
    Title,
    View,
    cells,
    columns,
    table_or,
    view,
)
from xiaobao.pages.views.wording import (
    AWAITING_PEERS,
    DASH,
    SHOWN_LEADS,
    answer_text,
    check_title,
    coverage_text,
    cut_note,
    decision_cell,
    listed,
    points,
    record_text,
    score_text,
    severity_cell,
    status_cell,
    why_no_score,
)
from xiaobao.scoring import subtotal_sentences

if TYPE_CHECKING:
    from xiaobao.paper.work_paper import OwnSection, WorkPaper

_CONCLUSION_TONES = {
    Conclusion.COMPLIANT: "good",
    Conclusion.PARTIALLY_COMPLIANT: "bad",
    Conclusion.NON_COMPLIANT: "bad",
    Conclusion.NOT_APPLICABLE: "muted",
    Conclusion.NOT_ASSESSED: "muted",
}


def heading(paper: WorkPaper) -> View:
    """Who was inspected, for when, on which checklist."""
    unit, sheet = paper.unit, paper.checklist
    where = listed(part for part in (level_of(unit), unit.region) if part)
    return view(
        Title(words=f"{paper.bank} · {paper.domain_title} · 工作底稿"),
        Facts(
            pairs=(
                ("被检查机构", Cell(text=f"{unit.name}（{unit.id}）")),
                ("层级、区域", Cell(text=where)),
                ("检查期间", Cell(text=f"{paper.period.code}（{paper.period.start} 至 {paper.period.end}）")),
                ("截止日", Cell(text=paper.as_of.isoformat())),
                ("检查表", Cell(text=f"{sheet.title} {sheet.version}")),
                ("检查表摘要", Cell(text=f"SHA-256 {paper.checklist_sha256[:16]}")),
                ("评分方案", Cell(text=f"{paper.scheme.title} {paper.scheme.version}")),
                ("开办业务", Cell(text=listed(unit.businesses) if unit.businesses else NOT_SAID)),
                ("得分性质", Cell(text=_nature(paper))),
            )
        ),
    )


NOT_SAID = "机构名单未填业务开办清单，各项业务的检查项按适用处理"


def _nature(paper: WorkPaper) -> str:
    if not paper.handed_in:
        return "草稿（未上报，人工答复不计分）"
    return VIEWS[paper.reviewed] if paper.reviewed else "自评（未复核）"


def coverage(paper: WorkPaper) -> View:
    """Which extracts the checks read; a missing one is 无数据, and said so."""
    rows = [
        cells(
            entry.title,
            Cell(text="无数据", tone="muted") if entry.rows is None else Cell(text=show(entry.rows)),
            listed(entry.used_by),
            listed(f"{title} {show(number)} 行" for title, number in entry.unjudged) or DASH,
            entry.sha256[:16] or DASH,
        )
        for entry in paper.coverage
    ]
    absent = [entry.title for entry in paper.coverage if entry.rows is None]
    note = Text(
        words=f"无数据：{listed(absent)}。相关检查项不计分也不算通过，请按检查程序抽样人工检查。"
        if absent
        else "所需数据均已导入。",
        tone="bad" if absent else "",
    )
    heads = columns("数据集", "本机构行数:num", "用于哪些数据检查", "未判", "数据摘要（SHA-256）:short")
    return view(table_or("本检查域没有用数据回答的检查项。", heads, rows), *([note] if rows else []), *_rests_on(paper))


def _rests_on(paper: WorkPaper) -> list[Text]:
    """Return on which data a handed-in sheet rests, once there are newer ones."""
    return [Text(words=paper.rests_on, tone="bad")] if paper.rests_on else []


def responses(paper: WorkPaper) -> View:
    """检查结论 of the items answered by people, in the order of the sheet."""
    items = [item for item in paper.checklist.items() if item.answered_by == "person"]
    states = {facts.item_id: facts for facts in paper.facts}
    rows = []
    for item in items:
        answer = paper.responses.get(item.id)
        facts = states.get(item.id)
        rows.append(
            cells(
                item.id,
                item.title,
                sample_text(item.sample) or DASH,
                _conclusion(answer, facts.state if facts else None, paper.handed_in),
                _answer_words(item, answer, facts) or DASH,
                paper.citations.get(item.id, "") or DASH,
            )
        )
    tally = Counter(row[3].text for row in rows)
    note = "，".join(f"{word} {count}" for word, count in tally.most_common())
    heads = columns("编号:short", "检查项", "抽样规则", "检查结论:short", "说明", "检查依据")
    return view(table_or("本检查域没有由人员回答的检查项。", heads, rows, f"共 {len(rows)} 项：{note}"))


def _conclusion(answer: Response | None, state: FactState | None, handed_in: bool) -> Cell:
    if state is FactState.NOT_APPLICABLE:
        return Cell(text=label(FactState.NOT_APPLICABLE), tone="muted")
    conclusion = answer.conclusion if answer else Conclusion.NOT_ASSESSED
    if not handed_in and conclusion is not Conclusion.NOT_ASSESSED:
        return Cell(text=f"草稿：{label(conclusion)}", tone="muted")
    return Cell(text=label(conclusion), tone=_CONCLUSION_TONES[conclusion])


def _answer_words(item: Item, answer: Response | None, facts: ItemFacts | None) -> str:
    reason = facts.reason if facts else ""
    if answer is None or (facts and facts.state is FactState.NOT_APPLICABLE):
        return reason
    parts = [answer.note, answer.reason and f"原因：{answer.reason}"]
    options, causes = item.options(), item.counted()
    parts += [f"评定：{options.get(answer.option, answer.option)}" if answer.option else ""]
    parts += [f"“{causes.get(cause, cause)}”{points(count)} 次" for cause, count in answer.counts.items() if count]
    parts += [f"缺 {points(answer.missing)} 项" if answer.missing else ""]
    parts += [f"酌情扣 {points(answer.deduction)} 分" if answer.deduction else ""]
    parts += [f"实测 {points(answer.measured.value)}{MEASURES[answer.measured.unit]}" if answer.measured else ""]
    parts += [f"佐证 {len(answer.evidence)} 份" if answer.evidence else ""]
    return "；".join(part for part in parts if part)


def check_results(paper: WorkPaper) -> View:
    """数据检查 of the unit: how many rows could have failed, how many were hit. A hit is a lead, never a verdict."""
    rows = []
    for result in paper.check_results:
        ran = result.status in {CheckStatus.CLEAR, CheckStatus.LEADS}
        rate = share(result.hits, result.population) if ran else None
        rows.append(
            cells(
                check_title(result),
                status_cell(result.status),
                show(result.population) if ran else DASH,
                show(result.hits) if ran else DASH,
                DASH if rate is None else f"{show(rate)}%",
                show(result.unjudged) if result.unjudged else DASH,
                result.note or DASH,
            )
        )
    tally = Counter(label(result.status) for result in paper.check_results)
    note = "，".join(f"{word} {count}" for word, count in tally.items())
    heads = columns("数据检查", "结果:short", "应查笔数:num", "命中笔数:num", "命中占应查:num", "未判笔数:num", "说明")
    return view(
        table_or("没有适用于本机构的数据检查。", heads, rows, f"共 {len(rows)} 项：{note}"),
        Text(words="命中的记录是疑点，须经核实与认定；未认定前不扣分。", tone="muted"),
    )


def leads(paper: WorkPaper) -> View:
    """疑点: each record hit, what the unit answered, what the inspector decided."""
    found = [lead for result in paper.check_results for lead in result.leads]
    blocks: list[Block] = []
    for result in paper.check_results:
        if result.leads:
            shown = result.leads[:SHOWN_LEADS]
            rows = tuple(_lead_row(lead, paper.decisions.get(lead.id)) for lead in shown)
            blocks.append(Title(words=f"{check_title(result)}（{show(len(result.leads))} 条）"))
            blocks.append(TableBlock(columns=_LEAD_HEADS, rows=rows, note=cut_note(len(shown), len(result.leads))))
    if not found:
        return view(Text(words="没有疑点。无数据的数据检查不在其内，见数据覆盖。", tone="muted"))
    decided = [paper.decisions.get(lead.id) for lead in found]
    tally = Counter(label(said.decided) if said and said.decided else "待认定" for said in decided)
    words = "，".join(f"{word} {count}" for word, count in tally.most_common())
    return view(Text(words=f"共 {show(len(found))} 条疑点：{words}。"), *blocks)


_LEAD_HEADS = columns("疑点编号:short", "业务日期:short", "疑点事实", "记录", "机构核实", "认定")


def _lead_row(lead: Lead, decision: LeadDecision | None) -> tuple[Cell, ...]:
    said = decision or LeadDecision(lead_id=lead.id)
    answer = answer_text(said.answer, said.answer_note, said.answered_by, "未答复")
    day = lead.business_date.isoformat() if lead.business_date else DASH
    return cells(lead.id, day, lead.summary, record_text(lead), answer, decision_cell(decision))


def scores(paper: WorkPaper) -> View:
    """Scores before and after decisions, section by section; peer figures wait for all units."""
    items = {item.id for item in paper.checklist.items()}
    before = {line.node_id: line for line in paper.before.trace}
    rows = []
    for line in paper.after.trace:
        if line.node_id in items:
            continue
        first = before.get(line.node_id)
        rows.append(
            cells(
                "　" * line.depth + line.title,
                points(line.nominal),
                _earned(first),
                _earned(line),
                Cell(text=_lost(line), tone="bad" if line.deducted > ZERO else "", bar=_section_bar(line)),
            )
        )
    heads = columns("评价要素", "分值:num", "按疑点测算得分:num", "按认定结果得分:num", "按认定结果扣分")
    grade = {band.id: band.label for band in paper.scheme.grades}
    blocks: list[Block] = [
        Facts(
            pairs=(
                (f"{label(Stage.AFTER)}（百分制）", Cell(text=score_text(paper.after))),
                ("评分覆盖（已评分值占适用分值）", Cell(text=coverage_text(paper.after))),
                (f"{label(Stage.BEFORE)}（百分制）", Cell(text=score_text(paper.before))),
                *_so_far(paper.after),
                ("等级", Cell(text=grade.get(paper.after.grade, paper.after.grade) or DASH)),
                ("名次、中位数（同层级）", Cell(text=AWAITING_PEERS, tone="muted")),
            ),
            big=2,
        ),
        *(Text(words=why, tone="bad") for why in [why_no_score(paper.after)] if why),
        *(Text(words=words, tone="bad") for words in _veto_words(paper.after)),
        *(Text(words=words) for words in subtotal_sentences(paper.after)),
        table_or("没有评价要素。", heads, rows, "只有按认定结果的得分用于排名和考核；深色条为得分占可得分的比重。"),
    ]
    return view(*blocks, *review_blocks(paper), *_own_blocks(paper.own))


def _so_far(score: Score) -> list[tuple[str, Cell]]:
    """Name what the assessed part came to, which is no score."""
    return [] if score.so_far is None else [("已评部分（百分制，不是得分）", Cell(text=show(score.so_far)))]


def _own_blocks(own: OwnSection | None) -> list[Block]:
    """Show the unit's own items below and apart from what is compared."""
    if own is None:
        return []
    lines = {line.node_id: line for line in own.score.trace}
    rows = [
        cells(
            item.title,
            points(lines[item.id].nominal),
            _earned(lines[item.id]),
            lines[item.id].explanation or lines[item.id].reason or DASH,
        )
        for item in own.checklist.items()
    ]
    heads = columns("本机构自设检查项", "分值:num", "得分:num", "说明")
    note = "自设检查项单独计分，不计入上面的得分，也不影响名次和考核。"
    return [
        Facts(pairs=((f"{own.checklist.title}（百分制，单独计分）", Cell(text=score_text(own.score))),)),
        table_or("没有自设检查项。", heads, rows, note),
    ]


def _veto_words(score: Score) -> list[str]:
    return [f"一票否决 {veto.veto_id}：{veto.words}；否决前得分 {points(veto.unvetoed)}" for veto in score.vetoes]


def _earned(line: TraceLine | None) -> str:
    if line is None:
        return DASH
    return points(line.earned) if line.state is FactState.ASSESSED else label(line.state)


def _lost(line: TraceLine) -> str:
    return f"扣 {points(line.deducted)}" if line.deducted > ZERO else "未扣分"


def _section_bar(line: TraceLine) -> Bar | None:
    return Bar(length=share(line.earned, line.possible), bad=line.deducted > ZERO) if line.possible > ZERO else None


def findings(paper: WorkPaper) -> View:
    """检查发现 raised from what was decided."""
    why = why_no_score(paper.after)
    return view(findings_table(paper.findings, f"{why}。" if why else NO_FINDINGS))


NO_FINDINGS = "没有检查发现。"
DRAFT = "〔草稿〕"


def findings_table(raised: tuple[Finding, ...], empty: str = NO_FINDINGS) -> Block:
    """Return the findings, or `empty`: where too little was assessed, that none was raised says nothing."""
    rows = [
        cells(
            f"{DRAFT if finding.draft else ''}{finding.title}",
            label(finding.nature),
            severity_cell(finding.severity),
            ORIGINS.get(finding.origin, finding.origin) or DASH,
            finding.criteria or DASH,
            finding.condition or DASH,
            finding.recommendation or DASH,
            points(finding.points_lost),
        )
        for finding in raised
    ]
    heads = columns(
        "检查发现", "定性:short", "严重程度:short", "来源:short", "标准（依据）", "事实", "建议", "扣分:num"
    )
    drafts = sum(finding.draft for finding in raised)
    note = f"，其中草稿 {drafts} 项：尚未复核，不计为检查发现，不提整改" if drafts else ""
    return table_or(empty, heads, rows, f"共 {len(rows)} 项{note}")
