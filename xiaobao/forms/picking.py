"""Choosing by lists: what an analyst looks at, with a first look below. What is chosen are plain texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets

Option = tuple[str, str]
_Picked = Mapping[str, str]


class PickerWidget(widgets.VBox):
    """Lists side by side and a first look below, drawn anew after each choice.

    `fields`: name → title; `options` tells for what is chosen the (value, words) of each name, and `look` its first
    look as HTML. A value that is no longer among the options gives way to the first one.
    """

    def __init__(
        self,
        fields: Mapping[str, str],
        options: Callable[[_Picked], Mapping[str, Sequence[Option]]],
        look: Callable[[_Picked], str],
        chosen: _Picked,
    ) -> None:
        self._options, self._look, self._still = options, look, False
        self._titles = dict(fields)
        self._lists = {name: widgets.Dropdown(description=title) for name, title in fields.items()}
        self._shown = widgets.HTML()
        super().__init__([widgets.HBox(list(self._lists.values())), self._shown])
        self._draw(chosen)
        for one in self._lists.values():
            one.observe(self._on_choice, names="value")

    @property
    def picked(self) -> dict[str, str]:
        """What is chosen now: name → value."""
        return {name: str(one.value or "") for name, one in self._lists.items()}

    def choose(self, **wanted: str) -> None:
        """Choose as a person does in the lists. Raises ValueError for what is not among the options."""
        self._draw({**self.picked, **wanted})
        for name, value in wanted.items():
            if self.picked[name] != value:
                raise ValueError(f"{self._titles[name]}：没有这个选项 {value}")

    def _on_choice(self, _: object) -> None:
        if not self._still:
            self._draw(self.picked)

    def _draw(self, chosen: _Picked) -> None:
        self._still = True
        try:
            for name, choices in self._options(chosen).items():
                one, wanted = self._lists[name], chosen.get(name, "")
                one.options = [(words, value) for value, words in choices]
                values = [value for value, _ in choices]
                one.value = wanted if wanted in values else (values[0] if values else None)
        finally:
            self._still = False
        self._shown.value = self._look(self.picked)

    def __repr__(self) -> str:
        words = "，".join(
            f"{title} {dict(self._words(name))[self.picked[name]]}" for name, title in self._titles.items()
        )
        return f"<选数：{words}>"

    def _words(self, name: str) -> list[Option]:
        return [(str(value), str(words)) for words, value in self._lists[name].options] or [("", "—")]
