"""The small form of `xb.new_check()`: name, title, dataset, and a button that writes the file."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xiaobao.forms.short import ShortForm
from xiaobao.workbench.own_checks.verbs import checkable, dataset_asked

if TYPE_CHECKING:
    from xiaobao.features.own_checks.opening import WrittenCheck

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
