"""docs/commands.md is what the command line says of itself; no command is without words, or outside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_reference import as_markdown, commands

DOCUMENT = Path(__file__).parents[1] / "docs" / "commands.md"
COMMANDS = {" ".join(words): command for words, command in commands()}


def test_the_document_is_what_the_commands_say() -> None:
    """After a change: `make reference`."""
    assert DOCUMENT.read_text("utf-8") == as_markdown()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_in_chinese_what_it_does_and_what_each_option_is(name: str) -> None:
    command = COMMANDS[name]
    said = [command.help, *(one.help for one in command.params if "--help" not in one.opts)]
    assert all(text and any("\u4e00" <= letter <= "\u9fff" for letter in text) for text in said), said


def test_help_lists_the_commands_in_the_order_of_the_work() -> None:
    order = list(dict.fromkeys(name.split()[0] for name in COMMANDS))
    assert [order.index(name) for name in ("init", "import", "campaign", "run", "report", "verify")] == sorted(
        order.index(name) for name in ("init", "import", "campaign", "run", "report", "verify")
    )
