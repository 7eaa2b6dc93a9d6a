"""`xiaobao dataset` and `xiaobao import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from xiaobao.datasets.catalogue import CATALOGUE, DATASETS
from xiaobao.datasets.templates import write_template
from xiaobao.errors import Fault, InputError, UsageError
from xiaobao.personal import mask
from xiaobao.terminal.output import JsonOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.importing import ImportSummary, import_extract, suggest_mapping, write_faults

app = ChineseTyper()


@app.command("list", help="列出全部数据集和已导入情况。")
def list_datasets(as_json: JsonOption = False) -> None:
    rows = [(d.name, d.title, "、".join(c.title for c in d.columns if c.required), len(d.columns)) for d in CATALOGUE]
    plain = [{"name": d.name, "title": d.title, "columns": [c.title for c in d.columns]} for d in CATALOGUE]
    out(plain, as_json, lambda: print_table("数据集", ("代码", "名称", "必填列", "列数"), rows, right=("列数",)))


@app.command("template", help="生成给科技部门的取数模板（.xlsx）。")
def template(
    name: Annotated[str, typer.Argument(help="数据集代码，见 dataset list")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")] = None,
) -> None:
    if name not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=name, allowed="、".join(DATASETS)))
    path = output or Path(f"{DATASETS[name].title}-模板.xlsx")
    write_template(DATASETS[name], path)
    say(f"已生成 {path}")


def import_files(
    dataset: Annotated[str, typer.Argument(help="数据集代码，见 dataset list")],
    files: Annotated[list[Path], typer.Argument(help="CSV 或 XLSX 文件")],
    period: Annotated[str | None, typer.Option("--period", help="检查期间，如 2026H1")] = None,
    mapping: Annotated[Path | None, typer.Option("--map", help="列名和取值的映射文件（.yaml 或 .xlsx）")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="替换本期已导入的同一数据集")] = False,
    suggest_map: Annotated[
        bool, typer.Option("--suggest-map", help="不导入，只按表头和取值建议映射文件，由人核对确认")
    ] = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="建议的映射写到哪里：.yaml，或供在 Excel 里填的 .xlsx")
    ] = None,
    set_aside: Annotated[
        Path | None,
        typer.Option("--set-aside", help="读不了的行和期间以外的行搁置到这个 .xlsx，其余导入；统计和报告写明搁置行数"),
    ] = None,
    faults: Annotated[
        Path | None, typer.Option("--faults", help="导入不成时，把有错的行写到这个 .xlsx，有错的格已标出")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Import the files of a dataset, or with --suggest-map write a mapping for the first and import nothing."""
    if suggest_map:
        wb = bench(read_only=True)
        wb.look("data.import")
        path = suggest_mapping(wb, dataset, files[0], output or Path(f"{mask(files[0].stem)}-映射.yaml"))
        message = f"已写出 {path}，没有导入任何数据。请逐行核对，把 confirmed 改为 是，再用 --map {path} 导入"
        out({"mapping": str(path)}, as_json, lambda: say(message))
        return
    if period is None:
        raise UsageError("缺少选项 --period")
    wb = bench()
    try:
        done = import_extract(wb, dataset, files, period, mapping, replace, set_aside)
    except InputError as error:
        if faults is not None and dataset in DATASETS:
            write_faults(wb, dataset, files, period, mapping, error, faults)
        raise
    _say_imported(done, set_aside is not None, as_json)


def _say_imported(done: ImportSummary, with_aside: bool, as_json: bool) -> None:
    """Print what came in, what was noticed and, where it was asked for, what was set aside and why."""
    plain: dict[str, Any] = {
        "dataset": done.dataset,
        "period": done.period,
        "rows": done.rows,
        "notices": list(done.notices),
    }
    if with_aside:
        plain["aside"] = [
            {"file": row.file, "sheet": row.sheet, "row": row.row, "reason": row.reason, "faults": list(row.faults)}
            for row in done.aside
        ]

    def show() -> None:
        for notice in done.notices:
            say(f"提示：{notice}")
        for row in done.aside:
            where = f"{row.file} " + (f"工作表 {row.sheet} " if row.sheet else "") + f"第 {row.row} 行"
            say(f"搁置（{row.reason}）：{where}：" + "；".join(": ".join(filter(None, pair)) for pair in row.faults))
        say(f"已导入 {done.title} {done.period}：{done.rows} 行")

    out(plain, as_json, show)
