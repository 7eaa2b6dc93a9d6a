"""检查表变更说明: a comparison as the text that a compliance officer signs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from xiaobao.checklist.citations import citation_text
from xiaobao.checklist.comparing import ADDED, REMOVED, Comparison, FieldChange, NodeChange
from xiaobao.checklist.models import Checklist, Item, Regulations
from xiaobao.checklist.wording import field_title, value_text

_NUMBERS = "一二三四五六七八九十"
_TOLD_OF_ADDED = (
    "requirement",
    "citations",
    "procedure",
    "evidence",
    "rules",
    "applies_to",
    "sample",
    "effective_from",
)


def change_note(found: Comparison, regulations: Regulations | None = None) -> str:
    """Return the note: what changed in the sheet, its sections, items and vetoes, with the wording before and after."""
    parts = [
        ("概述", _summary(found)),
        ("检查表", _field_lines(change for change in found.sheet if change.field != "version")),
        ("评价要素", [line for node in found.sections for line in _node_lines(node)]),
        ("检查项", list(_item_lines(found, regulations))),
        ("一票否决", [line for node in found.vetoes for line in _node_lines(node)]),
    ]
    lines = _head(found)
    for number, (title, part_lines) in zip(_NUMBERS, [part for part in parts if part[1]], strict=False):
        lines += ["", f"{number}、{title}", *part_lines]
    return "\n".join([*lines, "", "编制：＿＿＿＿　　复核：＿＿＿＿　　审定：＿＿＿＿　　日期：＿＿＿＿", ""])


@dataclass(frozen=True, kw_only=True)
class NoteRow:
    """One change as a line of a table; `before` or `after` is empty where the thing was not there."""

    place: str
    what: str
    kinds: str
    field: str
    before: str
    after: str


def note_head(found: Comparison) -> list[str]:
    """Return the lines above the changes: which sheet, which versions, how large, both hashes, and a summary."""
    return [*_head(found)[2:], *_summary(found)]


def note_rows(found: Comparison, regulations: Regulations | None = None) -> tuple[NoteRow, ...]:
    """Return every change of the sheet, its sections, items and vetoes, each with both wordings."""
    rows = [
        NoteRow(
            place="检查表",
            what=found.after.title,
            kinds="",
            field=change.title,
            before=change.before,
            after=change.after,
        )
        for change in found.sheet
        if change.field != "version"
    ]
    for part, nodes in (("评价要素", found.sections), ("一票否决", found.vetoes)):
        rows += [row for node in nodes for row in _node_rows(part, node)]
    before = {item.id: item for item in found.before.items()}
    after = {item.id: item for item in found.after.items()}
    for node in found.items:
        if ADDED in node.kinds:
            worded = _worded(after[node.id], regulations)
            rows += [_row(node.section, node, title, "", text) for title, text in worded]
        elif REMOVED in node.kinds:
            title = field_title("requirement")
            rows.append(_row(node.section, node, title, before[node.id].requirement, ""))
        else:
            rows += _node_rows(node.section, node)
    return tuple(rows)


def _node_rows(place: str, node: NodeChange) -> list[NoteRow]:
    if not node.fields:
        return [_row(place, node, "", "", "")]
    return [_row(place, node, change.title, change.before, change.after) for change in node.fields]


def _row(place: str, node: NodeChange, field: str, before: str, after: str) -> NoteRow:
    return NoteRow(
        place=place,
        what=f"{node.id} {node.title}",
        kinds="、".join(node.kinds),
        field=field,
        before=before,
        after=after,
    )


def plain_comparison(found: Comparison) -> dict[str, Any]:
    """Return JSON-ready data of a comparison."""
    before, after = found.hashes()
    return {
        "id": found.after.id,
        "before": {"version": found.before.version, "sha256": before},
        "after": {"version": found.after.version, "sha256": after},
        "unchanged": found.unchanged,
        "counts": dict(found.counts()),
        "sheet": [_plain_field(change) for change in found.sheet],
        "sections": [_plain_node(node) for node in found.sections],
        "items": [_plain_node(node) for node in found.items],
        "vetoes": [_plain_node(node) for node in found.vetoes],
    }


def _head(found: Comparison) -> list[str]:
    before, after = found.before, found.after
    old_hash, new_hash = found.hashes()
    return [
        "检查表变更说明",
        "",
        f"检查表：{after.title}（{after.id}）",
        f"版本：{before.version} → {after.version}，自 {after.effective_from} 起用",
        f"规模：{_size(before)} → {_size(after)}",
        f"内容摘要（SHA-256）：原 {old_hash}",
        f"　　　　　　　　　　现 {new_hash}",
    ]


def _size(checklist: Checklist) -> str:
    return f"{len(checklist.items())} 项、{value_text('total', checklist.total)} 分"


def _summary(found: Comparison) -> list[str]:
    counted = "，".join(f"{kind} {number} 项" for kind, number in found.counts().items())
    lines = [f"检查项：{counted or '没有变化'}；其余 {found.unchanged} 项未变。"]
    if any(REMOVED in item.kinds for item in found.items):
        lines.append("删除的检查项编号不再使用，历史答复和检查发现照旧保存。")
    lines.append("已填写的检查任务保留填写时的版本和内容，不因本次变更而改动。")
    return lines


def _item_lines(found: Comparison, regulations: Regulations | None) -> Iterator[str]:
    before = {item.id: item for item in found.before.items()}
    after = {item.id: item for item in found.after.items()}
    sections = dict.fromkeys(node.section for node in found.items)
    for section in sections:
        yield f"【{section}】"
        for node in found.items:
            if node.section == section:
                item = after.get(node.id) or before[node.id]
                yield from _node_lines(node, f"，{value_text('points', item.points)} 分")
                if ADDED in node.kinds:
                    yield from _added_item(item, regulations)
                elif REMOVED in node.kinds:
                    yield f"　　原{field_title('requirement')}：{item.requirement}"


def _added_item(item: Item, regulations: Regulations | None) -> Iterator[str]:
    return (f"　　{title}：{text}" for title, text in _worded(item, regulations))


def _worded(item: Item, regulations: Regulations | None) -> Iterator[tuple[str, str]]:
    """Return (title, text) of what is shown of a new item."""
    for name in _TOLD_OF_ADDED:
        if name == "citations" and regulations is not None:
            text = citation_text(regulations, item)
        else:
            text = value_text(name, getattr(item, name))
        if text:
            yield field_title(name), text


def _node_lines(node: NodeChange, added: str = "") -> list[str]:
    """Return the heading of one node, then each field with its former and its present wording."""
    with_points = added if not node.fields else ""
    return [f"· {node.id}　{node.title}：{'、'.join(node.kinds)}{with_points}", *_field_lines(node.fields)]


def _field_lines(changes: Iterable[FieldChange]) -> list[str]:
    lines = []
    for change in changes:
        lines.append(f"　　{change.title}　原：{change.before or '（无）'}")
        lines.append(f"　　{'　' * len(change.title)}　现：{change.after or '（无）'}")
    return lines


def _plain_field(change: FieldChange) -> dict[str, str]:
    return {"field": change.field, "title": change.title, "before": change.before, "after": change.after}


def _plain_node(node: NodeChange) -> dict[str, Any]:
    return {
        "id": node.id,
        "title": node.title,
        "section": node.section,
        "kinds": list(node.kinds),
        "fields": [_plain_field(change) for change in node.fields],
    }
