"""`xiaobao sample`: 抽样 from the frozen population to the confirmed result."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xiaobao.errors import Fault, InputError
from xiaobao.features.samples.evaluating import Evaluation, outcome_code
from xiaobao.features.samples.excel import read_sheets
from xiaobao.features.samples.issuing import publish_sample_paper, publish_sheets
from xiaobao.features.samples.populations import PopulationRequest, number_of
from xiaobao.features.samples.sample import METHODS, OUTCOMES, SAMPLE_STATES, SIZE_BASES, DrawnSample, RecordResult
from xiaobao.features.samples.verbs import (
    Purpose,
    WantedSample,
    answer_item,
    confirm_sample,
    define,
    draw_sample,
    evaluation,
    record,
    redraw,
    sample_of,
    samples,
    stale,
)
from xiaobao.model import to_plain
from xiaobao.numbers import HUNDRED, plain, show
from xiaobao.terminal.output import CampaignOption, JsonOption, PeriodOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper

if TYPE_CHECKING:
    from collections.abc import Sequence

app = ChineseTyper()
NumberArgument = Annotated[str, typer.Argument(help="抽样编号，见 sample list")]
OutputOption = Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")]


def share_of(text: str | None, what: str) -> Decimal | None:
    """Return 5%, 5 % or 0.05 as a share. Raises InputError for anything else."""
    if text is None:
        return None
    word = text.strip().replace("％", "%")
    try:
        value = Decimal(word.removesuffix("%").strip())
    except InvalidOperation:
        raise InputError(Fault(f"{what}写法不对", value=text, allowed="如 5% 或 0.05")) from None
    share = value / 100 if word.endswith("%") else value
    if not 0 <= share <= 1:
        raise InputError(Fault(f"{what}写法不对", value=text, allowed="0 至 100%，如 5% 或 0.05"))
    return share


@app.command("define", help="建立抽样：冻结总体（数据集或上传清单），定样本量。还不抽取。")
def define_sample(
    title: Annotated[str, typer.Argument(help="抽查什么，如 双录完整性")],
    period: PeriodOption,
    unit: Annotated[str, typer.Option("--unit", help="机构号；不写为全行")] = "",
    dataset: Annotated[str, typer.Option("--dataset", help="以已导入的数据集为总体")] = "",
    file: Annotated[Path | None, typer.Option("--list", help="以上传的清单为总体（.xlsx 或 .csv）")] = None,
    where: Annotated[list[str] | None, typer.Option("--where", help="筛选条件，如 金额>=50000，可多次")] = None,
    key: Annotated[str, typer.Option("--key", help="区分每一笔的编号列；数据集可不写")] = "",
    amount: Annotated[str, typer.Option("--amount", help="金额列")] = "",
    stratum: Annotated[str, typer.Option("--stratum", help="分层列")] = "",
    method: Annotated[str, typer.Option("--method", help=f"抽样方法：{'、'.join(METHODS)}")] = "random",
    basis: Annotated[str, typer.Option("--basis", help="样本量：attribute 测算、fixed 固定、table 本行抽样表")] = "",
    size: Annotated[int | None, typer.Option("--size", help="固定样本量")] = None,
    confidence: Annotated[str | None, typer.Option("--confidence", help="置信水平，如 95%")] = None,
    tolerable: Annotated[str | None, typer.Option("--tolerable", help="可容忍不符率，如 5%")] = None,
    expected: Annotated[str | None, typer.Option("--expected", help="预计不符率，如 1%")] = None,
    tolerable_amount: Annotated[str | None, typer.Option("--tolerable-amount", help="可容忍错报金额（元）")] = None,
    seed: Annotated[str, typer.Option("--seed", help="随机种子；不写由程序产生并记下")] = "",
    domain: Annotated[str, typer.Option("--domain", help="检查域")] = "",
    item: Annotated[str, typer.Option("--item", help="对应的检查项编号")] = "",
    campaign: CampaignOption = None,
) -> None:
    if bool(dataset) == bool(file):
        raise InputError(Fault("请用 --dataset 或 --list 指明总体，二者择一"))
    money = number_of(tolerable_amount) if tolerable_amount else None
    if tolerable_amount and money is None:
        raise InputError(Fault("可容忍错报金额不是数字", value=tolerable_amount))
    made = define(
        bench(),
        Purpose(title=title, period=period, unit=unit, domain=domain, item=item, campaign=campaign or ""),
        PopulationRequest(
            dataset=dataset, file=file, filters=tuple(where or ()), key=key, amount=amount, stratum=stratum
        ),
        WantedSample(
            method=method,
            basis=basis or ("fixed" if size else "attribute"),
            size=size,
            confidence=share_of(confidence, "置信水平"),
            tolerable=share_of(tolerable, "可容忍不符率"),
            expected=share_of(expected, "预计不符率"),
            tolerable_amount=money,
            seed=seed,
        ),
    )
    say(f"已建立抽样 {made.number}：总体 {made.population.count} 笔，样本量 {made.design.size}")


@app.command("draw", help="抽取样本：按冻结的总体和种子，谁抽结果都一样。")
def draw(number: NumberArgument) -> None:
    made = draw_sample(bench(), number)
    say(f"已抽取 {len(made.drawn)} 笔，样本摘要 {made.digest}")


@app.command("redraw", help="复抽核对：另一人按同一总体和种子再抽一次，比对样本摘要。")
def draw_again(number: NumberArgument) -> None:
    made = redraw(bench(), number).redraws[-1]
    say("复抽一致，样本相同" if made.same else "复抽不一致，样本不同，请查明原因")
    if not made.same:
        raise typer.Exit(1)


@app.command("list", help="列出抽样。")
def list_samples(
    period: Annotated[str | None, typer.Option("--period", help="检查期间，默认全部")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="机构号")] = None,
    as_json: JsonOption = False,
) -> None:
    wb = bench(read_only=True)
    found = samples(wb, period, unit)
    rows = [
        (
            one.number,
            one.title,
            one.unit or "全行",
            one.period,
            one.population.count,
            len(one.drawn) or "",
            len(one.tests) or "",
            SAMPLE_STATES[one.state],
            "已过时" if stale(wb, one) else "",
        )
        for one in found
    ]
    heads = ("编号", "抽查内容", "机构", "期间", "总体", "样本", "已检查", "状态", "提示")
    numbers = ("总体", "样本", "已检查")
    out(
        [to_plain(one) for one in found],
        as_json,
        lambda: print_table(f"抽样 {len(found)} 个", heads, rows, right=numbers),
    )


@app.command("show", help="显示一个抽样：总体、设计、样本和结果、结论。")
def show_sample(number: NumberArgument, as_json: JsonOption = False) -> None:
    sample, found, why = evaluation(bench(read_only=True), number)
    facts = {**to_plain(sample), "evaluation": to_plain(found), "stale": list(why)}
    out(facts, as_json, lambda: _show(sample, found, why))


def _show(sample: DrawnSample, found: Evaluation, why: Sequence[str]) -> None:
    population, design = sample.population, sample.design
    total = f"，{show(population.total, 2)} 元" if population.total is not None else ""
    where = f"，筛选 {'；'.join(population.filters)}" if population.filters else ""
    say(f"抽样 {sample.number}　{sample.title}（{SAMPLE_STATES[sample.state]}）")
    say(f"总体：{population.source}{where}，{population.count} 笔{total}，摘要 {population.digest}")
    if population.left_out:
        say(f"金额不大于 0 的 {population.left_out} 笔不参加货币单元抽样")
    say(f"设计：{METHODS[design.method]}，{SIZE_BASES[design.basis]}，样本量 {design.size}，种子 {design.seed}")
    say("；".join(rates(sample)))
    for text in why:
        say(f"提示：{text}")
    if not sample.drawn:
        return
    rows = [
        (one.record, one.stratum, show(one.amount, 2, ""), *_said(sample.tested.get(one.record)))
        for one in sample.drawn
    ]
    heads = ("编号", "层", "金额", "结果", "不符情形", "审定金额", "说明")
    print_table(f"样本 {len(rows)} 笔，摘要 {sample.digest}", heads, rows, right=("金额", "审定金额"))
    say(found.sentence())


def rates(sample: DrawnSample) -> list[str]:
    """Return the rates that the design rests on, as people read them."""
    design = sample.design
    lines = [f"置信水平 {plain(design.confidence * HUNDRED)}%"]
    if design.tolerable is not None:
        lines.append(f"可容忍不符率 {plain(design.tolerable * HUNDRED)}%")
    if design.expected is not None:
        lines.append(f"预计不符率 {plain(design.expected * HUNDRED)}%，允许不符 {design.allowed} 笔")
    if design.tolerable_amount is not None:
        lines.append(f"可容忍错报 {show(design.tolerable_amount, 2)} 元")
    return lines


def _said(one: RecordResult | None) -> tuple[str, str, str, str]:
    return (OUTCOMES[one.outcome], one.kind, show(one.audited, 2, ""), one.note) if one else ("", "", "", "")


@app.command("record", help="记录一笔样本的结果。")
def record_one(
    number: NumberArgument,
    key: Annotated[str, typer.Argument(help="样本编号（抽到的那一笔）")],
    result: Annotated[str, typer.Argument(help="结果：符合、不符")],
    kind: Annotated[str, typer.Option("--kind", help="不符情形")] = "",
    note: Annotated[str, typer.Option("--note", help="说明")] = "",
    audited: Annotated[str | None, typer.Option("--audited", help="审定金额（元）")] = None,
) -> None:
    wb = bench()
    money = number_of(audited) if audited else None
    if audited and money is None:
        raise InputError(Fault("金额不是数字", column="审定金额", value=audited))
    before = sample_of(wb, number).tested.get(key)
    said = RecordResult(
        record=key,
        outcome=outcome_code(result),
        kind=kind,
        note=note,
        audited=money,
        by=wb.actor,
        revision=before.revision if before else 0,
    )
    made = record(wb, number, {key: said})
    say(f"已记录 {key}：{OUTCOMES[said.outcome]}；{len(made.tests)} / {len(made.drawn)} 笔有结果")


@app.command("export", help="导出抽样检查表（.xlsx），逐笔填写后用 sample import 收回。")
def export(number: NumberArgument, output: OutputOption = None) -> None:
    path = output or Path(f"抽样检查表-{number}.xlsx")
    count = publish_sheets(bench(), number, path)
    say(f"已导出 {count} 笔样本：{path}")


@app.command("import", help="收回填好的抽样检查表；有错全部列出，一笔也不存。")
def import_sheets(number: NumberArgument, file: Annotated[Path, typer.Argument(help="填好的检查表")]) -> None:
    wb = bench()
    found = read_sheets(sample_of(wb, number, "sample.record"), file)
    made = record(wb, number, found) if found else sample_of(wb, number)
    say(f"已收回 {len(found)} 笔，{len(made.tests)} / {len(made.drawn)} 笔有结果")


@app.command("evaluate", help="计算结果：不符率、精确上限、推断金额，与可容忍的比较。")
def evaluate_sample(number: NumberArgument, as_json: JsonOption = False) -> None:
    sample, found, why = evaluation(bench(read_only=True), number)
    plain_facts = {"number": sample.number, **to_plain(found), "sentence": found.sentence(), "stale": list(why)}
    out(plain_facts, as_json, lambda: say("\n".join([*(f"提示：{text}" for text in why), found.sentence()])))


@app.command("answer", help="把不符样本按检查项的计分规则写入该机构的检查表。")
def answer(number: NumberArgument) -> None:
    made = answer_item(bench(), number)
    say(f"已写入检查项 {made.item_id}：{made.note}")


@app.command("confirm", help="确认抽样结果：须全部检查、有另一人复抽一致、总体未变；抽取人和记录人不能确认。")
def confirm(number: NumberArgument, opinion: Annotated[str, typer.Option("--opinion", help="意见")] = "") -> None:
    confirm_sample(bench(), number, opinion)
    say(f"已确认抽样 {number}")


@app.command("paper", help="出具抽样底稿（Word）：总体、设计、样本、结果和结论。")
def paper(number: NumberArgument, output: OutputOption = None) -> None:
    say(f"已生成 {publish_sample_paper(bench(), number, output)}")
