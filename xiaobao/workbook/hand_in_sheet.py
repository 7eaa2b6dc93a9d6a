"""The sheets beside the checklists of an offline workbook: what shall be handed in, and how it is filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec.structs import replace

from xiaobao.datasets.workbooks import RawSheet
from xiaobao.errors import Fault
from xiaobao.labels import domain_title
from xiaobao.workbench.inspections.filling import Form, progress
from xiaobao.workbench.inspections.offline import OfflineSheet
from xiaobao.workbook.book import Book, SheetColumn

HAND_IN, HELP = "提交", "填写说明"
_YES = "是"
_COLUMNS = (
    SheetColumn(title="检查域", width=24),
    SheetColumn(title="检查表", width=34),
    SheetColumn(title="导出时已答", width=12),
    SheetColumn(title=HAND_IN, width=10, answer=True),
)


def sheet_name(form: Form) -> str:
    """Return how the sheet of a form is called."""
    return domain_title(form.domain, form.checklist.title)[:31]


def add_hand_in(book: Book, forms: Sequence[Form]) -> None:
    """Add the sheet on which a unit says what it hands in."""
    rows = []
    for form in forms:
        done = progress(form)
        rows.append([sheet_name(form), form.checklist.title, f"{done.answered}/{done.total}", ""])
    above = (
        f"{forms[0].unit.name}　提交检查表",
        "填好以后要提交的，在“提交”列选“是”；导入的人须有提交权限，没有填完的不会提交。",
    )
    sheet, head, count = book.table(HAND_IN, _COLUMNS, rows, above=above)
    for row in range(head + 1, head + 1 + count):
        offer_list(sheet, row, 3, (_YES,), "填好以后选“是”，导入时一并提交")
    sheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})


def add_help(book: Book) -> None:
    """Add the sheet that says how the book is filled and sent back."""
    lines = (
        "只填黄底单元格；整行空白的不导入，没有改动的行不会覆盖别人在页面上的答复。",
        "检查结论、评定档次、计量单位从下拉列表选；橙色是还没有结论，红色是还缺理由或者没有处理的退回意见。",
        "实测值可以连单位写，如 98%、35分钟；情形和次数一行一种，写“情形=次数”，也可以用分号写在一行。",
        "佐证文件：放进旁边名为“本文件名-佐证”的文件夹（填报表.xlsx 配 填报表-佐证），在“佐证文件”列写文件名，一行一个",
        "退回的检查表：看“退回意见”，在“意见处理”写做了什么；改动了答复的，在“改动原因”写明。",
        "疑点：在工作表“疑点”填“单位核实”“核实说明”。要提交的检查表，在工作表“提交”选“是”。",
        "排序、筛选、另加工作表不影响导入；不要增删行列，不要改动检查项的文字、机构、期间和校验行。",
        "导出以后别人已经改过的答复不会被覆盖，导入时逐格列出两边的内容，选定之后才保存。",
        "另存时保持 .xlsx 格式。LibreOffice、WPS 可以填写；如下拉列表不见了，照“怎么填”一列打字，导入时会核对。",
    )
    book.table(HELP, (SheetColumn(title="填写说明", width=110),), [[line] for line in lines], freeze=0)


def read_hand_in(sheet: RawSheet | None, file: str, read: Sequence[OfflineSheet], faults: list[Fault]) -> Iterator[str]:
    """Yield the domains that are to be handed in; a word that is none, and a domain without a sheet, are faults."""
    there = {name: one.domain for one in read for name in (one.domain, domain_title(one.domain), one.sheet)}
    columns = [column.title for column in _COLUMNS]
    heads: list[str] = []
    for number, cells in sheet.rows if sheet is not None else ():
        if cells and cells[0] == columns[0]:
            heads = list(cells)
            continue
        said = dict(zip(heads, cells, strict=False))
        word = said.get(HAND_IN, "").strip()
        if not word:
            continue
        where = Fault("", file=file, sheet=HAND_IN, row=number, column=HAND_IN)
        if word != _YES:
            faults.append(replace(where, message="不在可选范围内", value=word, allowed=_YES))
        elif said[columns[0]] not in there:
            faults.append(
                replace(where, message="工作簿里没有这个检查域的检查表", column="检查域", value=said[columns[0]])
            )
        else:
            yield there[said[columns[0]]]


def offer_list(sheet: Any, row: int, place: int, words: Sequence[str], advice: str) -> None:
    """Offer a list, where Excel can hold it, with advice; what is typed is checked on the way back in any case."""
    if not words:
        return
    if len(",".join(words)) <= 255 and not any("," in word for word in words):
        asked = {"validate": "list", "source": list(words), **_advice(advice)}
        sheet.data_validation(row, place, row, place, asked | {"error_title": "请从列表选择"})
    else:
        advise(sheet, row, place, "；".join(words))


def advise(sheet: Any, row: int, place: int, advice: str) -> None:
    """Show advice beside a cell once it is chosen."""
    if advice:
        sheet.data_validation(row, place, row, place, {"validate": "any", **_advice(advice)})


def _advice(text: str) -> dict[str, str]:
    """Return what Excel shows beside a chosen cell: at most 255 characters."""
    return {"input_title": "怎么填", "input_message": text[:250]} if text else {}
