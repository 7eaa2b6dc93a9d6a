"""`xiaobao questions`: what newer data ask of handed-in sheets; `xiaobao movements`: how handed-in results moved."""

from __future__ import annotations

from typing import Annotated

import typer

from xiaobao import labels
from xiaobao.model import to_plain
from xiaobao.numbers import show
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.results.freezing import question_lines
from xiaobao.workbench.results.movements import movements
from xiaobao.workbench.results.questions import keep_sheet, return_sheet
from xiaobao.workbench.seeing import only_seen

app = ChineseTyper()
UnitOption = Annotated[str, typer.Option("--unit", help="机构号")]
DomainOption = Annotated[str, typer.Option("--domain", help="检查域，如 complaints")]
ReasonOption = Annotated[str, typer.Option("--reason", help="理由")]


@app.command("list", help="列出数据更新的问题：哪些数据检查，提交时怎样，现在怎样。")
def list_questions(
    period: PeriodOption,
    unit: Annotated[str | None, typer.Option("--unit", help="机构号")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    chosen = wb.campaign(period, campaign)
    every = wb.store.questions(chosen.id, unit)
    found = {key: every[key] for key in only_seen(wb, "sheet.see", chosen, every, lambda key: key)}
    plain = [{"unit": of, "domain": domain, **to_plain(one)} for (of, domain), one in found.items()]
    rows = [
        (
            of,
            labels.DOMAINS.get(domain, domain),
            labels.QUESTION_STATES[one.state],
            "；".join(question_lines(one)),
            f"{one.reason}（{one.answered_by}）" if one.reason else "",
        )
        for (of, domain), one in found.items()
    ]
    heads = ("机构", "检查域", "状态", "数据和检查的变化", "答复")
    out(plain, as_json, lambda: print_table(f"数据更新的问题 {len(rows)} 个", heads, rows))


@app.command("keep", help="维持原结果：检查表不变，写明理由。")
def keep(
    period: PeriodOption, unit: UnitOption, domain: DomainOption, reason: ReasonOption, campaign: CampaignOption = None
) -> None:
    wb = bench()
    keep_sheet(wb, wb.campaign(period, campaign), unit, domain, reason)
    say(f"{unit} {labels.DOMAINS.get(domain, domain)}：维持原结果")


@app.command("return", help="退回检查表：重新提交时按新数据。")
def give_back(
    period: PeriodOption, unit: UnitOption, domain: DomainOption, reason: ReasonOption, campaign: CampaignOption = None
) -> None:
    wb = bench()
    return_sheet(wb, wb.campaign(period, campaign), unit, domain, reason)
    say(f"{unit} {labels.DOMAINS.get(domain, domain)}：已退回，重新提交时按新数据")


def list_movements(
    period: PeriodOption,
    unit: Annotated[str | None, typer.Option("--unit", help="机构号")] = None,
    campaign: CampaignOption = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    chosen = wb.campaign(period, campaign)
    every = movements(wb.store, chosen, unit)
    found = only_seen(wb, "history.see", chosen, every, lambda one: (one.unit, one.domain))
    plain = [
        {
            "unit": m.unit,
            "domain": m.domain,
            "at": m.at,
            "before": m.before,
            "after": m.after,
            "acts": list(m.acts),
            "kinds": list(m.kinds),
        }
        for m in found
    ]
    rows = [
        (m.unit, labels.DOMAINS.get(m.domain, m.domain) or "总分", show(m.before), show(m.after), "；".join(m.acts))
        for m in found
    ]
    heads = ("机构", "检查域", "变动前", "变动后", "因何人何事")
    out(plain, as_json, lambda: print_table(f"提交后的得分变动 {len(rows)} 次", heads, rows, right=heads[2:4]))
