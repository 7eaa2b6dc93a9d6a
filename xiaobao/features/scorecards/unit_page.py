"""The light page of one unit: HTML and SVG, nothing to load. First where it stands, what changed, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from html import escape
from urllib.parse import urlencode

from msgspec import Struct

from xiaobao.features.scorecards.cards import REPEATED, PageCard
from xiaobao.features.scorecards.gathering import CampaignBook, overdue_of, signed, state_words
from xiaobao.features.scorecards.overview_page import part, running_head
from xiaobao.features.scorecards.svg import course, waterfall
from xiaobao.labels import domain_title, label, level_of
from xiaobao.model import Unit
from xiaobao.numbers import ZERO, show
from xiaobao.pages.views.first import against
from xiaobao.pages.views.wording import DASH, points
from xiaobao.scorecard import OverviewRow, Scorecard
from xiaobao.scorecard.card import OUTDATED, reserved_marks
from xiaobao.scorecard.changes import ScoreChange, why_unled
from xiaobao.scorecard.next_steps import earlier_words

MADE = "@@MADE@@"
_LOSSES, _FINDINGS, _BELOW, _LONGEST = 100, 60, 60, 160
_POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"


class UnitPage(Struct, frozen=True, kw_only=True, dict=True):
    """What one page is drawn from; `card` None where nothing was recorded. `before` is the address of the last one."""

    book: CampaignBook
    row: OverviewRow
    card: PageCard | Scorecard | None
    change: ScoreChange | None
    before: str = ""
    children: tuple[Unit, ...] = ()

    @cached_property
    def unit(self) -> Unit:
        return self.row.unit

    def served(self, page: str, words: str, **more: str) -> str:
        """Return a link to a served page, hidden until a server gave this one out."""
        asked = {"unit": self.unit.id, "period": self.book.campaign.period}
        if self.book.whole.campaign:
            asked["campaign"] = self.book.whole.campaign
        address = f"{page}.ipynb?{urlencode({**asked, **more})}"
        return f' <a hidden data-served="{escape(address)}">{words}</a>'


def unit_page(page: UnitPage) -> str:
    """Return the whole page as text; the moment it was made is put in when it is written."""
    unit, whole = page.unit, page.book.whole
    heading = f"{unit.name}（{unit.id}） · {whole.when} 消保自查得分"
    state = state_words(page.book, frozenset((unit.id,)))
    audience = f"{unit.name}及其上级机构"
    body = "".join(_body(page))
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><link rel="icon" href="data:,">'
        f"<title>{escape(heading)}</title><style>{part('page.css')}\n{running_head(f'{heading}　仅供：{audience}')}"
        f"</style></head><body><header><h1>{escape(heading)}</h1>"
        f"<p>{escape(page.book.bank)} · 截至 {MADE}（北京时间） · {escape(state)}</p>"
        f'<p><span class="who-for">本页仅供：{escape(audience)}</span>{_ways(page)}</p></header><main>{body}</main>'
        f"<script>{part('served.js')}{part('unit.js')}</script></body></html>\n"
    )


def _ways(page: UnitPage) -> str:
    """Return the links to the unit above, those below, and the period before."""
    found = []
    above = page.book.units.get(page.unit.parent)
    if above is not None:
        found.append(f'<a href="../{above.id}/overview.html">上级：{escape(above.name)}</a>')
    if page.children:
        found.append('<a href="overview.html">下级总览</a>')
    if page.before:
        found.append(f'<a href="{escape(page.before)}">上一期</a>')
    return "".join(f' <span class="screen">{one}</span>' for one in found)


def _body(page: UnitPage) -> Iterator[str]:
    yield f'<div class="three">{_where(page)}{_moved(page)}{_todo(page)}</div>'
    card = page.card
    if card is not None:
        yield _part("各检查域", _domains(page, card))
        yield _part(f"失分（{len(card.losses)} 项）", _losses(card))
        yield _part(f"检查发现（{len(card.findings)} 项）", _findings(card))
        if drawn := course(card.trend):
            yield _part("总分走势", drawn + _plain(("期间", "总分"), [(p, show(v, 2)) for p, v in card.trend]))
        if card.notes:
            yield _part("说明", f"<ul>{''.join(f'<li>{escape(note)}</li>' for note in card.notes)}</ul>")
    if page.children:
        yield _part(f"下级机构（{len(page.children)} 家）", _below(page))


def _where(page: UnitPage) -> str:
    row, standing = page.row, page.book.totals.get(page.unit.id)
    grade = page.book.whole.grade_labels.get(row.grade, row.grade) or DASH
    covered = DASH if row.coverage is None else f"{show(row.coverage)} %"
    place = f"第 {row.rank} 名（{level_of(row.unit)}共 {standing.peers} 家）" if standing else "不排名"
    facts = [("评分覆盖", covered), ("等级", grade), ("名次（同层级）", place)]
    if standing:
        facts.append(
            (f"同层级中位数（{standing.peers} 家）", show(standing.median, 2) + reserved_marks(standing.reserved))
        )
        facts.append(("与中位数相比", against(row.total, standing.median)))
    facts.append(("得分性质", "已复核" if row.reviewed else "自评（尚未全部复核）"))
    why = [row.standing and f"{row.standing}，没有得分、等级和名次，也不能说明没有问题", *row.warnings]
    if behind := page.book.behind.get(page.unit.id):
        why.append(f"{OUTDATED}：此后有 {behind} 项认定、复核等，得分尚未重新计算（xiaobao run 后更新）")
    why += [f"一票否决：{words}" for words in _vetoes(page.card)] or (["触发一票否决"] if row.vetoed else [])
    listed = "".join(f"<dt>{name}</dt><dd>{escape(shown)}</dd>" for name, shown in facts)
    said = "".join(f'<p class="bad">{escape(words)}</p>' for words in why if words)
    return (
        f'<section><h2>现在怎样</h2><p class="score">{escape(row.shown_total)}</p>{said}<dl class="facts">{listed}</dl>'
        f"{page.served('6_scorecard', '完整得分表')}</section>"
    )


def _vetoes(card: PageCard | Scorecard | None) -> list[str]:
    """Return what held the total or a domain down, with the day and the evidence, each once."""
    if card is None:
        return []
    applied = (*card.total.vetoes, *(veto for domain in card.domains for veto in domain.after.vetoes))
    return list(dict.fromkeys(veto.words for veto in applied))


def _moved(page: UnitPage) -> str:
    row, change = page.row, page.change
    if row.total is None:
        words, drawn = "没有得分，不与上期比较。", ""
    elif row.previous is None:
        words, drawn = "没有可以比较的上期得分。", ""
    elif change is None:
        domains = page.card.domains if page.card else ()
        why = why_unled((one.title, one.after.value, one.previous) for one in domains)
        words, drawn = f"上期 {show(row.previous, 2)}；{why}", ""
    else:
        same = "" if row.comparable else "两期有得分的检查域不同，不作升降比较；"
        words = f"{same}{change.before_period} {show(change.before, 2)}，本期 {show(change.after, 2)}，"
        words += f"{signed(change.difference)} 分"
        words += f"。影响最大的 {len(change.causes)} 项：" if change.causes else "，没有检查项移动得分。"
        drawn = waterfall(change) if change.causes else ""
        if change.causes:
            lines = [(one.what, one.step, signed(one.change)) for one in change.causes]
            lines += [("其余各项合计", "", signed(change.rest))] if change.rest else []
            table = _plain(("检查项", "变化", "影响总分"), lines)
            drawn += f'<details class="asTable"><summary>看数字表</summary>{table}</details>'
            drawn += (
                f'<p class="note">四舍五入 {show(change.rounding, 4)} 分；各项单独取两位小数，合计可能差 0.01。</p>'
            )
    return f"<section><h2>变了什么、为什么</h2><p>{escape(words)}</p>{drawn}</section>"


def _todo(page: UnitPage) -> str:
    book, row, card = page.book, page.row, page.card
    due = [one for one in book.actions.get(page.unit.id, ()) if one.status == "open"]
    late = overdue_of(book, page.unit.id)
    lines = []
    if row.open_leads:
        by = [f"{one.title} {one.open_leads}" for one in (card.domains if card else ()) if one.open_leads]
        where = f"（{'、'.join(by)}）" if by else ""
        lines.append(f"待认定疑点 {row.open_leads} 条{escape(where)}{page.served('leads', '去核实')}")
    if due:
        first = min(one.due for one in due)
        overdue = f"，其中 <b class='bad'>逾期 {len(late)} 项</b>" if late else ""
        lines.append(
            f"整改措施 {len(due)} 项未完成{overdue}，最早到期 {first}{page.served('corrective_actions', '去整改')}"
        )
    for before in book.earlier.get(page.unit.id, ()):
        period, _, campaign = before.address.partition("/")
        home = {"period": period, **({"campaign": campaign} if campaign else {})}
        words = escape(earlier_words(before))
        said = f"<b class='bad'>{words}</b>" if before.late else words
        lines.append(said + page.served("corrective_actions", "去整改", **home))
    if row.drafts:
        lines.append(f"检查表未上报：{escape('、'.join(row.drafts.values()))}{page.served('fill', '去填报')}")
    if row.missing:
        lines.append(f"缺：{escape('、'.join(row.missing))}")
    if row.failed:
        lines.append(f"底稿运行失败：{escape('、'.join(row.failed.values()))}，请总行查看 xiaobao status")
    listed = "".join(f"<li>{line}</li>" for line in lines)
    none = "<p>没有待认定的疑点、未完成的整改和缺的检查表。</p>"
    return f"<section><h2>下一步</h2>{f'<ul>{listed}</ul>' if lines else none}</section>"


def _domains(page: UnitPage, card: PageCard | Scorecard) -> str:
    heads = (
        "检查域",
        "权重",
        "得分",
        "评分覆盖",
        "同层级中位数",
        "同层级名次",
        "上期",
        "待认定 / 属实 / 不属实",
        "发现",
    )
    rows = []
    for one in card.domains:
        standing = page.book.places.get(one.domain, {}).get(page.unit.id)
        covered = page.row.domain_coverage.get(one.domain)
        rows.append(
            (
                one.title or domain_title(one.domain, ""),
                points(one.weight),
                page.row.shown_domain(one.domain),
                DASH if covered is None else f"{show(covered)} %",
                show(standing.median, 2) + reserved_marks(standing.reserved) if standing else DASH,
                f"第 {standing.rank} 名（共 {standing.peers} 家）" if standing else "不排名",
                show(one.previous, 2) if one.previous is not None else "无上期",
                f"{one.open_leads} / {one.confirmed_leads} / {one.refuted_leads}",
                show(one.findings),
            )
        )
    return _plain(heads, rows, [f"d-{one.domain}" for one in card.domains])


def _losses(card: PageCard | Scorecard) -> str:
    dearest = sorted(card.losses, key=lambda loss: (-(loss.weighted or ZERO), -loss.lost, loss.domain, loss.item_id))
    rows = [
        (
            domain_title(loss.domain, loss.domain_title),
            f"{loss.item_id} {loss.title}",
            f"{points(loss.lost)} / {points(loss.of)}",
            points(loss.weighted),
            _cut("；".join(filter(None, (loss.explanation, loss.reason)))),
        )
        for loss in dearest[:_LOSSES]
    ]
    more = f'<p class="note">列出影响最大的 {_LOSSES} 项，共 {len(dearest)} 项。</p>' if len(dearest) > _LOSSES else ""
    if not rows:
        return f"<p>{_nothing(card, '没有扣分。')}</p>"
    return _plain(("检查域", "检查项", "扣分 / 可得分", "影响总分", "规则与原因"), rows, named="失分") + more


def _nothing(card: PageCard | Scorecard, words: str) -> str:
    """Say that nothing was found only where enough was looked at."""
    return words if card.total.value is not None else "没有得分，不能说明没有问题。"


def _findings(card: PageCard | Scorecard) -> str:
    rows = [
        (
            domain_title(one.domain, one.domain_title),
            f"{one.item_id} {one.title}" + ("（屡查屡犯）" if one.origin == REPEATED else ""),
            label(one.severity),
            points(one.points_lost),
            _cut(one.condition),
        )
        for one in card.findings[:_FINDINGS]
    ]
    more = (
        f'<p class="note">列出前 {_FINDINGS} 项，共 {len(card.findings)} 项。</p>'
        if len(card.findings) > _FINDINGS
        else ""
    )
    if not rows:
        return f"<p>{_nothing(card, '没有检查发现。')}</p>"
    return _plain(("检查域", "问题", "严重程度", "扣分", "事实"), rows, named="检查发现") + more


def _below(page: UnitPage) -> str:
    """Name the units right below with links alone: who reads this page may not see theirs."""
    lines = [
        f'<li><a href="../{child.id}/scorecard.html">{escape(child.name)}</a>（{child.id}）</li>'
        for child in page.children[:_BELOW]
    ]
    more = '<li>其余见<a href="overview.html">下级总览</a></li>' if len(page.children) > _BELOW else ""
    return f"<ul>{''.join(lines)}{more}</ul>"


def _part(title: str, body: str) -> str:
    return f'<details class="part"><summary>{escape(title)}</summary>{body}</details>'


def _plain(heads: Sequence[str], rows: Iterable[Sequence[str]], anchors: Sequence[str] = (), *, named: str = "") -> str:
    marks = [f' id="{escape(anchor)}"' for anchor in anchors]
    lines = [
        f"<tr{marks[place] if marks else ''}>{''.join(f'<td>{escape(text)}</td>' for text in row)}</tr>"
        for place, row in enumerate(rows)
    ]
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    name = named or heads[0]
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cut(words: str) -> str:
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
