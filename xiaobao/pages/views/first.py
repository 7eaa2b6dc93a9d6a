"""The first screen of a branch card: where the unit stands, what changed and why, what is to be done next."""

from __future__ import annotations

from decimal import Decimal

from xiaobao.labels import VIEWS, level_of, named_period
from xiaobao.numbers import ZERO, show
from xiaobao.pages.views.pieces import Lane, Link, Links, Picker, Side, Ways, address, of_period
from xiaobao.pages.views.view_model import Bar, Block, Cell, Facts, Text, Title, View, columns, table_or, view
from xiaobao.pages.views.wording import DASH, coverage_text, score_text, why_no_score
from xiaobao.scorecard import Scorecard
from xiaobao.scorecard.around import Around
from xiaobao.scorecard.changes import ScoreChange, causes_sentence, change_of, signed, why_unled
from xiaobao.scorecard.next_steps import NextStep, next_steps

CLEARLY = Decimal(1)
PAGE = "6_scorecard"
_HUNDRED = Decimal(100)
_BELOW = 8


def first_screen(card: Scorecard) -> View:
    """Answer within ten seconds: where we stand, what changed and why, what to do next."""
    unit, around = card.unit, card.around
    head: list[Block] = [Title(words=f"{unit.name}（{unit.id}） · {_when(card)} 考评得分表", top=True)]
    if around is not None:
        head += [Picker(page=PAGE, around=around, unit=unit), _ways(card)]  # type: ignore[list-item]
        if not around.inspected:
            return view(*head, *_not_inspected(card, around))
    parts = (("现在怎样", _where(card)), ("变了什么、为什么", _moved(card)), ("下一步", _next(card)))
    return view(*head, Side(parts=parts))  # type: ignore[arg-type]  # drawn as every block is


def _when(card: Scorecard) -> str:
    """Name the period, and the campaign where the period has several."""
    return named_period(card.around.period) if card.around is not None else card.period


def _not_inspected(card: Scorecard, around: Around) -> tuple[Block, ...]:
    """Say that the campaign does not inspect the unit, and lead to the newest one that does."""
    said = f"{named_period(around.period)} 不检查{card.unit.name}：这一批次没有它的检查表和得分。"
    if not around.inspected_in:
        return (Text(words=f"{said}也没有别的批次检查它；检查哪些机构见总览。"),)
    newest = Link(
        words=f"打开最近检查它的一批：{named_period(around.inspected_in)}",
        address=of_period(PAGE, around.inspected_in, unit=card.unit.id),
    )
    return (Text(words=said), Links(lines=(newest,)))  # type: ignore[return-value]


def clearly_below(value: Decimal | None, middle: Decimal | None) -> bool:
    """Tell whether a score is a whole point or more under the median: less than that is no warning."""
    return value is not None and middle is not None and middle - value >= CLEARLY


def against(value: Decimal | None, middle: Decimal | None) -> str:
    """Say how a score stands to the median of its level, in points."""
    if value is None or middle is None:
        return DASH
    if value == middle:
        return "与中位数相同"
    return f"{'低于' if value < middle else '高于'}中位数 {show(abs(value - middle), 2)} 分"


def _ways(card: Scorecard) -> Ways:
    around = card.around
    assert around is not None
    lines = []
    if around.above:
        lines.append(Link(words=f"上级：{around.above.title}", address=address(PAGE, around, unit=around.above.value)))
    lines += [
        Link(words=f"下级：{one.title}", address=address(PAGE, around, unit=one.value)) for one in around.below[:_BELOW]
    ]
    if len(around.below) > _BELOW:
        lines.append(Link(words=f"下级共 {len(around.below)} 家，其余见总览", address=address("overview", around)))
    if around.before:
        lines.append(Link(words=f"上期：{around.before}", address=of_period(PAGE, around.before, unit=card.unit.id)))
    lines.append(Link(words="全部机构", address=address("overview", around)))
    return Ways(lines=tuple(lines))


def _where(card: Scorecard) -> tuple[Block, ...]:
    total, value, middle = card.total, card.total.value, card.peer_median
    facts: list[tuple[str, Cell]] = [
        ("总分（按认定结果）", Cell(text=score_text(total) + card.marks, tone="bad" if card.marks else "")),
        ("等级", Cell(text=card.grade_label or DASH)),
        (
            "名次（同层级）",
            Cell(text=f"第 {card.rank} 名（共 {card.peers} 家）" if card.rank is not None else "不排名"),
        ),
        ("评分覆盖", Cell(text=coverage_text(total))),
        ("得分性质", Cell(text=VIEWS[card.reviewed])),
    ]
    if not card.domains:
        facts = [(facts[0][0], Cell(text=DASH)), *facts[1:3]]
    blocks: list[Block] = [Facts(pairs=tuple(facts), big=1)]
    if why := _why_bare(card):
        blocks.append(Text(words=f"{why}。", tone="bad"))
    if card.around is not None and card.around.older_paper:
        blocks.append(Text(words=card.around.older_paper, tone="bad"))
    if value is not None and middle is not None:
        level = level_of(card.unit)
        said = f"{level} {card.peers} 家的中位数 {show(middle, 2)}{card.peer_marks}，本机构{against(value, middle)}。"
        below = clearly_below(value, middle)
        blocks.append(Text(words=said, tone="bad" if below else ""))
        blocks.append(_lane(value, middle, bad=below))
    vetoes = [one.words for one in (*card.total.vetoes, *(veto for d in card.domains for veto in d.after.vetoes))]
    blocks += [Text(words=f"一票否决：{words}。", tone="bad") for words in vetoes]
    return tuple(blocks)


def _why_bare(card: Scorecard) -> str:
    if not card.domains:
        return "本批次还没有本机构的结果：检查表上报并运行之后才有得分"
    return why_no_score(card.total)


def _lane(value: Decimal, middle: Decimal, *, bad: bool) -> Block:
    """A bar of the score with the median as a mark; the sentence above says both."""
    return Lane(words="0 至 100，竖线为中位数", bar=Bar(length=value, mark=middle, bad=bad))  # type: ignore[return-value]


def _moved(card: Scorecard) -> tuple[Block, ...]:
    change = change_of(card.bridge)
    if change is None:
        return (Text(words=_why_no_change(card), tone="muted"),)
    said = f"{change.before_period} {show(change.before, 2)} → {change.after_period} {show(change.after, 2)}："
    same = "" if card.comparable else "两期有得分的检查域不同，不作升降比较。"
    return (Text(words=f"{said}{causes_sentence(change)}{same}"), waterfall(change, card))


def _why_no_change(card: Scorecard) -> str:
    if card.total.value is None:
        return "本期没有得分，不与上期比较。"
    if card.previous is None:
        return "没有上期得分，无从比较。"
    why = why_unled((one.title, one.after.value, one.previous) for one in card.domains)
    return f"上期 {show(card.previous, 2)}；{why}"


def waterfall(change: ScoreChange, card: Scorecard) -> Block:
    """The way from one total to the next: the ten largest causes, each a bar where the last one ended."""
    bars = change.bars
    ends = [change.before, change.after, *(end for _, low, high in bars for end in (low, high))]
    low, high = min(ends), max(ends)
    span = high - low

    def placed(first: Decimal, last: Decimal) -> Bar | None:
        if not span:
            return None
        start, length = (min(first, last) - low) / span * _HUNDRED, abs(last - first) / span * _HUNDRED
        return Bar(start=start, length=max(length, Decimal("0.8")), bad=last < first)

    steps = {one.what: one.step for one in change.causes}
    homes = {line.node_id: one.domain for one in card.domains for line in one.after.trace}
    rows = [
        (
            Cell(text=what, link=_sheet(card, homes.get(what.partition(" ")[0], ""))),
            Cell(text=signed(end - start), tone="bad" if end - start <= -CLEARLY else ""),
            Cell(text="下降 ▼" if end < start else "上升 ▲", tone="muted", bar=placed(start, end)),
            Cell(text=steps.get(what, DASH), tone="muted"),
        )
        for what, start, end in bars
    ]
    note = f"影响总分最大的 {len(change.causes)} 项；四舍五入另计 {show(change.rounding, 4)} 分"
    heads = columns("检查项", "影响总分:num", "从上期走到本期", "哪一步")
    return table_or("没有检查项移动得分。", heads, rows, note)


def _sheet(card: Scorecard, domain: str) -> str:
    """Return where the sheet of a domain is: the item's answer, its records and articles stand there."""
    return address("fill", card.around, unit=card.unit.id, domain=domain) if domain else ""


def _next(card: Scorecard) -> tuple[Block, ...]:
    steps = next_steps(card, card.around)
    if steps:
        return (Links(lines=tuple(_step(card, one) for one in steps)),)  # type: ignore[return-value]
    if card.around is None:
        return (Text(words="没有待认定的疑点。检查表和整改情况打开页面时另列。", tone="muted"),)
    return (Text(words="没有未提交的检查表、待认定的疑点和未完成的整改。", tone="muted"),)


def _step(card: Scorecard, one: NextStep) -> Link:
    if one.period:
        where = of_period(one.page, one.period, unit=card.unit.id)
    else:
        where = address(one.page, card.around, unit=card.unit.id) if one.page else ""
    return Link(words=one.words, address=where, bad="已逾期" if one.late and one.kind == "measure" else "")


def dearest(card: Scorecard, most: int = 10) -> View:
    """The items that cost most, each leading to its sheet, where answer, records and article stand."""
    losses = sorted(card.losses, key=lambda one: (-(one.weighted or ZERO), -one.lost, one.domain, one.item_id))[:most]
    lines = tuple(
        Link(
            words=f"{one.item_id} {one.title}",
            address=_sheet(card, one.domain),
            said=f"影响总分 {show(one.weighted, 2)}，扣 {show(one.lost, 2)} / {show(one.of, 2)}"
            + (f"，疑点 {len(one.leads)} 条" if one.leads else ""),
        )
        for one in losses
    )
    if not lines:
        return view(Text(words="没有扣分。" if card.total.value is not None else "没有得分，不能说明没有问题。"))
    return view(Title(words=f"失分最多的 {len(lines)} 项"), Links(lines=lines))  # type: ignore[arg-type]
