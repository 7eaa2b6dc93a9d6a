"""What a report may say of problems and plans before somebody edits it: from findings and measures, nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from xiaobao.corrective_actions import overdue
from xiaobao.labels import domain_title, written_day
from xiaobao.model import CorrectiveAction, Finding, Severity

_SHOWN = 8
NOTHING_FOUND = "本期检查没有形成检查发现。"
TOO_LITTLE = "{units}个机构未检查或评分覆盖不足：没有列出它们的检查发现，不能说明没有问题。"
NOT_INSPECTED = "本期没有检查批次，没有可以列出的检查发现。"
NOTHING_PLANNED = "没有未完成的整改措施和工作计划任务。"


@dataclass(frozen=True)
class FreeText:
    """The parts of a report that a person writes: problems and plans, a paragraph each."""

    problems: tuple[str, ...]
    plans: tuple[str, ...]


def draft_text(
    findings: Sequence[Finding],
    actions: Sequence[CorrectiveAction],
    tasks: Iterable[tuple[str, date]],
    as_of: date,
    inspected: bool,
    unscored: int = 0,
) -> FreeText:
    """Return a first draft: the items most units lost points on, and what is still to be done. `tasks`: (task, due).

    `unscored` units were not inspected, or too little: nothing found at them is no good news.
    """
    little = (TOO_LITTLE.format(units=unscored),) if unscored else ()
    problems = (*_problems(findings), *little) or ((NOTHING_FOUND if inspected else NOT_INSPECTED),)
    plans = tuple(_plans(findings, actions, tasks, as_of)) or (NOTHING_PLANNED,)
    return FreeText(problems, plans)


def _problems(findings: Sequence[Finding]) -> Iterator[str]:
    groups: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        groups.setdefault((one.domain, one.title), []).append(one)
    ordered = sorted(groups.items(), key=lambda pair: _weight(*pair))
    for place, ((domain, title), own) in enumerate(ordered[:_SHOWN], 1):
        units = len({one.unit for one in own})
        high = "，属高风险事项" if any(one.severity is Severity.HIGH for one in own) else ""
        counted = f"涉及{units}个机构、{len(own)}项检查发现{high}"
        yield f"{place}. {domain_title(domain, own[0].domain_title)}：“{title}”没有完全做到，{counted}。"
    if len(ordered) > _SHOWN:
        rest = ordered[_SHOWN:]
        yield f"其余{len(rest)}类问题共{sum(len(own) for _, own in rest)}项检查发现，见检查报告。"


def _weight(key: tuple[str, str], own: Sequence[Finding]) -> tuple[int, int, tuple[str, str]]:
    severities = list(Severity)
    return min(severities.index(one.severity) for one in own), -len(own), key


def _plans(
    findings: Sequence[Finding], actions: Sequence[CorrectiveAction], tasks: Iterable[tuple[str, date]], as_of: date
) -> Iterator[str]:
    titles = {one.id: one.title for one in findings}
    waiting: dict[str, list[CorrectiveAction]] = {}
    for action in actions:
        if action.status != "closed" and action.finding_id in titles:
            waiting.setdefault(titles[action.finding_id], []).append(action)
    ordered = sorted(waiting.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    place = 0
    for place, (title, own) in enumerate(ordered[:_SHOWN], 1):
        late = sum(overdue(action, as_of) for action in own)
        overdue_words = f"，其中{late}项已经逾期" if late else ""
        last = max(action.due for action in own)
        yield f"{place}. 完成“{title}”的{len(own)}项整改措施{overdue_words}，最迟{written_day(last)}前完成并验证销号。"
    if len(ordered) > _SHOWN:
        place += 1
        rest = sum(len(own) for _, own in ordered[_SHOWN:])
        yield f"{place}. 完成其余{len(ordered) - _SHOWN}类问题的{rest}项整改措施。"
    for number, (task, due) in enumerate(tasks, place + 1):
        yield f"{number}. {task.rstrip('。')}，{written_day(due)}前完成。"
