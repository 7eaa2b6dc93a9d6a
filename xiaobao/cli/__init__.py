"""The command line: a doorbell. Each command parses, calls one verb, prints."""

from __future__ import annotations

import sys

import typer

from xiaobao.cli.app import app
from xiaobao.cli.wording import chinese_fault
from xiaobao.errors import XiaobaoError


def main() -> None:
    """Run the command line. An error is shown in Chinese, one line a fault, never as a traceback.

    Exit codes: 0 all well; 1 the input or some units failed; 2 wrong use.
    """
    try:
        code = app(standalone_mode=False, prog_name="xiaobao")
    except XiaobaoError as error:
        print(error, file=sys.stderr)
        code = error.exit_code
    except typer.TyperException as error:
        text = error.format_message() if hasattr(error, "format_message") else str(error)
        if text.startswith("用法："):  # no words at all: typer hands over the help
            print(text)
        else:
            print(f"{chinese_fault(text)}\n查看帮助：xiaobao --help", file=sys.stderr)
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        print("已中断", file=sys.stderr)
        code = 130
    sys.exit(code if isinstance(code, int) else 0)
