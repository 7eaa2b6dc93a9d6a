"""我的工作 as a page: counts first, then of each kind the first lines, each a link to the page where it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xiaobao.features.my_work.kinds import MATTER_KINDS, NOT_WAITING
from xiaobao.model import Value
from xiaobao.numbers import show
from xiaobao.pages.views.view_model import Block, Cell, Facts, Html, Text, Title, View, tag, view

if TYPE_CHECKING:
    from xiaobao.features.my_work.hanging import Hanging
    from xiaobao.features.my_work.my_work import MyWork, WorkLine, WorkPart

_FIRST = 8  # lines of a kind that stand open
_ROW = "display:flex;flex-wrap:wrap;gap:0 1em;padding:.45em 0;border-bottom:1px solid #dbe1e8"
_LINK = "color:#144f8c;flex:1 1 16em;overflow-wrap:anywhere"
_SAID = "flex:2 1 18em;color:#374151;overflow-wrap:anywhere"


class WorkLink(Value):
    """A line of work: its words lead to `address`, "" for none; `late` says why it stands out."""

    words: str
    address: str
    said: str = ""
    late: str = ""

    def html(self) -> Html:
        name = (
            tag("a", self.words, href=self.address, target="_self", style=_LINK)
            if self.address
            else tag("span", self.words)
        )
        late = tag("span", f"{'　' if self.said else ''}{self.late}", class_="bad") if self.late else Html("")
        return tag("li", name, tag("span", self.said, late, style=_SAID), style=_ROW)

    def text(self) -> str:
        return "　".join(filter(None, (f"- {self.words}", self.said, self.late)))


class WorkLinks(Value):
    """Lines of work: the first `opened` stand open, the rest are folded; `note` says how many more there are."""

    lines: tuple[WorkLink, ...]
    opened: int
    note: str = ""

    def html(self) -> Html:
        first, rest = self.lines[: self.opened], self.lines[self.opened :]
        note = tag("p", self.note, class_="muted") if self.note else Html("")
        return tag("div", _list(first), _folded(rest, "其余" if first else "查看"), note)

    def text(self) -> str:
        return "\n".join([*(one.text() for one in self.lines), *([self.note] if self.note else [])])


def _list(lines: tuple[WorkLink, ...]) -> Html:
    drawn = (one.html() for one in lines)
    return tag("ul", *drawn, style="list-style:none;margin:0;padding:0") if lines else Html("")


def _folded(lines: tuple[WorkLink, ...], word: str) -> Html:
    summary = tag("summary", f"{word} {len(lines)} 处", style="padding:.45em 0;cursor:pointer;color:#144f8c")
    return tag("details", summary, _list(lines)) if lines else Html("")


def my_work(found: MyWork) -> View:
    """Who, counts of each kind, lines of each kind, and for head office what hangs where."""
    if found.reason:
        return view(Text(words=found.reason, tone="muted"))
    who = "，".join(filter(None, (found.who, "、".join(found.roles)))) or "单机，未认证：列出全部机构的事项"
    named = _Named(found.parts)
    blocks: list[Block] = [Text(words=f"{who}。{named.only}{found.day}")]
    if found.looks:
        blocks.append(_links(WorkLink(words="打开总览", address="overview.ipynb", said="各机构得分、等级和发现")))
    if found.waiting:
        blocks.append(Facts(pairs=tuple(_count(part) for part in found.waiting)))
    elif not found.hanging:
        blocks.append(Text(words="现在没有等您办理的事项。", tone="muted"))
    for part in found.parts:
        blocks += [Title(words=f"{part.title}　共 {show(part.count)} 项", top=True), _part(part, named)]
    return view(*blocks, *(_hanging(found.hanging) if found.hanging else ()))


def _links(*lines: WorkLink, note: str = "", opened: int | None = None) -> Block:
    return WorkLinks(lines=lines, note=note, opened=len(lines) if opened is None else opened)  # type: ignore[return-value]  # drawn as every block is


class _Named:
    """What each line has to say of its place: what is one for the whole page is said once, above."""

    def __init__(self, parts: tuple[WorkPart, ...]) -> None:
        lines = [one for part in parts for one in part.lines]
        units = {_place(one) for one in lines}
        self.only = f"{units.pop()}。" if len(units) == 1 else ""
        self._campaigns = len({one.campaign for one in lines if one.campaign}) > 1

    def words(self, one: WorkLine) -> str:
        """Return what is to be done, with its place and its campaign where there are several."""
        place = "" if self.only else _place(one)
        campaign = f"（{one.campaign}）" if self._campaigns and one.campaign else ""
        return f"{place} {one.title}{campaign}".strip()


def _place(one: WorkLine) -> str:
    return f"{one.unit_name}（{one.unit}）" if one.unit else "总行"


def _count(part: WorkPart) -> tuple[str, Cell]:
    late = f"（逾期 {show(part.late)}）" if part.late else ""
    return part.title, Cell(text=f"{show(part.count)}{late}", tone="bad" if part.late else "")


def _part(part: WorkPart, named: _Named) -> Block:
    left = part.places > len(part.lines)
    note = f"共 {show(part.places)} 处，此处列出前 {len(part.lines)} 处，逾期最久的在前" if left else ""
    lines = [_line(one, named.words(one)) for one in part.lines]
    folded = part.kind in NOT_WAITING and len(lines) > _FIRST
    return _links(*lines, note=note, opened=0 if folded else _FIRST)


def _line(one: WorkLine, words: str) -> WorkLink:
    due = f"期限 {one.due}" if one.due else ""
    return WorkLink(
        words=words,
        address=one.address,
        said="，".join(filter(None, (one.said, due))),
        late=f"逾期 {one.late} 天" if one.late else "",
    )


def _hanging(found: Hanging) -> list[Block]:
    """Counts of the bank, the units with most overdue, then all by unit, and papers that failed."""
    counts = [
        (MATTER_KINDS[kind].title, Cell(text=f"{show(count)} / {show(late)}", tone="bad" if late else ""))
        for kind, (count, late) in sorted(found.kinds.items(), key=lambda one: list(MATTER_KINDS).index(one[0]))
    ]
    blocks: list[Block] = [Title(words="全行未办事项（件数 / 其中逾期）", top=True)]
    blocks.append(Facts(pairs=tuple(counts)) if counts else Text(words="没有未办事项。", tone="muted"))
    if found.worst:
        words = "；".join(f"{one.unit_name}（{one.unit or '总行'}）{show(one.late)} 项" for one in found.worst)
        blocks.append(Text(words=f"逾期最多：{words}", tone="bad"))
    if found.units:
        rows = [
            WorkLink(
                words=f"{one.unit_name}（{one.unit}）" if one.unit else "总行",
                address="",
                said="，".join(
                    f"{MATTER_KINDS[kind].title} {show(one.counts[kind])}"
                    for kind in MATTER_KINDS
                    if kind in one.counts
                ),
                late=f"逾期 {show(one.late)} 项" if one.late else "",
            )
            for one in found.units
        ]
        more = found.places > len(rows)
        note = f"共 {show(found.places)} 家，此处列出逾期最多的 {len(rows)} 家" if more else ""
        blocks += [Title(words=f"各机构未办事项　共 {show(found.places)} 家", top=True), _links(*rows, note=note)]
    if found.failed:
        lines = [
            WorkLink(
                words=f"{one.unit_name}（{one.unit}） {one.notebook} {one.period}",
                address="",
                said=one.error,
                late="未成功",
            )
            for one in found.failures
        ]
        note = f"共 {show(found.failed)} 份，此处列出前 {len(lines)} 份" if found.failed > len(lines) else ""
        blocks += [Title(words=f"没有成功的底稿　共 {show(found.failed)} 份", top=True), _links(*lines, note=note)]
    return blocks
