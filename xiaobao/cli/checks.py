"""`xiaobao checks`: the bank's own checks, from a file to one that runs."""

from __future__ import annotations

from typing import Annotated

import typer

from xiaobao.model import to_plain
from xiaobao.terminal.output import JsonOption, bench, out, print_table, say
from xiaobao.terminal.wording import ChineseTyper
from xiaobao.workbench.own_checks import verbs

app = ChineseTyper()
NameArgument = Annotated[str, typer.Argument(help="名称，如 complaint_unanswered；写 own.… 也可以")]
_HEADS = ("编号", "检查", "状态", "文件", "编写人", "发布人", "发布日期", "说明")


@app.command("new", help="新写一个本行检查：在工作区 checks 文件夹写出可以运行的文件，列出要加进检查表的一项。")
def new(
    name: NameArgument,
    title: Annotated[str, typer.Option("--title", help="检查的标题，如 投诉没有登记处理决定日期")] = "",
    dataset: Annotated[str, typer.Option("--dataset", help="被检查的数据集，代码或中文名")] = "complaints",
) -> None:
    made = verbs.new_check(bench(), name, title, dataset)
    say(f"已写出 {made.file}。改好声明、测试记录和函数以后：xiaobao checks test {name}")
    say(f"发布以后，把下面一项加进检查表草稿（checklists 文件夹）某一部分的 items：\n\n{made.item}")


@app.command("test", help="测试一个本行检查：声明是否齐全，文件里的记录是否该命中的命中、不该的不命中。")
def test(name: NameArgument) -> None:
    sha = verbs.run_test(bench(), name)
    say(f"{name} 测试通过，内容摘要 {sha[:12]}。请另一位有权限的人核对后运行 xiaobao checks publish {name}")


@app.command("list", help="列出本行检查：状态、文件、编写人、发布人；文件改动过的写明。")
def list_own(as_json: JsonOption = False) -> None:
    found = verbs.list_checks(bench(read_only=True))
    rows = [(r.id, r.title, r.state, r.file, r.author, r.publisher, r.published_on, r.note) for r in found]
    plain = [to_plain(one) for one in found]
    out(plain, as_json, lambda: print_table(f"本行检查 {len(rows)} 个", _HEADS, rows))


@app.command("publish", help="发布一个测试通过的本行检查：须由编写人以外有权限的人；此后改动文件即不再运行。")
def publish(name: NameArgument) -> None:
    sha = verbs.publish_check(bench(), name)
    say(f"已发布 {name}，内容摘要 {sha[:12]}。检查表草稿可以写这个检查了；xiaobao checklist checks 列出它。")


@app.command("retire", help="停用一个已发布的本行检查；仍写着它的检查项注明已停用。")
def retire(name: NameArgument, reason: Annotated[str, typer.Option("--reason", help="原因")]) -> None:
    verbs.retire_check(bench(), name, reason)
    say(f"已停用 {name}")
