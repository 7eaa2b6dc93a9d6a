"""Put the words of click and typer themselves into Chinese: help heads, usage faults."""

from __future__ import annotations

import gettext

import click

_WORDS = {
    "Usage:": "用法：", "Options": "选项", "Commands": "命令", "Arguments": "参数",
    "Show this message and exit.": "显示帮助并退出。", "Error: {message}": "错误：{message}",
    "Try '{command} {option}' for help.": "查看帮助：{command} {option}",
    "No such command {name!r}.": "没有命令 {name!r}。", "No such option: {name}": "没有选项 {name}",
    "Missing argument": "缺少参数", "Missing option": "缺少选项", "Missing parameter": "缺少参数",
    "Missing command.": "缺少命令。", "default: {default}": "默认：{default}", "required": "必填",
    "Invalid value: {message}": "取值不对：{message}",
    "Invalid value for {param_hint}: {message}": "{param_hint} 取值不对：{message}",
    "{value!r} is not a valid {number_type}.": "{value!r} 不是有效的{number_type}。",
    "Got unexpected extra argument ({args})": "多余的参数（{args}）",
    "Got unexpected extra arguments ({args})": "多余的参数（{args}）",
    "{value} is not in the range {range}.": "{value} 不在范围 {range} 内。",
    "Option {name!r} requires an argument.": "选项 {name!r} 需要一个值。",
    "{name} {filename!r} does not exist.": "{name} {filename!r} 不存在。",
    "[OPTIONS]": "[选项]",
}


def _say(text: str) -> str:
    return _WORDS.get(text, text)


def _count(one: str, many: str, number: int) -> str:
    return _say(one if number == 1 else many)


def chinese_help() -> None:
    """Speak Chinese in usage and fault texts: both libraries look their words up through gettext when they load them."""
    gettext.gettext, gettext.ngettext = _say, _count
    for module in _modules():
        if hasattr(module, "_"):
            module._ = _say
        if hasattr(module, "ngettext"):
            module.ngettext = _count


def _modules() -> list[object]:
    import click.core
    import click.decorators
    import click.exceptions
    import click.formatting
    import click.parser
    import click.types
    import typer.core
    import typer.main

    return [
        click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.types,
        typer.core, typer.main,
    ]
