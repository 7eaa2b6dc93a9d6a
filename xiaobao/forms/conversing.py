"""How every page talks: numbered messages in, one answer each; an error is an answer in Chinese, never silence."""

from __future__ import annotations

import hashlib
import logging
import os
import traceback
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, ClassVar

import anywidget
import traitlets

from xiaobao.errors import XiaobaoError

EARLY = "application/vnd.xiaobao.page+json"  # a kind of output that only the server's page template knows
_LOG = logging.getLogger("xiaobao.forms")


def script(*names: str) -> str:
    """Return our scripts joined into one module: a widget's module cannot import a neighbour."""
    return "\n".join((files("xiaobao.forms") / name).read_text("utf-8") for name in names)


class Page(anywidget.AnyWidget):
    """A widget that draws `state` and answers messages. `state` is sent once; later only patches travel."""

    _css = script("form.css")
    state = traitlets.Dict().tag(sync=True)
    title: ClassVar[str] = ""

    def __init__(self, state: Mapping[str, object]) -> None:
        super().__init__(state=dict(state))
        self.on_msg(self._on_message)

    def _repr_mimebundle_(self, **kwargs: dict[Any, Any]) -> tuple[dict[Any, Any], dict[Any, Any]] | None:
        """Return the widget; to a page of the server also what draws it before its way to the kernel is there."""
        shown = super()._repr_mimebundle_(**kwargs)
        if shown is not None and self.state and "VOILA_REQUEST_URL" in os.environ:
            shown[0][EARLY] = {"script": self._esm, "css": self._css, "state": self.state}
        return shown

    def __repr__(self) -> str:
        """Say what is shown, the same on every run; a memory address would differ."""
        return f"<{self.title} {self._shown()}>"

    def _shown(self) -> str:
        return ""

    @abstractmethod
    def reply(self, content: Mapping[str, object], buffers: Sequence[bytes] = ()) -> Mapping[str, object]:
        """Answer one message; each page has its own verbs."""
        raise NotImplementedError

    def _on_message(self, _: object, content: Mapping[str, object], buffers: Sequence[memoryview]) -> None:
        if content.get("type") == "ping":
            answer: Mapping[str, object] = {"type": "pong"}
        else:
            answer = self._safely(content, [bytes(buffer) for buffer in buffers])
        parts = answer.get("buffers", ())
        message = {key: value for key, value in answer.items() if key != "buffers"}
        self.send(
            {**message, "seq": content.get("seq")}, buffers=list(parts) if isinstance(parts, (list, tuple)) else []
        )

    def _safely(self, content: Mapping[str, object], buffers: Sequence[bytes]) -> Mapping[str, object]:
        try:
            return self.reply(content, buffers)
        except XiaobaoError as error:
            return {"type": "refused", "faults": [str(fault) for fault in error.faults]}
        except Exception:  # noqa: BLE001 - a person must see that it was not saved, whatever broke
            text = traceback.format_exc()
            number = hashlib.sha256(text.encode()).hexdigest()[:8]
            _LOG.error("page error %s\n%s", number, text)
            return {"type": "refused", "faults": [f"程序出错，没有保存（错误编号 {number}）；请联系管理员"]}
