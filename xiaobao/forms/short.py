"""A few fields and one button: what pressing it says stands below. It holds nothing and does nothing until then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

import ipywidgets as widgets

from xiaobao.errors import XiaobaoError

_Option = tuple[str, str]
_WIDE = widgets.Layout(width="32rem", max_width="100%")
_TITLES = {"description_width": "6rem"}


class ShortForm(widgets.VBox):
    """Fields below each other, a button, and what it said.

    `fields`: name → (title, what may be written there), `lists`: name → (title, the (value, words) to choose among);
    `chosen` what stands in them first. `press` takes what stands in all of them and returns HTML; a refusal of ours is
    said in its own words.
    """

    def __init__(
        self,
        fields: Mapping[str, tuple[str, str]],
        lists: Mapping[str, tuple[str, Sequence[_Option]]],
        button: str,
        press: Callable[[Mapping[str, str]], str],
        chosen: Mapping[str, str],
    ) -> None:
        self._press, self._words = press, button
        self._fields: dict[str, widgets.Text | widgets.Dropdown] = {
            name: widgets.Text(description=title, placeholder=hint, layout=_WIDE, style=_TITLES)
            for name, (title, hint) in fields.items()
        }
        for name, (title, options) in lists.items():
            words = [(shown, value) for value, shown in options]
            self._fields[name] = widgets.Dropdown(description=title, options=words, layout=_WIDE, style=_TITLES)
        for name, value in chosen.items():
            self._fields[name].value = value
        self._button = widgets.Button(description=button, button_style="primary")
        self._said = widgets.HTML()
        self._button.on_click(self._pressed)
        super().__init__([*self._fields.values(), self._button, self._said])

    @property
    def filled(self) -> dict[str, str]:
        """What stands in the fields now: name → text."""
        return {name: str(one.value or "").strip() for name, one in self._fields.items()}

    def fill(self, **texts: str) -> None:
        """Fill as a person does."""
        for name, text in texts.items():
            self._fields[name].value = text

    def press(self) -> None:
        """Press the button as a person does."""
        self._button.click()

    def _pressed(self, _: object) -> None:
        self._button.disabled = True  # a second press waits for the first one's answer
        try:
            self._said.value = self._press(self.filled)
        except XiaobaoError as error:
            self._said.value = f"<p>{escape(str(error)).replace(chr(10), '<br>')}</p>"
        finally:
            self._button.disabled = False

    def __repr__(self) -> str:
        titles = "、".join(one.description for one in self._fields.values())
        return f"<{self._words}：{titles}>"
