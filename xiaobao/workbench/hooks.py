"""Places where a bank's own package takes part: before publishing, after recording, after closing.

A package declares functions under the entry points `xiaobao.hooks`, named as `PLACES`. They get values, never the
store. What a hook before an act raises refuses the act, before anything is written. What a hook after an act raises is
reported in words; what was recorded stands.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from xiaobao.errors import Fault, InputError, NotAllowed, XiaobaoError
from xiaobao.model import Value
from xiaobao.personal import mask

GROUP = "xiaobao.hooks"
BEFORE_PUBLISH, AFTER_RECORD, AFTER_CLOSE = "before_publish", "after_record", "after_close"
HOOK_PLACES = {BEFORE_PUBLISH: "发布前", AFTER_RECORD: "记录结果后", AFTER_CLOSE: "结束批次后"}
Notice = Callable[[str], None]
_LONGEST = 200


class Publication(Value):
    """What is to be published. `kind` is checklist, scheme or own_items; `content` is all of it, JSON-ready."""

    kind: str
    id: str
    version: str
    content: Mapping[str, Any]


class RecordedPaper(Value):
    """A paper that a run recorded; `status` is done, failed or interrupted, `error` why."""

    paper: str
    status: str
    error: str = ""


class Recorded(Value):
    """What a run recorded of one unit, in one transaction."""

    period: str
    campaign: str
    unit: str
    papers: tuple[RecordedPaper, ...]


class Closed(Value):
    """A campaign whose results are final from now on."""

    period: str
    campaign: str
    reason: str


def log_warning(said: str) -> None:
    """Log what a hook did wrong, as a warning of the logger `GROUP`, where nobody waits for it."""
    logging.getLogger(GROUP).warning(said)


def before(place: str, events: Iterable[Value]) -> None:
    """Ask every hook of a place about every event. Raises NotAllowed naming each that refuses, and why."""
    hooks, faults = list(_hooks(place)), list[Fault]()
    if unknown := [hook for hook in _declared() if hook.name not in HOOK_PLACES]:
        allowed = "、".join(HOOK_PLACES)
        raise InputError([Fault("没有这个挂接点", value=_named(hook), allowed=allowed) for hook in unknown])
    for event in events:
        faults += [
            Fault(f"{_named(hook)} 拒绝：{why}", item=_of(event)) for hook in hooks if (why := _run(hook, event))
        ]
    if faults:
        raise NotAllowed(faults)


def after(place: str, event: Value, notice: Notice = log_warning) -> None:
    """Tell every hook of a place what has been recorded; what one does wrong is reported, and changes nothing."""
    for hook in _hooks(place):
        if why := _run(hook, event):
            notice(f"{HOOK_PLACES[place]}的挂接程序 {_named(hook)} 出错，已记录的内容不受影响：{why}")


def _run(hook: EntryPoint, event: Value) -> str:
    """Return why a hook failed, "" where it did not. An exit of its own is a failure, too; Ctrl-C is not its own."""
    try:
        hook.load()(event)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  code of others
        said = str(error) if isinstance(error, XiaobaoError) else f"{type(error).__name__} {error}"
        return mask(" ".join(said.split()))[:_LONGEST]
    return ""


def _declared() -> Iterable[EntryPoint]:
    return entry_points(group=GROUP)


def _hooks(place: str) -> Iterator[EntryPoint]:
    """Yield the hooks of a place, by the name of their package: always in one order."""
    found = [hook for hook in _declared() if hook.name == place]
    yield from sorted(found, key=lambda hook: (_package(hook), hook.value))


def _package(hook: EntryPoint) -> str:
    return hook.dist.name if hook.dist else ""


def _named(hook: EntryPoint) -> str:
    package = _package(hook)
    return f"{hook.name}（{package}：{hook.value}）" if package else f"{hook.name}（{hook.value}）"


def _of(event: Value) -> str:
    return f"{event.id} {event.version}" if isinstance(event, Publication) else ""
