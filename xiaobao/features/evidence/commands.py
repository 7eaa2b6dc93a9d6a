"""`xiaobao evidence`: evidence and its years; what inspectors ask units for."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.errors import Fault, InputError
from xiaobao.features.evidence import verbs
from xiaobao.files import write_bytes
from xiaobao.labels import REQUEST_STATES
from xiaobao.model import to_plain
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.evidence.attaching import attach_file, attach_link, attachments_of, find_subject
from xiaobao.workbench.evidence.listing import EvidenceRow, evidence_rows
from xiaobao.workbench.evidence.viewing import check_evidence, open_evidence

app = ChineseTyper()
UnitOption = Annotated[str | None, typer.Option("--unit", help="机构号，默认全部")]
ShaArgument = Annotated[str, typer.Argument(help="校验值（SHA-256）的前若干位，见 evidence list")]
NumberArgument = Annotated[str, typer.Argument(help="调阅编号，见 evidence requests，如 3-0101-2")]
AboutArgument = Annotated[
    str, typer.Argument(help="附在什么上：lead 疑点、finding 检查发现、action 整改措施、item 检查项")
]
ObjectArgument = Annotated[str, typer.Argument(help="其编号；检查项写 检查任务号:检查项编号")]


@app.command("list", help="列出佐证材料：属于什么、谁上传、保存到何时。")
def list_evidence(
    period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    wb = bench(read_only=True)
    _show(evidence_rows(wb, wb.campaign(period, campaign), unit), as_json, "佐证材料")


@app.command("due", help="列出保存期已满的佐证材料；只列出，不删除。")
def due(period: PeriodOption, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    rows = [one for one in evidence_rows(wb, wb.campaign(period, campaign)) if one.kept.due(wb.today)]
    _show(rows, as_json, "保存期已满")


@app.command("show", help="核对一份佐证材料与上传时是否一致，并说明属于什么。")
def show(sha: ShaArgument, period: PeriodOption, campaign: CampaignOption = None, as_json: JsonOption = False) -> None:
    wb = bench(read_only=True)
    rows = [one for one in evidence_rows(wb, wb.campaign(period, campaign)) if one.sha256.startswith(sha) and sha]
    if not rows:
        raise InputError(Fault("没有这份佐证材料，或您不能查看", value=sha))
    check_evidence(wb, rows[0].sha256)
    _show(rows, as_json, "与上传时一致")


@app.command("open", help="取出一份佐证材料到文件：先核对校验值，并留痕。")
def open_file(
    sha: ShaArgument,
    period: PeriodOption,
    output: Annotated[Path, typer.Option("-o", "--output", help="写到哪个文件")],
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    found = {
        one.sha256 for one in evidence_rows(wb, wb.campaign(period, campaign)) if sha and one.sha256.startswith(sha)
    }
    if len(found) != 1:
        why = "没有这份佐证材料，或您不能查看" if not found else f"有 {len(found)} 份以此开头，请多写几位"
        raise InputError(Fault(why, value=sha))
    opened = open_evidence(wb, found.pop(), "download")
    write_bytes(output, opened.data, mode=0o600)
    say(f"已取出 {opened.name} 到 {output}")


@app.command("attach", help="附加文件或链接；--replaces 指明替换哪一份，旧的一并保留。")
def attach(
    about: AboutArgument,
    number: ObjectArgument,
    file: Annotated[Path | None, typer.Option("--file", help="文件")] = None,
    link: Annotated[str, typer.Option("--link", help="链接地址或档案存放位置")] = "",
    note: Annotated[str, typer.Option("--note", help="说明；链接必填")] = "",
    replaces: Annotated[str, typer.Option("--replaces", help="被替换的附件编号")] = "",
) -> None:
    wb = bench()
    subject = find_subject(wb, about, number)
    if file is None:
        made = attach_link(wb, subject, link, note, replaces)
    else:
        made = attach_file(wb, subject, file.name, _bytes(file), note, replaces)
    kept = len(attachments_of(wb, about, number))
    say(f"已附加 {made.name or made.url}（{made.id}），共 {kept} 份")


@app.command("requests", help="列出调阅清单。")
def list_requests(
    period: PeriodOption, unit: UnitOption = None, campaign: CampaignOption = None, as_json: JsonOption = False
) -> None:
    wb = bench(read_only=True)
    found = verbs.requests(wb, wb.campaign(period, campaign), unit)
    rows = [
        (one.id, one.wanted, one.due, REQUEST_STATES[one.state], one.received_by, one.decided_by, one.reason)
        for one in found
    ]
    heads = ("编号", "调阅内容", "期限", "状态", "提交人", "验收人", "退回原因")
    out([to_plain(one) for one in found], as_json, lambda: print_table(f"调阅 {len(rows)} 项", heads, rows))


@app.command("request", help="要求机构提交资料；--want 可写多次，一次一项。")
def request(
    period: PeriodOption,
    unit: Annotated[str, typer.Option("--unit", help="机构号")],
    want: Annotated[list[str], typer.Option("--want", help="调阅什么")],
    due_day: Annotated[datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="期限，默认 3 天后")] = None,
    domain: Annotated[str, typer.Option("--domain", help="检查域")] = "",
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    day = due_day.date() if due_day else None
    made = verbs.ask_for(wb, wb.campaign(period, campaign), unit, want, day, domain)
    say(f"已要求 {unit} 提交 {len(made)} 项，期限 {made[0].due}：" + "、".join(one.id for one in made))


@app.command("receive", help="机构提交被调阅的资料：文件，或写明在何处。")
def receive(
    number: NumberArgument,
    period: PeriodOption,
    file: Annotated[list[Path] | None, typer.Option("--file", help="资料文件，可多次给出")] = None,
    note: Annotated[str, typer.Option("--note", help="没有文件的，写明资料在何处、由谁交接")] = "",
    campaign: CampaignOption = None,
) -> None:
    wb = bench()
    chosen = wb.campaign(period, campaign)
    one = verbs.find_request(wb, chosen, number)
    for path in file or ():
        verbs.add_document(wb, chosen, one, path.name, _bytes(path))
    done = verbs.hand_over(wb, chosen, one, note)
    say(f"{number}：{REQUEST_STATES[done.state]}")


@app.command("accept", help="验收提交的资料；提交的人不能验收。")
def accept(number: NumberArgument, period: PeriodOption, campaign: CampaignOption = None) -> None:
    _decide(number, period, campaign, "", accepted=True)


@app.command("reject", help="退回提交的资料，须写明原因。")
def reject(
    number: NumberArgument,
    period: PeriodOption,
    reason: Annotated[str, typer.Option("--reason", help="退回原因")],
    campaign: CampaignOption = None,
) -> None:
    _decide(number, period, campaign, reason, accepted=False)


def _decide(number: str, period: str, campaign: str | None, reason: str, *, accepted: bool) -> None:
    wb = bench()
    chosen = wb.campaign(period, campaign)
    done = verbs.decide_request(wb, chosen, verbs.find_request(wb, chosen, number), accepted=accepted, reason=reason)
    say(f"{number}：{REQUEST_STATES[done.state]}")


def _show(rows: list[EvidenceRow] | tuple[EvidenceRow, ...], as_json: bool, title: str) -> None:
    plain = [
        {
            "id": one.id,
            "unit": one.unit,
            "domain": one.domain,
            "subject": one.subject,
            "name": one.name,
            "url": one.url,
            "sha256": one.sha256,
            "by": one.by,
            "day": one.day.isoformat(),
            "until": one.kept.until.isoformat() if one.kept.until else "",
            "rule": one.kept.rule,
            "replaced": one.replaced,
        }
        for one in rows
    ]
    cells = [
        (one.sha256[:12] or "链接", f"{one.unit} {one.unit_name}", one.subject, one.name, one.by, one.kept.until or "")
        for one in rows
    ]
    heads = ("校验值", "机构", "属于", "名称", "上传人", "保存至")
    out(plain, as_json, lambda: print_table(f"{title} {len(rows)} 份", heads, cells))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(Fault("文件无法读取", file=path.name)) from error
