"""Put typer's own words into Chinese: usage line, help option, faults of a call."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from xiaobao.feature_list import Command

STAGES = {
    "prepare": "准备",
    "data": "数据",
    "inspect": "检查",
    "results": "结果",
    "papers": "报告与考核",
    "daily": "日常",
    "keep": "核对与备份",
}

_HELP = (
    (r"^Usage: ", "用法："),
    (r"\[OPTIONS\]", "[选项]"),
    (r"COMMAND \[ARGS\]\.\.\.", "命令 [参数]..."),
    (r"^( *)Options:", r"\1选项："),
    (r"^( *)Commands:", r"\1命令："),
    (r"^( *)Arguments:", r"\1参数："),
    (r"Show this message and exit\.", "显示帮助并退出。"),
    (r"\[required\]", "[必填]"),
    (r"\[default: ?", "[默认："),
    (r"(; )?required\]", r"\1必填]"),
    (r"^( *[\u4e00-\u9fff]+):$", r"\1："),
)
# What a value is, as typer writes it; the blanks behind it keep the column of words in line.
_VALUE = re.compile(r"<(?:list\[)?(str|path|int|float|decimal|%Y-%m-%d)(?: range)?\]?>( *)", re.IGNORECASE)
_VALUES = {"str": "文字", "path": "路径", "int": "整数", "float": "数", "decimal": "数", "%y-%m-%d": "年-月-日"}
# What typer says → what we say. The rest of its texts is shown as it is, behind 命令写法不对.
_FAULTS = (
    (r"Missing option (.+?)\.(.*)", r"缺少选项 \1"),
    (r"Missing argument (.+?)\.(.*)", r"缺少参数 \1"),
    (r"Missing command\.", "缺少命令"),
    (r"No such option: (\S+).*", r"没有选项 \1"),
    (r"No such command '(.+?)'.*", r"没有命令 \1"),
    (r"Got unexpected extra argument\(?s?\)? \((.*)\)", r"多余的参数：\1"),
    (r"Option '(.+?)' requires an argument.*", r"选项 \1 后面要写一个值"),
    (r"Invalid value for (.+?): '?(.+?)'? is not one of (.+)\.", r"\1 不能是 \2；应为：\3"),
    (r"Invalid value for (.+?): Input should be greater than or equal to (\S+)", r"\1 不能小于 \2"),
    (r"Invalid value for (.+?): Input should be less than or equal to (\S+)", r"\1 不能大于 \2"),
    (r"Invalid value for (.+?): Input should be a valid integer.*", r"\1 应为整数"),
    (r"Invalid value for (.+?): (.+)", r"\1 取值不对：\2"),
)


def chinese_fault(message: str) -> str:
    """Return what is wrong with a call, in Chinese."""
    for pattern, words in _FAULTS:
        if re.fullmatch(pattern, message, re.DOTALL):
            return re.sub(pattern, words, message, flags=re.DOTALL)
    return f"命令写法不对：{message}"


class _ChineseHelp:
    """Mixed into typer's command and group: the finished help text is put into Chinese, line by line."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write click's help, then put its English words into Chinese."""
        super().format_help(ctx, formatter)  # type: ignore[misc]
        whole = "".join(_in_chinese(text) for text in formatter.buffer)
        formatter.buffer[:] = [_VALUE.sub(_value_in_chinese, whole)]


def _in_chinese(text: str) -> str:
    for pattern, words in _HELP:
        text = re.sub(pattern, words, text)
    return text


def _value_in_chinese(found: re.Match[str]) -> str:
    value = f"<{_VALUES[found[1].lower()]}>"
    width = sum(2 if ord(letter) > 0xFF else 1 for letter in value)
    return value + " " * (max(len(found[0]) - width, 1) if found[2] else 0)


class ChineseCommand(_ChineseHelp, TyperCommand):
    """A command whose help and faults are Chinese."""


class ChineseGroup(_ChineseHelp, TyperGroup):
    """A group of commands whose help and faults are Chinese."""


class ChineseTyper(typer.Typer):
    """A typer app whose commands and groups speak Chinese."""

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=ChineseGroup, no_args_is_help=True, add_completion=False, rich_markup_mode=None, **options)

    def command(self, name: str | None = None, **options: Any) -> Any:
        """As typer's own, with our class for the command."""
        return super().command(name, cls=ChineseCommand, **options)


class LazyGroup(ChineseGroup):
    """The group of all commands: each loads when it is called, and help needs their words alone."""

    table: Mapping[str, Command] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the commands in the order of the work."""
        return list(self.table)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Load a command or a group of them; None for one that does not exist."""
        if cmd_name not in self.table:
            return None
        wanted = self.table[cmd_name]
        module, _, name = wanted.target.partition(":")
        found = getattr(import_module(module), name)
        if isinstance(found, typer.Typer):
            loaded: Any = typer.main.get_group(found)
        else:
            single = ChineseTyper()
            single.command(cmd_name, help=wanted.help)(found)
            single.command("_", hidden=True)(lambda: None)  # alone, a command would be the whole app
            loaded = typer.main.get_group(single).commands[cmd_name]
        loaded.name, loaded.help = cmd_name, wanted.help
        return loaded

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """List the commands under the stages of the work."""
        for stage, title in STAGES.items():
            rows = [(name, one.help) for name, one in self.table.items() if one.stage == stage]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


def lazy_app(commands: Mapping[str, Command], **options: Any) -> typer.Typer:
    """Return the app of these commands, ordered by stage."""
    ordered = sorted(commands.items(), key=lambda pair: list(STAGES).index(pair[1].stage))
    group = type("Commands", (LazyGroup,), {"table": dict(ordered)})
    app = typer.Typer(cls=group, no_args_is_help=True, add_completion=False, rich_markup_mode=None, **options)
    app.callback()(lambda: None)
    return app
