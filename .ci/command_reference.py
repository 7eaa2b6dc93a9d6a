"""docs/commands.md: every command with its arguments and options, as `--help` gives them, in the order of the work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from xiaobao.cli.app import app
from xiaobao.terminal.wording import STAGES

_HEAD = """# 命令一览

按工作先后排列；由 `make reference` 从程序生成，与 `xiaobao 命令 --help` 一致。
退出码：0 正常；1 输入有误或部分机构失败（逐一列出）；2 命令写法不对；130、143 被中断。凡读取的命令可加 `--json`。
"""


def commands(group: Any = None, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (words, command) of every command that does something, in the order of the help."""
    group = group or typer.main.get_group(app)
    context = group.make_context("xiaobao", [], resilient_parsing=True)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if getattr(found, "hidden", False):
            continue
        if hasattr(found, "list_commands"):
            yield from commands(found, (*words, name))
        else:
            yield (*words, name), found


def as_markdown() -> str:
    """Return the reference."""
    table = typer.main.get_group(app).table
    lines, stage = [_HEAD], ""
    for words, command in commands():
        if table[words[0]].stage != stage:
            stage = table[words[0]].stage
            lines.append(f"## {STAGES[stage]}\n")
        lines += _entry(words, command)
    return "\n".join(lines).rstrip() + "\n"


def _entry(words: tuple[str, ...], command: Any) -> Iterator[str]:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
    shown = [f"{_name(one)}" if one.required else f"[{_name(one)}]" for one in arguments]
    must = [f"{one.opts[0]} {_value(one)}" for one in options if one.required]
    usage = " ".join(["xiaobao", *words, *shown, *must, *(["[选项]"] if len(options) > len(must) else [])])
    yield f"### {' '.join(words)}\n"
    yield f"{command.help}\n"
    yield f"```sh\n{usage}\n```\n"
    rows = [(_name(one), one.help or "") for one in arguments]
    rows += [("、".join((*one.opts, *one.secondary_opts)), _told(one)) for one in options if "--help" not in one.opts]
    if rows:
        yield "| 参数 | 说明 |\n| --- | --- |"
        yield "\n".join(f"| `{name}` | {text.replace('|', '｜')} |" for name, text in rows) + "\n"


def _name(argument: Any) -> str:
    return (argument.metavar or argument.name or "").upper()


def _value(option: Any) -> str:
    return (option.metavar or option.name or "").upper()


def _told(option: Any) -> str:
    default = option.default
    text = option.help or ""
    if option.required:
        return f"{text}（必填）"
    if default in (None, "", False, ()) or callable(default) or "默认" in text:
        return text
    return f"{text}（默认 {default if not isinstance(default, bool) else '是'}）"
