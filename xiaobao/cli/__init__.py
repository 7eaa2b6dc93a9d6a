"""The command line: each command parses, calls one verb, prints.

`app` lists all commands in the order of the work, those of features among them, and loads one when it is called.
Exit codes: 0 all well, 1 the input or some units failed (named), 2 wrong use. No traceback reaches a person.
"""

from __future__ import annotations

import sys
import tempfile
import traceback

import typer
from msgspec import MsgspecError

from xiaobao.cli.app import app
from xiaobao.errors import XiaobaoError, machine_words, why_refused
from xiaobao.personal import mask
from xiaobao.terminal.wording import chinese_fault


def _keep_traceback() -> str:
    """Write the traceback where only this user can read it, and return the file's name."""
    try:
        with tempfile.NamedTemporaryFile("w", prefix="xiaobao-", suffix=".log", delete=False, encoding="utf-8") as file:
            file.write(mask(traceback.format_exc()))
    except OSError as error:
        return f"不能保存（{machine_words(error)}）"
    return file.name


def _no_room(error: OSError) -> str:
    """Return what the machine refuses to a command that writes, "" where it is something else."""
    why = why_refused(error)
    return f"写不进去：{why}，没有完成（{mask(str(error.filename or '当前位置'))}）" if why else ""


def _our_fault(error: Exception) -> str:
    return f"程序内部出错（{type(error).__name__}），没有完成。详情见 {_keep_traceback()}，请交给维护人员"


def _unreadable(error: Exception) -> str:
    """Say of a record that no longer has the form it was written in: nobody but `verify` knows which."""
    what = f"已记录的内容读不出来（{type(error).__name__}），可能被改动，没有完成；请运行 xiaobao verify 查明是哪一条"
    return f"{what}。详情见 {_keep_traceback()}"


def _say_nothing_of_files(leaving: sys.UnraisableHookArgs) -> None:
    """Keep quiet of a file that a library closes too late: why it could not be written was said already."""
    if not isinstance(leaving.exc_value, OSError | ValueError):
        sys.__unraisablehook__(leaving)


_ACTING = {"veto", "bonus", "appeals", "leads", "actions", "sheet", "campaign", "questions"}


def _follow() -> None:
    """Bring files up to date that follow from results, where a command may have moved these. It fails no command."""
    if not _ACTING & set(sys.argv[1:2]) or {"--help", "list"} & set(sys.argv):
        return
    from xiaobao.feature_list import brought
    from xiaobao.workbench.workspace import open_workbench

    try:
        wb = open_workbench(read_only=True)
        for follow in brought("follows"):
            follow(wb)
    except (XiaobaoError, OSError) as error:
        print(f"静态得分页没有更新：{mask(str(error))}", file=sys.stderr)


def main() -> None:
    """Run the command line. An error is shown in Chinese, one line a fault, never as a traceback.

    Exit codes: 0 all well; 1 the input or some units failed, or the disk is full; 2 wrong use; 130 and 143 where a
    signal ended it (Ctrl-C, SIGTERM).
    """
    sys.unraisablehook = _say_nothing_of_files
    try:
        code = app(standalone_mode=False, prog_name="xiaobao")
        _follow()
    except XiaobaoError as error:
        print(error, file=sys.stderr)
        code = error.exit_code
    except typer.TyperException as error:
        text = error.format_message() if hasattr(error, "format_message") else str(error)
        if text.startswith("用法："):  # no words at all: typer hands over the help
            print(text)
        else:
            print(f"{mask(chinese_fault(text))}\n查看帮助：xiaobao --help", file=sys.stderr)
        code = 2
    except MsgspecError as error:
        print(_unreadable(error), file=sys.stderr)
        code = 1
    except (KeyboardInterrupt, typer.Abort):
        print("已中断", file=sys.stderr)
        code = 130
    except OSError as error:
        print(_no_room(error) or _our_fault(error), file=sys.stderr)
        code = 1
    except Exception as error:  # noqa: BLE001  a fault of ours: the person gets one line, the engineer a file
        print(_our_fault(error), file=sys.stderr)
        code = 1
    sys.exit(code if isinstance(code, int) else 0)
