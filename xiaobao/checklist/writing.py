"""Write a checklist as YAML that `reading` takes back to the very same content: a draft, say out of Excel."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import yaml

from xiaobao.checklist.models import Checklist
from xiaobao.numbers import plain
from xiaobao.written.reader import looks_other
from xiaobao.written.strict import stated


def to_yaml(checklist: Checklist, comment: str = "") -> str:
    """Return the checklist as YAML, fields in the order of the models, stated defaults left out."""
    return draft_yaml(stated(checklist.as_written()), comment)


def draft_yaml(plain: dict[str, Any], comment: str = "") -> str:
    """Return plain values as YAML with a comment above; None stands as a key that is still to be filled."""
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    body = yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=4096)
    return head + body


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML would read as something else, writes several lines as a block."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write `&` and `*`: our reader refuses them."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent the items of a list below its key, as our files are written by hand."""
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, value: str) -> yaml.ScalarNode:
    style = "|" if "\n" in value else '"' if looks_other(value) or not value.isprintable() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style)


def _number(dumper: _Dumper, value: Decimal) -> yaml.ScalarNode:
    text = plain(value)
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


def _day(dumper: _Dumper, value: date) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:timestamp", value.isoformat())


def _listing(dumper: _Dumper, value: tuple[Any, ...]) -> yaml.SequenceNode:
    return dumper.represent_list(list(value))


_Dumper.add_representer(str, _text)
_Dumper.add_representer(type(None), lambda dumper, _: dumper.represent_scalar("tag:yaml.org,2002:null", ""))
_Dumper.add_multi_representer(StrEnum, lambda dumper, code: _text(dumper, code.value))
_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(date, _day)
_Dumper.add_representer(tuple, _listing)
