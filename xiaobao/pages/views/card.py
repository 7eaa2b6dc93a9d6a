"""Views of a scorecard: what a manager sees of one unit. Ranks, medians and weighted losses come ready."""

from __future__ import annotations

from decimal import Decimal

from xiaobao.labels import VIEWS, domain_title, label, level_of
from xiaobao.model import Score, Stage
from xiaobao.numbers import show
from xiaobao.pages.views.first import CLEARLY, against, clearly_below
from xiaobao.pages.views.paper import NO_FINDINGS, findings_table
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
from xiaobao.pages.views.wording import AWAITING_PEERS, DASH, coverage_text, listed, points, score_text, why_no_score
from xiaobao.scorecard import DomainScore, Scorecard

_SHOWN_LOSSES = 100


def card_heading(card: Scorecard) -> View:
    """The unit, its total, grade and rank, with what they were before."""
    unit, total = card.unit, score_text(card.total) + card.marks
    where = listed(part for part in (level_of(unit), unit.region) if part)
    notes: list[Block] = [Text(words=note, tone="muted") for note in card.notes]
    if why := why_no_score(card.total):
        notes.insert(0, Text(words=why, tone="bad"))
    return view(
        Title(words=f"{unit.name}（{unit.id}） · 考评得分表"),
        Facts(
            pairs=(
                ("总分（按认定结果）", Cell(text=total, tone="bad" if card.marks else "")),
                ("评分覆盖（已评分值占适用分值）", Cell(text=coverage_text(card.total))),
                ("等级", Cell(text=card.grade_label or DASH)),
                ("名次（同层级）", Cell(text=_rank(card.rank, card.peers, card.total))),
                ("得分性质", Cell(text=VIEWS[card.reviewed], tone="" if card.reviewed else "muted")),
                ("上期总分", Cell(text=_previous(card.previous, card.total.value, card.comparable))),
                ("上期名次", Cell(text=DASH if card.previous_rank is None else f"第 {card.previous_rank} 名")),
                (_median_of(card.peers), Cell(text=_peer(card.peer_median, card.total) + card.peer_marks)),
                ("自评总分", Cell(text=show(card.own_total) if card.own_total is not None else score_text(card.total))),
                (label(Stage.BEFORE), Cell(text=score_text(card.total_before))),
                ("检查期间", Cell(text=card.period)),
                ("层级、区域", Cell(text=where)),
            ),
            big=4,
        ),
        *notes,
        *_appeals(card),
        *_own_papers(card),
    )


def _appeals(card: Scorecard) -> list[Block]:
    """Tell what the unit objected to and what was decided; what was upheld is in the scores."""
    appeals = card.around.appeals if card.around else ()
    if not appeals:
        return []
    rows = tuple(cells(one.sheet, one.told, one.about, one.grounds, one.outcome, one.why or DASH) for one in appeals)
    heads = columns("检查表", "申诉", "检查项", "申诉理由", "处理结果", "处理理由")
    return [Title(words="对结果的申诉"), TableBlock(columns=heads, rows=rows)]


def _own_papers(card: Scorecard) -> list[Block]:
    """Tell the papers that the bank's analysts wrote; they move no score."""
    papers = card.around.papers if card.around else ()
    if not papers:
        return []
    rows = tuple((Cell(text=one.name), Cell(text=one.state), Cell(text=one.said or DASH)) for one in papers)
    return [Title(words="自设底稿（不影响得分）"), TableBlock(columns=columns("底稿", "状态", "结论"), rows=rows)]


def _rank(rank: int | None, peers: int, score: Score) -> str:
    if rank is not None:
        return f"第 {rank} 名（共 {peers} 家）"
    return "不排名" if score.value is None else AWAITING_PEERS


def _median_of(peers: int) -> str:
    return f"同层级中位数（{peers} 家）" if peers else "同层级中位数"


def _peer(median: Decimal | None, score: Score) -> str:
    if median is not None:
        return show(median, 2)
    return DASH if score.value is None else AWAITING_PEERS


def _previous(before: Decimal | None, now: Decimal | None, comparable: bool) -> str:
    """Name the former score and which way things went; the difference itself is the bridge's to compute."""
    if before is None:
        return "无上期"
    if not comparable:
        return f"{show(before)}（不作比较）" if now is not None else show(before)
    if now is None or now == before:
        return f"{show(before)}" + ("（持平）" if now == before else "")
    return f"{show(before)}（本期{'上升 ▲' if now > before else '下降 ▼'}）"


def _moved(before: Decimal | None, now: Decimal | None) -> str:
    """Name the former score of a domain, and which way it went in a sign: many stand below each other."""
    if before is None:
        return "无上期"
    if now is None:
        return show(before)
    return f"{show(before)} {'平' if now == before else '升 ▲' if now > before else '降 ▼'}"


def domains(card: Scorecard) -> View:
    """Domain by domain: score, the peers' median as a mark on the bar, rank, former score, leads and findings."""
    rows = [_domain_row(entry) for entry in card.domains]
    heads = columns(
        "检查域",
        "得分:num",
        "同层级中位数:num",
        "上期得分:num",
        "得分（竖线为同层级中位数）",
        "同层级名次:short",
        "权重:num",
        "评分覆盖:num",
        "自评:num",
        "复评:num",
        "按疑点测算:num",
        "疑点（待认定 / 属实 / 不属实）:short",
        "检查发现:num",
    )
    waiting = [entry for entry in card.domains if why_no_score(entry.after)]
    notes = [Text(words=f"{entry.title}：{why_no_score(entry.after)}。", tone="muted") for entry in waiting]
    return view(
        table_or(
            "本批次还没有检查域的结果。", heads, rows, f"红色：低于同层级中位数 {CLEARLY} 分及以上；未复核的得分为自评"
        ),
        *notes,
    )


def _domain_row(entry: DomainScore) -> tuple[Cell, ...]:
    value, middle = entry.after.value, entry.peer_median
    below = clearly_below(value, middle)
    words = against(value, middle)
    return cells(
        Cell(text=entry.title, anchor=f"d-{entry.domain}"),
        Cell(text=score_text(entry.after) + entry.marks, tone="bad" if below or entry.marks else ""),
        _peer(middle, entry.after) + entry.peer_marks,
        _moved(entry.previous, value),
        Cell(text=words, tone="bad" if below else "muted", bar=Bar(length=value, mark=middle, bad=below)),
        _rank(entry.rank, entry.peers, entry.after),
        points(entry.weight),
        coverage_text(entry.after),
        show(entry.own_view) if entry.reviewed else score_text(entry.after) + entry.marks,
        score_text(entry.after) + entry.marks if entry.reviewed else Cell(text=_unreviewed(entry), tone="muted"),
        score_text(entry.before),
        f"{entry.open_leads} / {entry.confirmed_leads} / {entry.refuted_leads}",
        show(entry.findings),
    )


def _unreviewed(entry: DomainScore) -> str:
    return "草稿（未上报）" if entry.draft else "未复核"


def card_losses(card: Scorecard) -> View:
    """What was lost and why, dearest first."""
    dearest = sorted(card.losses, key=lambda loss: (-(loss.weighted or 0), -loss.lost, loss.domain, loss.item_id))
    rows = [
        cells(
            domain_title(loss.domain, loss.domain_title),
            f"{loss.item_id} {loss.title}",
            f"{points(loss.lost)} / {points(loss.of)}",
            Cell(text=points(loss.weighted), tone="bad"),
            "；".join(part for part in (loss.explanation, loss.reason) if part) or DASH,
            str(len(loss.leads)) if loss.leads else DASH,
        )
        for loss in dearest[:_SHOWN_LOSSES]
    ]
    more = f"，列出影响最大的 {_SHOWN_LOSSES} 项" if len(dearest) > _SHOWN_LOSSES else ""
    heads = columns("检查域:short", "检查项", "扣分 / 可得分:num", "影响总分:num", "规则与原因", "涉及疑点:num")
    empty = _nothing(card, "没有扣分。")
    return view(table_or(empty, heads, rows, f"共 {len(dearest)} 项扣分{more}；没有总分或检查域没有得分的，不折算影响"))


def _nothing(card: Scorecard, words: str) -> str:
    """Say that nothing was found only where enough was looked at."""
    why = why_no_score(card.total)
    return f"{why}。" if why else words


def card_findings(card: Scorecard) -> View:
    """检查发现 of all domains, as they come from the scorecard."""
    return view(findings_table(card.findings, _nothing(card, NO_FINDINGS)))


def card_leads(card: Scorecard) -> View:
    """How many leads wait, how many were decided which way."""
    rows = [
        cells(
            entry.title,
            Cell(text=show(entry.open_leads), tone="bad" if entry.open_leads else ""),
            show(entry.confirmed_leads),
            show(entry.refuted_leads),
        )
        for entry in card.domains
    ]
    waiting = sum(entry.open_leads for entry in card.domains)
    words = f"还有 {show(waiting)} 条疑点待认定；认定之前不扣分，也不算已评分。" if waiting else "没有待认定的疑点。"
    heads = columns("检查域", "待认定:num", "属实或部分属实:num", "不属实:num")
    return view(Text(words=words, tone="bad" if waiting else ""), table_or("没有检查域。", heads, rows))


def trend(card: Scorecard) -> View:
    """The total period by period, oldest first."""
    rows = [
        cells(
            period, show(value), Cell(text="" if value is not None else "未计分", tone="muted", bar=Bar(length=value))
        )
        for period, value in card.trend
    ]
    if len([value for _, value in card.trend if value is not None]) < 2:
        return view(
            Text(words="只有一个期间的得分，尚无走势。", tone="muted"),
            *([TableBlock(columns=_TREND, rows=tuple(rows))] if rows else []),
        )
    return view(Title(words="总分走势"), TableBlock(columns=_TREND, rows=tuple(rows)))


_TREND = columns("检查期间:short", "总分:num", "0 至 100")
