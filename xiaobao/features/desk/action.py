"""A command of xiaobao as a form of the desk: what it asks for, and the words that its answers become."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.model import Value

Options = tuple[tuple[str, str], ...]
_PLAIN = re.compile(r"[\w\-./=:,@%+]+")
_SEPARATORS = re.compile(r"[\s,，、;；]+")


class Field(Value):
    """One thing asked for. `kind`: text, select, date, area, check; `options`: (code, words), or `of` the workspace."""

    name: str
    title: str
    kind: str = "text"
    options: Options = ()
    of: str = ""
    value: str = ""
    need: bool = False
    hint: str = ""


class CommandPart(Value):
    """A piece of a command: words as they stand, or an option with a field's value; `kind`: "", flag, many, files."""

    option: str = ""
    field: str = ""
    kind: str = ""


class Files(Value):
    """Files that an action reads: one or several."""

    title: str
    accept: str = ".xlsx,.csv,.txt"
    many: bool = False
    need: bool = True

    def plain(self) -> dict[str, object]:
        """Return what the page draws."""
        return {"title": self.title, "accept": self.accept, "many": self.many, "need": self.need}


class Action(Value):
    """One command as a form. `period`: the page's period (and campaign) goes with it."""

    name: str
    title: str
    words: str
    verb: str
    button: str = ""
    parts: tuple[CommandPart, ...] = ()
    fields: tuple[Field, ...] = ()
    files: Files | None = None
    period: bool = True
    campaign: bool = True
    ask: str = ""
    about: str = ""
    main: bool = False

    def command(self, period: str) -> list[list[str]]:
        """Return the command as the page puts it together: [option or word, field, kind]."""
        return [[one.option, one.field, one.kind] for one in self._all(period)]

    def argv(self, period: str, values: Mapping[str, object], folder: Path | None) -> tuple[list[str], str]:
        """Return the words of the command, and how it is shown. Raises InputError for fields that are missing."""
        lack = [Fault(f"还没有填“{one.title}”") for one in self.fields if one.need and not _text(values, one.name)]
        held = sorted(path.name for path in folder.iterdir()) if folder else []
        if self.files and self.files.need and not held:
            lack.append(Fault(f"还没有选择文件：{self.files.title}"))
        if lack:
            raise InputError(lack)
        words: list[str] = []
        shown: list[str] = []
        for one in self._all(period):
            for word, said in _words(one, values, held):
                words.append(word)
                shown.append(said)
        return words, "xiaobao " + " ".join(word if _PLAIN.fullmatch(word) else shlex.quote(word) for word in shown)

    def _all(self, period: str) -> Iterator[CommandPart]:
        yield from (CommandPart(option=word) for word in self.words.split())
        yield from self.parts
        span, _, campaign = period.partition("/")
        if self.period:
            yield from (CommandPart(option="--period"), CommandPart(option=span))
        if self.period and self.campaign and campaign:
            yield from (CommandPart(option="--campaign"), CommandPart(option=campaign))


def part_of(field: str, option: str = "", kind: str = "") -> CommandPart:
    """Return the part of a command that a field fills, behind `option` where it has one."""
    return CommandPart(option=option, field=field, kind=kind)


UNIT = Field(name="unit", title="机构", kind="select", of="units", need=True)
ANY_UNIT = Field(name="unit", title="机构", kind="select", of="units_or_all")
REASON = Field(name="reason", title="原因", need=True)
OF_UNIT = part_of("unit", "--unit")


def _words(part: CommandPart, values: Mapping[str, object], held: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the words of a part, each with how it is shown: a file by its name alone."""
    if not part.field:
        yield part.option, part.option.replace("{out}/", "")
        return
    if part.kind == "flag":
        if _text(values, part.field):
            yield part.option, part.option
        return
    if part.kind == "files":
        for name in held:
            if part.option:
                yield part.option, part.option
            yield f"{{in}}/{name}", name
        return
    text = _text(values, part.field)
    if text.startswith("-") and not part.option:
        raise InputError(Fault("不能以 - 开头", value=text))
    given = [one for one in _SEPARATORS.split(text) if one] if part.kind == "many" else [text] if text else []
    for one in given:
        if part.option:  # a value that begins with a dash stays the option's
            yield f"{part.option}={one}" if one.startswith("-") else part.option, part.option
            if one.startswith("-"):
                continue
        yield one, one


def _text(values: Mapping[str, object], name: str) -> str:
    found = values.get(name)
    return str(found).strip()[:2000] if isinstance(found, str | int | float) else ""
