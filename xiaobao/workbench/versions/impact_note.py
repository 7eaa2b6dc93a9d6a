"""The impact of a draft as text for the person who decides on publishing it."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from xiaobao import labels
from xiaobao.numbers import half_up, show
from xiaobao.workbench.versions.impact import Impact, Repeats, Rescored

_MOST = 10
_PUBLISHED = {"same": "该版本已发布，内容相同。", "other": "该版本号已发布过别的内容，不能再用，请换版本号。", "": ""}


def impact_note(found: Impact) -> str:
    """Return the note: what changes, work in hand, scores, repeat detection, crosswalk."""
    draft = found.draft
    lines = [f"发布影响：{draft.title}（{draft.id}）{draft.version}", *filter(None, [_PUBLISHED[found.published]])]
    if found.comparison is None:
        lines += [f"这是第一个版本：{len(draft.items())} 项，不影响任何已有的检查任务。", *_elements(found)]
        return "\n".join(lines) + "\n"
    counts = "，".join(f"{kind} {number} 项" for kind, number in found.comparison.counts().items()) or "没有变化"
    lines += [
        "",
        "一、内容",
        f"与 {found.comparison.before.version} 版相比：{counts}；其余 {found.comparison.unchanged} 项未变。",
    ]
    lines += ["", "二、在办和已办的检查任务", *_work(found)]
    lines += ["", "三、得分（按原答复和原认定测算，不写入）", *_scores(found)]
    if found.repeats is not None:
        lines += ["", "四、屡查屡犯比对", *_repeats(found.repeats)]
    lines += ["", "五、监管评价要素对应", *_elements(found)]
    return "\n".join(lines) + "\n"


def _work(found: Impact) -> Iterator[str]:
    if not found.work:
        yield "没有使用这张检查表的检查任务。"
        return
    for row in found.work:
        state = labels.STATES[row.state]
        line = f"{row.period} {row.campaign} {row.version} 版，{state} {row.inspections} 份，答复 {row.answers} 条"
        if row.state == "draft":
            line += f"；如换到新版本，其中 {row.on_changed} 条对应的检查项有变化，{row.on_removed} 条对应的检查项已删除"
        yield line
    yield "以上任务都保留填写时的版本；只有填报中的可以另行换版本，已提交、已退回、已复核的不变。"


def _scores(found: Impact) -> Iterator[str]:
    if not found.rescored:
        yield "还没有这张检查表的得分，无从测算。"
        return
    moved = [
        (row, row.after - row.before) for row in found.rescored if row.after is not None and row.before is not None
    ]
    up, down = sum(by > 0 for _, by in moved), sum(by < 0 for _, by in moved)
    grades = sum(row.grade_before != row.grade_after for row in found.rescored)
    mean = half_up(sum((by for _, by in moved), Decimal(0)) / len(moved)) if moved else None
    yield (
        f"{found.period} {len(found.rescored)} 家机构：升 {up} 家，降 {down} 家，平均 {_signed(mean)} 分，"
        f"等级变化 {grades} 家。"
    )
    unscored = len(found.rescored) - len(moved)
    if unscored:
        yield f"{unscored} 家机构在新旧版本之一没有得分。"
    for row, by in sorted(moved, key=lambda pair: (-abs(pair[1]), pair[0].unit))[:_MOST]:
        if by or row.grade_before != row.grade_after:
            yield _scored(row, by)


def _scored(row: Rescored, by: Decimal) -> str:
    grade = "" if row.grade_before == row.grade_after else f"，等级 {row.grade_before} → {row.grade_after}"
    return f"　{row.unit} {row.name}：{show(row.before)} → {show(row.after)}（{_signed(by)}）{grade}"


def _signed(value: Decimal | None) -> str:
    return "—" if value is None else f"{value:+}"


def _repeats(repeats: Repeats) -> Iterator[str]:
    yield f"{repeats.kept} 项编号不变，可以与往期比对。"
    for item, number in sorted(repeats.lost.items()):
        yield f"{item} 已删除，近期有检查发现 {number} 条，以后不再比对。"
    for old, new in repeats.renumbered:
        yield f"{old} 与新增的 {new} 看来是同一件事：换号后不能比对，宜沿用 {old}。"
    for item in repeats.reworded:
        yield f"{item} 编号未变而名称和要求都改了：仍按同一项比对，如是另一件事请用新编号。"
    for item in repeats.reused:
        yield f"{item} 是以前删除过的编号，编号不得重复使用，请换新编号。"


def _elements(found: Impact) -> Iterator[str]:
    for row in found.elements:
        name = labels.ELEMENTS.get(row.element, "未对应要素")
        yield (
            f"{name}：{row.items_before} → {row.items_after} 项，"
            f"{show(row.points_before)} → {show(row.points_after)} 分"
        )
