"""`xb.new_check`: a question of the analysts' bench becomes the file of a check, with the item that asks it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from pathlib import Path

from xiaobao.forms.short import ShortForm
from xiaobao.model import Value
from xiaobao.workbench.own_checks import verbs
from xiaobao.workbench.own_checks.verbs import checkable, dataset_asked
from xiaobao.workbench.workspace import open_workbench

_FIELDS = {
    "name": ("名称", "小写英文，如 complaint_unanswered"),
    "title": ("标题", "什么有疑问，如 投诉没有登记处理决定日期；可以不填"),
}


class NewCheckForm(ShortForm):
    """新写本行检查：名称、标题、数据集，按“写出检查”写出文件，下面写明下一步。

    同 xb.new_check("名称", title="标题", dataset="数据集")；按之前什么都不写。
    """

    def __init__(self, title: str, dataset: str, write: Callable[[dict[str, str]], WrittenCheck]) -> None:
        super().__init__(
            _FIELDS,
            {"dataset": ("数据集", [(one.name, one.title) for one in checkable()])},
            "写出检查",
            lambda filled: write(dict(filled))._repr_html_(),
            {"title": title, "dataset": dataset_asked(dataset).name},
        )


class WrittenCheck(Value):
    """What was written, and what to do next; shown as text and as HTML."""

    id: str
    file: str
    item: str

    @property
    def steps(self) -> str:
        name = self.id.partition(".")[2]
        return (
            f"已写出 {self.file}：在左边的文件里打开，改声明、测试记录和函数。\n"
            f"改好后 xiaobao checks test {name}，再请另一位有权限的人 xiaobao checks publish {name}。\n"
            "发布以后，把下面一项加进检查表草稿："
        )

    def __repr__(self) -> str:
        return f"{self.steps}\n\n{self.item}"

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.steps).replace(chr(10), '<br>')}</p><pre>{escape(self.item)}</pre>"


def new_check(name: str = "", *, title: str = "", dataset: str = "complaints", workspace: str = "") -> object:
    """新写一个本行检查：在工作区写出 checks/名称.py，并给出要加进检查表的一项；同 xiaobao checks new。

    name: 小写英文字母、数字、下划线，如 "complaint_unanswered"；编号就是 own.名称。不写则出一张小表，填好按“写出检查”。
    title: 检查的标题，如 "投诉没有登记处理决定日期"；不写则按数据集起一个。dataset: 被检查的数据集，代码或中文名。
    文件写好就能运行：声明（标题、数据集、义务主体、范围、最早适用日期、例外、依据或本行要求）、应当命中和不应命中的记录、
    函数 hits（收到的表同 xb.table，返回有疑问的行，同 xb.try_check）。没有经第二人发布的检查不会运行。
    名称、数据集写错或已有时报 InputError；没有权限时报 NotAllowed。
    """
    if not name:
        from xiaobao.features.own_checks.page import NewCheckForm

        return NewCheckForm(title, dataset, lambda asked: written_check(workspace=workspace, **asked))
    return written_check(name=name, title=title, dataset=dataset, workspace=workspace)


def written_check(*, name: str, title: str, dataset: str, workspace: str) -> WrittenCheck:
    """Write the file and say what was written. Raises InputError, NotAllowed."""
    wb = open_workbench(Path(workspace) if workspace else None)
    try:
        made = verbs.new_check(wb, name, title, dataset)
    finally:
        wb.store.close()
    return WrittenCheck(id=made.id, file=made.file, item=made.item)
