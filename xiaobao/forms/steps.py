"""Steps in the order of the work: each is shown in one line, opened when wanted, and does one thing at a time.

What is long runs in a process of its own (`workbench.long_work`); the page asks how it goes, and shows it to whoever
comes back.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.forms.conversing import Page, script
from xiaobao.forms.receiving import Receiving
from xiaobao.workbench import long_work
from xiaobao.workbench.long_work import WorkState
from xiaobao.workbench.workspace import Workbench

Plain = dict[str, object]
_SHOWN = 8
_PLACE = re.compile(rf"\S*/{re.escape(long_work.FOLDER)}/\w+/(?:out|in)/")  # the files of a work: said by name
_STATES = {
    "asked": "等待开始",
    "running": "正在运行",
    "done": "已完成",
    "failed": "没有成功",
    "stopped": "已停止",
    "interrupted": "已中断",
}


class StepsPage(Page):
    """Subclasses tell the steps, what each holds, and what is done when something is pressed."""

    _esm = script("core.js", "resting.js", "steps.js")
    _css = script("form.css", "steps.css")

    def __init__(self, wb: Workbench) -> None:
        self._wb = wb
        self._files = Receiving(wb.home / long_work.FOLDER, wb.settings.limits.file_megabytes)
        self.period = ""
        super().__init__(self.whole())

    @abstractmethod
    def whole(self) -> Plain:
        """Return all that the page draws first."""
        raise NotImplementedError

    @abstractmethod
    def body(self, step: str) -> list[Plain]:
        """Return the blocks of one step."""
        raise NotImplementedError

    @abstractmethod
    def look(self, name: str, values: Mapping[str, object], folder: Path | None) -> list[Plain]:
        """Return blocks that answer a question, such as a preview; nothing is changed. `folder` holds files sent."""
        raise NotImplementedError

    @abstractmethod
    def act(self, name: str, values: Mapping[str, object], folder: Path | None) -> None:
        """Begin what an action says."""
        raise NotImplementedError

    def reply(self, content: Mapping[str, object], buffers: Sequence[bytes] = ()) -> Mapping[str, object]:
        """Answer a message of the page."""
        kind, name = str(content.get("type")), str(content.get("name") or "")
        if kind == "file":
            return self._files.take(content, buffers[0] if buffers else b"")
        if kind == "drop":
            self._files.drop(str(content.get("batch")))
            return {"type": "done"}
        if kind == "poll":
            return {"type": "work", **self.work()}
        if kind == "open":
            self.period = str(content.get("period") or self.period)[:80]
            return {"type": "state", "state": self.whole()}
        if kind == "step":
            return {"type": "blocks", "blocks": self.body(name)}
        if kind in {"look", "act"}:
            values = content.get("values")
            folder = self._files.folder(str(content.get("batch") or ""))
            plain = values if isinstance(values, Mapping) else {}
            if kind == "look":
                return {"type": "blocks", "blocks": self.look(name, plain, folder)}
            self.act(name, plain, folder)
            return {"type": "work", **self.work()}
        if kind == "stop":
            long_work.cancel_work(self._wb, name)
            return {"type": "work", **self.work()}
        raise InputError(Fault("不认识的操作", value=kind))

    def fetch(self, work: str, name: str) -> Path:
        """Return a file that a work of this person made. Raises InputError for another's."""
        found = long_work.read_work(long_work.folder_of(self._wb.home, work))
        if found is None or not self._mine(found.login, found.by):
            raise InputError(Fault("这项工作由他人发起，文件由发起人下载", file=name))
        return long_work.made_file(self._wb.home, work, name)

    def _on_message(self, widget: object, content: Mapping[str, object], buffers: Sequence[memoryview]) -> None:
        if content.get("type") != "fetch":
            super()._on_message(widget, content, buffers)
            return
        try:
            data = self.fetch(str(content.get("work")), str(content.get("name"))).read_bytes()
        except (InputError, OSError) as error:
            self.send({"type": "refused", "faults": [str(error)], "seq": content.get("seq")})
            return
        self.send({"type": "bytes", "seq": content.get("seq")}, buffers=[data])

    def work(self) -> Plain:
        """Return how the newest work goes, and what was done before."""
        found = long_work.works(self._wb.home)
        return {
            "now": self._shown_work(found[0]) if found else None,
            "before": [self._shown_work(one) for one in found[1:_SHOWN]],
        }

    def _mine(self, login: str, by: str) -> bool:
        actor = self._wb.actor
        return login == actor.login if actor.login or login else by == actor.name

    def _shown_work(self, one: WorkState) -> Plain:
        mine = self._mine(one.work.login, one.work.by)
        return {
            "id": one.work.id,
            "title": one.work.title,
            "action": one.work.action,
            "command": one.work.shown if mine else "",
            "who": one.work.who,
            "asked": one.work.asked,
            "state": one.state,
            "stateLabel": _STATES[one.state],
            "going": one.going,
            "stage": one.stage,
            "settled": one.settled,
            "planned": one.planned,
            "lines": [_PLACE.sub("", line).replace(f"{self._wb.home}/", "") for line in one.lines] if mine else [],
            "files": list(one.files) if mine else [],
        }
