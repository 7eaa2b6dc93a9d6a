"""`xiaobao people`: the register of people, and the table of rights."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.errors import Fault, InputError
from xiaobao.files import drafting, put_in_place
from xiaobao.labels import DOMAINS, ROLES
from xiaobao.model import Person, Role, Seat, to_plain
from xiaobao.rights import RIGHTS, printed
from xiaobao.terminal.output import JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.people import (
    PersonEntry,
    add_person,
    disable_person,
    enable_person,
    end_seat,
    find_person,
    import_people,
    list_people,
    name_deputy,
    propose_people,
)
from xiaobao.workbench.signing_in import lock_words, make_personal_link, reset_password
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.people import read_people, write_people

app = ChineseTyper()
LoginArgument = Annotated[str, typer.Argument(help="登录名，如工号；全角半角、大小写、空格不区分")]
UnitOption = Annotated[str, typer.Option("--unit", help="机构号；总行部门的角色可以不写")]
RoleOption = Annotated[str, typer.Option("--role", help="角色：" + "、".join(ROLES.values()))]
OutputOption = Annotated[Path, typer.Option("-o", "--output", help="输出文件")]
_DEFAULT = "http://127.0.0.1:8866"
AddressOption = Annotated[
    str, typer.Option("--address", help="链接开头的地址；不写则用设置 [serve] address，再不写为本机")
]
_DAYS = ["%Y-%m-%d"]


@app.command("reset", help="打印一个设置密码的链接（只能用一次）：第一次登录、忘记密码、被锁定时用。")
def reset(login: LoginArgument, address: AddressOption = "") -> None:
    wb = bench()
    number, until = reset_password(wb, login)
    say(f"{_start(wb, address)}/first#{number}")
    say(f"有效至 {until.astimezone():%Y-%m-%d %H:%M}，只能用一次；请当面或用行内安全渠道交给本人")


@app.command("link", help="打印一个个人链接：到期前只能为一个机构填报和查看；再办一次，旧链接作废。")
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


def _say_locks(wb: Workbench) -> None:
    """Print whose sign-in is locked now."""
    for line in lock_words(wb):
        say(f"{line}；本人急需登录时用 xiaobao people reset")


def _start(wb: Workbench, address: str) -> str:
    return (address or wb.settings.serve.address or _DEFAULT).rstrip("/")


@app.command("add", help="登记一个人，或给已登记的人增加任职。首先登记的须是系统管理员。")
def add(
    login: LoginArgument,
    role: RoleOption,
    name: Annotated[str | None, typer.Option("--name", help="姓名，新登记时必填")] = None,
    unit: UnitOption = "",
    line: Annotated[list[str] | None, typer.Option("--line", help="条线部门负责的检查域，可多次给出")] = None,
    since: Annotated[datetime | None, typer.Option("--since", formats=_DAYS, help="任职起")] = None,
    until: Annotated[datetime | None, typer.Option("--until", formats=_DAYS, help="任职止")] = None,
    system_user: Annotated[str | None, typer.Option("--system-user", help="在命令行使用时对应的系统用户")] = None,
) -> None:
    seat = Seat(
        unit=unit,
        role=_role(role),
        lines=tuple(_line(text) for text in line or ()),
        since=since.date() if since else None,
        until=until.date() if until else None,
    )
    person = add_person(bench(), PersonEntry(login=login, name=name, seats=(seat,), system_user=system_user))
    user = f"，系统用户 {person.system_user}" if person.system_user else ""
    say(f"已登记 {person.name}（{person.login}）：{_seats(person)}{user}")


@app.command("template", help="生成人员名单模板（Excel）。")
def template(output: OutputOption = Path("人员名单.xlsx")) -> None:
    _write((), output)
    say(f"已生成 {output}")


@app.command("propose", help="按岗位人员、消保岗位提出人员名单（Excel）：工号、机构、角色，补上姓名后导入。")
def propose(period: PeriodOption, output: OutputOption = Path("人员名单.xlsx")) -> None:
    found = propose_people(bench(read_only=True), period)
    _write(found, output)
    say(f"已提出 {len(found)} 人，写入 {output}；请核对角色、补上姓名，再用 xiaobao people import 导入")


@app.command("import", help="导入人员名单：全部正确才入库；名单里的人以名单的任职为准，其他人不变。")
def import_file(file: Annotated[Path, typer.Argument(help="填好的 Excel")]) -> None:
    say(import_people(bench(), read_people(file)).text())


@app.command("list", help="列出登记的人员、任职、代理和状态。")
def list_all(as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    found = list_people(wb)
    rows = [
        (
            row.person.login,
            row.person.name,
            _seats(row.person),
            "；".join(f"{one.login} {one.since} 至 {one.until}" for one in row.person.deputies),
            row.person.system_user,
            row.state,
        )
        for row in found
    ]
    heads = ("登录名", "姓名", "任职", "代理人", "系统用户", "状态")
    plain = [{**to_plain(row.person), "state": row.state} for row in found]
    out(plain, as_json, lambda: print_table(f"人员 {len(rows)} 人", heads, rows))
    if not as_json:
        _say_locks(wb)


@app.command("end", help="结束一个任职；此前所做的事仍记在当时的机构和角色下。")
def end(
    login: LoginArgument,
    role: RoleOption,
    until: Annotated[datetime, typer.Option("--until", formats=_DAYS, help="任职止，当日仍有效")],
    unit: UnitOption = "",
) -> None:
    person = end_seat(bench(), login, unit, _role(role), until.date())
    say(f"{person.name}（{person.login}）：{_seats(person)}")


@app.command("deputy", help="指定代理人：在起止日期内可以本人的任职办理，各自留痕。")
def deputy(
    login: LoginArgument,
    by: Annotated[str, typer.Argument(help="代理人的登录名")],
    since: Annotated[datetime, typer.Option("--from", formats=_DAYS, help="代理起")],
    until: Annotated[datetime, typer.Option("--to", formats=_DAYS, help="代理止，当日仍有效")],
) -> None:
    wb = bench()
    person = name_deputy(wb, login, by, since.date(), until.date())
    say(f"{find_person(wb, by).name} 自 {since.date()} 至 {until.date()} 代理 {person.name}")


@app.command("disable", help="停用一个人；最后一名系统管理员不能停用。")
def disable(login: LoginArgument) -> None:
    say(f"{disable_person(bench(), login).name} 已停用")


@app.command("enable", help="恢复一个停用的人。")
def enable(login: LoginArgument) -> None:
    say(f"{enable_person(bench(), login).name} 已恢复")


@app.command("rights", help="列出权限表：哪个角色在什么范围可以做什么。")
def rights(
    markdown: Annotated[bool, typer.Option("--markdown", help="输出 Markdown 表格")] = False,
    as_json: JsonOption = False,
) -> None:
    if markdown:
        typer.echo(printed(), nl=False)
        return
    cells = [
        (verb.title, *("".join(sorted(verb.granted[role])) for role in ROLES), verb.name) for verb in RIGHTS.values()
    ]
    plain = [dict(zip(("title", *ROLES, "verb"), row, strict=True)) for row in cells]
    out(
        plain,
        as_json,
        lambda: print_table(
            "权限表（本机构、辖内、线条线、查检查项目、全行）", ("动作", *ROLES.values()), [row[:-1] for row in cells]
        ),
    )


def _write(entries: tuple[PersonEntry, ...], path: Path) -> None:
    if path.exists():
        raise InputError(Fault("文件已经存在，没有覆盖", file=path.name, allowed="另指定一个文件"))
    with drafting(path) as draft:
        write_people(entries, draft, author="消保自查工作台", day=date.today())
        put_in_place(draft, path)


def _role(text: str) -> Role:
    known = {title: role for role, title in ROLES.items()} | {role.value: role for role in Role}
    if text.strip() not in known:
        raise InputError(Fault("没有这个角色", value=text, allowed="、".join(ROLES.values())))
    return known[text.strip()]


def _line(text: str) -> str:
    known = {title: code for code, title in DOMAINS.items()}
    return known.get(text.strip(), text.strip())


def _seats(person: Person) -> str:
    return "；".join(
        f"{ROLES[seat.role]} {seat.unit or '全行'}"
        + (f" 自 {seat.since}" if seat.since else "")
        + (f" 至 {seat.until}" if seat.until else "")
        for seat in person.seats
    )
