"""试算权重: sliders whose answer is drawn by Python. What moves them is stated, what they change is listed."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from xiaobao.errors import InputError
from xiaobao.pages.overview import SERVED
from xiaobao.pages.views.view_model import View

Answer = Callable[[Mapping[str, Decimal]], View]


EARLY = "application/vnd.xiaobao.page+json"  # as forms.conversing has it: what the server's page template draws at once
_SCRIPT = Path(__file__).with_name("sliders.js")


class Sliders(anywidget.AnyWidget):
    """One slider a domain. `moved` comes from the page, `shown` is the answer as HTML that views made."""

    _esm = _SCRIPT
    rows: traitlets.List[list[str]] = traitlets.List().tag(sync=True)
    moved = traitlets.Dict().tag(sync=True)
    shown = traitlets.Unicode().tag(sync=True)

    def __init__(self, weights: Mapping[str, Decimal], titles: Mapping[str, str], answer: Answer) -> None:
        self._weights, self._answer = dict(weights), answer
        rows = [[name, titles.get(name, name), str(weight)] for name, weight in self._weights.items()]
        super().__init__(rows=rows, shown=answer({})._repr_html_())
        self.observe(self._on_moved, names="moved")

    def _on_moved(self, _: Any) -> None:
        self.shown = self.answered(self.moved)._repr_html_()

    def answered(self, moved: Mapping[str, object]) -> View:
        """Return what the page shows for weights that came from a browser: nothing of it is trusted."""
        from xiaobao.pages.views.view_model import Text, view

        try:
            asked = {str(name): Decimal(str(value)) for name, value in moved.items()}
            changed = {name: value for name, value in asked.items() if self._weights.get(name) != value}
            return self._answer(changed)
        except InvalidOperation:
            return view(Text(words="权重应为不小于 0 的数。", tone="bad"))
        except InputError as error:
            return view(*(Text(words=f"{fault}。", tone="bad") for fault in error.faults))

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[Any, Any], dict[Any, Any]] | None:
        """Return the widget; to a page of the server also what draws it before its way to the kernel is there."""
        made = super()._repr_mimebundle_(**kwargs)
        if made is not None and SERVED in os.environ:
            state = {"rows": self.rows, "shown": self.shown}
            made[0][EARLY] = {"script": _SCRIPT.read_text("utf-8"), "css": "", "state": state}
        return made

    def __repr__(self) -> str:
        words = "、".join(f"{title} {weight}" for _, title, weight in self.rows)
        return f"<试算权重 {words}>"
