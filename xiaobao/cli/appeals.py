"""`xiaobao appeals`: a unit objects to a reviewed result, a third person decides."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao import labels
from xiaobao.errors import Fault, NotAllowed, UsageError
from xiaobao.model import Appeal, Conclusion, Disposition, Response, to_plain
from xiaobao.numbers import read_number
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.inspections.appealing import AppealOutcome, decide_appeal, file_appeal, withdraw_appeal

app = ChineseTyper()
UnitOption = Annotated[str, typer.Option("--unit", help="机构号")]
DomainOption = Annotated[str, typer.Option("--domain", help="检查域，如 complaints")]
_CONCLUSIONS = {labels.label(one): one for one in Conclusion} | {one.value: one for one in Conclusion}
_DISPOSITIONS = {labels.label(one): one for one in Disposition} | {one.value: one for one in Disposition}


@app.command("file", help="机构对已复核的结果提出申诉：写明理由和检查项。")
def file(
    period: PeriodOption,
    unit: UnitOption,
    domain: DomainOption,
    item: Annotated[list[str], typer.Option("--item", help="申诉的检查项编号，可多次给出")],
    grounds: Annotated[str, typer.Option("--grounds", help="申诉理由")],
    evidence: Annotated[list[str] | None, typer.Option("--evidence", help="佐证材料名称，可写多次")] = None,
    files: Annotated[list[Path] | None, typer.Option("--file", help="佐证材料文件，可多次给出")] = None,
    campaign: CampaignOption = None,
) -> None:
    """File an appeal; exit 1 before the last signature, after the last day, without grounds, or while one is open."""
    wb = bench()
    given = [(path.name, _bytes(path)) for path in files or ()]
    made = file_appeal(wb, wb.campaign(period, campaign), unit, domain, grounds, item, evidence or (), given)
    say(f"已提出第 {made.number} 件申诉：{unit} {labels.DOMAINS.get(domain, domain)}，检查项 {'、'.join(made.items)}")


@app.command("withdraw", help="申诉人撤回还没有处理的申诉。")
def withdraw(
    period: PeriodOption,
    unit: UnitOption,
    domain: DomainOption,
    reason: Annotated[str, typer.Option("--reason", help="原因")],
    campaign: CampaignOption = None,
) -> None:
    """Take an open appeal back; exit 1 for others than who filed it."""
    wb = bench()
    withdraw_appeal(wb, wb.campaign(period, campaign), unit, domain, reason)
    say(f"已撤回 {unit} {labels.DOMAINS.get(domain, domain)} 的申诉")


@app.command("decide", help="由第三人处理申诉：成立、部分成立或不成立，写明理由和改成什么。")
def decide(
    period: PeriodOption,
    unit: UnitOption,
    domain: DomainOption,
    verdict: Annotated[str, typer.Option("--verdict", help="upheld 成立、partly 部分成立、rejected 不成立")],
    reason: Annotated[str, typer.Option("--reason", help="理由")],
    answer: Annotated[
        list[str] | None, typer.Option("--answer", help="检查项的新结论：编号=符合，或 编号=部分符合:扣分，可多次给出")
    ] = None,
    lead: Annotated[list[str] | None, typer.Option("--lead", help="疑点的新认定：编号=不属实，可多次给出")] = None,
    veto: Annotated[list[str] | None, typer.Option("--withdraw-veto", help="撤销的一票否决编号，可多次给出")] = None,
    campaign: CampaignOption = None,
) -> None:
    """Decide the open appeal; exit 1 for anybody who took part before."""
    outcome = AppealOutcome(
        answers=tuple(map(_answer, answer or ())), leads=dict(map(_disposition, lead or ())), vetoes=tuple(veto or ())
    )
    wb = bench()
    made = decide_appeal(wb, wb.campaign(period, campaign), unit, domain, verdict, reason, outcome)
    what = f"{unit} {labels.DOMAINS.get(domain, domain)} 的第 {made.number} 件申诉{labels.APPEAL_STATES[made.state]}"
    say(f"{what}；重新运行后生效" if made.upheld else what)


@app.command("list", help="列出申诉：理由、处理结果、何人。")
def list_appeals(
    period: PeriodOption,
    unit: Annotated[str | None, typer.Option("--unit", help="机构号")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    """List appeals with their grounds and what became of them."""
    wb = bench(read_only=True)
    chosen = wb.campaign(period, campaign)
    seen = wb.sight("sheet.see", chosen)
    if seen.reason:
        raise NotAllowed(seen.reason)
    own = (one for one in wb.store.inspections(chosen.id, unit) if seen.shows(one.unit, one.domain))
    records = {one.id: one for one in own}
    found = [(records[number], one) for number, filed in wb.store.appeals(records).items() for one in filed]
    plain = [{"unit": record.unit, "domain": record.domain, **to_plain(one)} for record, one in found]
    rows = [
        (
            record.unit,
            labels.DOMAINS.get(record.domain, record.domain),
            one.number,
            "、".join(one.items),
            f"{one.grounds}（{one.filed_by}）",
            labels.APPEAL_STATES[one.state],
            f"{one.reason}（{one.decided_by or one.filed_by}）" if one.reason else "",
            _changed(one),
        )
        for record, one in found
    ]
    heads = ("机构", "检查域", "序号", "检查项", "理由", "结果", "处理理由", "改动")
    out(plain, as_json, lambda: print_table(f"申诉 {len(rows)} 件", heads, rows))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(Fault("文件打不开", file=path.name)) from error


def _changed(appeal: Appeal) -> str:
    said = [f"{one.item_id} {labels.label(one.answer.conclusion)}" for one in appeal.answers]
    said += [f"{lead} {labels.label(what)}" for lead, what in appeal.leads.items()]
    return "、".join((*said, *(f"撤销 {veto}" for veto in appeal.vetoes)))


def _answer(text: str) -> Response:
    item, _, said = text.partition("=")
    word, _, points = said.replace("：", ":").partition(":")
    allowed = "编号=符合、编号=部分符合:扣分、编号=不符合:扣分"
    if word not in _CONCLUSIONS or not item:
        raise UsageError(Fault("--answer 写法不对", value=text, allowed=allowed))
    if not points:
        return Response(item_id=item, conclusion=_CONCLUSIONS[word], reason="申诉")
    number, wrong = read_number(points)
    if wrong:
        raise UsageError(Fault("--answer 的扣分不是数字", value=text, allowed=allowed))
    return Response(item_id=item, conclusion=_CONCLUSIONS[word], deduction=number, reason="申诉")


def _disposition(text: str) -> tuple[str, Disposition]:
    lead, _, word = text.partition("=")
    if word not in _DISPOSITIONS or not lead:
        raise UsageError(Fault("--lead 写法不对", value=text, allowed="疑点编号=属实、部分属实或不属实"))
    return lead, _DISPOSITIONS[word]
