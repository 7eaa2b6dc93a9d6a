"""`xiaobao people reset`, `link`: how a person gets in; and who is locked out, for the list."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from xiaobao.terminal.output import bench, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.signing_in import lock_words, make_personal_link, reset_password
from xiaobao.workbench.workspace import Workbench

_DEFAULT = "http://127.0.0.1:8866"
LoginArgument = Annotated[str, typer.Argument(help="登录名")]
AddressOption = Annotated[
    str, typer.Option("--address", help="链接开头的地址；不写则用设置 [serve] address，再不写为本机")
]


def add_to(app: ChineseTyper) -> None:
    """Add the commands to those of the register."""
    app.command("reset", help="打印一个设置密码的链接（只能用一次）：第一次登录、忘记密码、被锁定时用。")(reset)
    app.command("link", help="打印一个个人链接：到期前只能为一个机构填报和查看；再办一次，旧链接作废。")(link)


def reset(login: LoginArgument, address: AddressOption = "") -> None:
    wb = bench()
    number, until = reset_password(wb, login)
    say(f"{_start(wb, address)}/first#{number}")
    say(f"有效至 {until.astimezone():%Y-%m-%d %H:%M}，只能用一次；请当面或用行内安全渠道交给本人")


def link(
    login: LoginArgument,
    unit: Annotated[str, typer.Option("--unit", help="机构号：本人须是它的填报人")],
    until: Annotated[datetime, typer.Option("--until", formats=["%Y-%m-%d"], help="截止日，当日仍有效")],
    address: AddressOption = "",
) -> None:
    wb = bench()
    number, _ = make_personal_link(wb, login, unit, until.date())
    say(f"{_start(wb, address)}/link#{number}")
    say(f"有效至 {until:%Y-%m-%d}，只为机构 {unit} 填报和查看；只在第一次打开它的浏览器里有效")


def say_locks(wb: Workbench) -> None:
    """Print whose sign-in is locked now."""
    for line in lock_words(wb):
        say(f"{line}；本人急需登录时用 xiaobao people reset")


def _start(wb: Workbench, address: str) -> str:
    return (address or wb.settings.serve.address or _DEFAULT).rstrip("/")
