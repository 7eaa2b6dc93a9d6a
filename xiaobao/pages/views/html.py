"""HTML that is escaped by construction: only `tag` makes markup, and every plain text that goes in is escaped."""

from __future__ import annotations

from html import escape
from pathlib import Path

STYLE = "".join(Path(__file__).with_name("view.css").read_text("utf-8").splitlines()[1:])


class Html(str):
    """Text that is markup already; made by `tag` and `join` alone."""

    __slots__ = ()


def tag(name: str, /, *children: str, **attributes: str) -> Html:
    """Return element `name` with `children`; plain text is escaped. `class_` gives the class, empty ones are left."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"' for key, value in attributes.items() if value
    )
    return Html(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: str) -> Html:
    """Put pieces together; text that is not Html yet is escaped."""
    return Html("".join(child if isinstance(child, Html) else escape(child) for child in children))


def sheet(*children: str) -> Html:
    """Return the frame of a view, with the one style that all views share."""
    return tag("div", Html(f"<style>{STYLE}</style>"), *children, class_="xb-view", lang="zh-CN")
