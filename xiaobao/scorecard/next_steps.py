"""What a unit has to do next, from its card and from what lies around it: pure values for whoever draws them."""

from __future__ import annotations

from xiaobao.labels import named_period
from xiaobao.model import Value
from xiaobao.scorecard.around import Around, Earlier
from xiaobao.scorecard.card import Scorecard


class NextStep(Value):
    """One thing to do: in words, on which page it is done ("" for none), `late` how many of it are overdue.

    `period` is where it is done, as addresses of pages write it, where that is not the card's own.
    """

    kind: str
    words: str
    page: str
    count: int
    late: int = 0
    period: str = ""


def earlier_words(before: Earlier) -> str:
    """Say what is still open of an earlier campaign."""
    late = f"，其中逾期 {before.late} 项" if before.late else ""
    return f"{named_period(before.address)} 的整改 {before.measures} 项未完成{late}"


def next_steps(card: Scorecard, around: Around | None) -> tuple[NextStep, ...]:
    """Return what is to be done, in the order of the work: sheets, leads, measures, papers that failed.

    Without `around` (a recorded card) measures and sheets are not known, and nothing is said of them.
    """
    found: list[NextStep] = []
    if around is not None and around.sheets:
        count = len(around.sheets)
        named = "、".join(around.sheets[:3]) + ("等" if count > 3 else "")
        found.append(NextStep(kind="sheet", words=f"检查表 {count} 张未提交：{named}", page="fill", count=count))
    waiting = [(one.title, one.open_leads) for one in card.domains if one.open_leads]
    if waiting:
        count = sum(number for _, number in waiting)
        named = "、".join(f"{title} {number}" for title, number in sorted(waiting, key=lambda one: -one[1])[:3])
        more = "等" if len(waiting) > 3 else ""
        found.append(NextStep(kind="lead", words=f"疑点 {count} 条待认定：{named}{more}", page="leads", count=count))
    if around is not None and around.measures:
        due = f"，最早 {around.first_due} 到期" if around.first_due else ""
        late = f"，其中逾期 {around.late} 项" if around.late else ""
        found.append(
            NextStep(
                kind="measure",
                words=f"整改 {around.measures} 项未完成{late}{due}",
                page="corrective_actions",
                count=around.measures,
                late=around.late,
            )
        )
    if around is not None:
        found.extend(
            NextStep(
                kind="measure",
                words=earlier_words(one),
                page="corrective_actions",
                count=one.measures,
                late=one.late,
                period=one.address,
            )
            for one in around.earlier
        )
    failed = [one.title for one in card.domains if one.failed]
    if failed:
        words = f"底稿运行失败 {len(failed)} 份，得分未更新：{'、'.join(failed[:3])}；请联系总行重新运行"
        found.append(NextStep(kind="failed", words=words, page="", count=len(failed), late=len(failed)))
    return tuple(found)
