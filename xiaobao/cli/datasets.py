"""`xiaobao dataset` and `xiaobao import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xiaobao.cli.opening import bench
from xiaobao.cli.output import JsonOption, PeriodOption, out, say, table
from xiaobao.cli.wording import ChineseTyper

app = ChineseTyper(help="数据集：列出、出模板。")


@app.command("list", help="列出全部数据集和已导入情况。")
def list_datasets(as_json: JsonOption = False) -> None:
    from xiaobao.datasets.catalogue import CATALOGUE

    rows = [(d.name, d.title, "、".join(c.title for c in d.columns if c.required), len(d.columns)) for d in CATALOGUE]
    plain = [{"name": d.name, "title": d.title, "columns": [c.title for c in d.columns]} for d in CATALOGUE]
    out(plain, as_json, lambda: table("数据集", ("代码", "名称", "必填列", "列数"), rows, right=("列数",)))


@app.command("template", help="生成给科技部门的取数模板（.xlsx）。")
def template(
    name: Annotated[str, typer.Argument(help="数据集代码，见 dataset list")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="输出文件")] = None,
) -> None:
    from xiaobao.datasets.catalogue import DATASETS
    from xiaobao.datasets.templates import write_template
    from xiaobao.errors import Fault, InputError

    if name not in DATASETS:
        raise InputError(Fault("没有这个数据集", value=name, allowed="、".join(DATASETS)))
    path = output or Path(f"{DATASETS[name].title}-模板.xlsx")
    write_template(DATASETS[name], path)
    say(f"已生成 {path}")


def import_files(
    dataset: Annotated[str, typer.Argument(help="数据集代码，见 dataset list")],
    files: Annotated[list[Path], typer.Argument(help="CSV 或 XLSX 文件")],
    period: PeriodOption,
    mapping: Annotated[Path | None, typer.Option("--map", help="列名和取值的映射文件（YAML）")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="替换本期已导入的同一数据集")] = False,
    as_json: JsonOption = False,
) -> None:
    from xiaobao.workbench.importing import import_extract

    done = import_extract(bench(), dataset, files, period, mapping, replace)
    plain = {"dataset": done.dataset, "period": done.period, "rows": done.rows, "notices": list(done.notices)}

    def show() -> None:
        for notice in done.notices:
            say(f"提示：{notice}")
        say(f"已导入 {done.title} {done.period}：{done.rows} 行")

    out(plain, as_json, show)
