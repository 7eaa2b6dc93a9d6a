"""The verbs of the table of rights as filled workbooks say them: what to type, and the command that takes it in."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from tests.factories.answering import PDF
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.people import acting_as, entry
from tests.factories.rights import NAME, OWN, Doors
from tests.test_offline_round import SHEET, typed
from xiaobao.features.samples.issuing import publish_sheets
from xiaobao.model import Role
from xiaobao.publishing import publish_fill_sheets, publish_leads
from xiaobao.workbook.fill_sheets import evidence_folder
from xiaobao.workbook.people import write_people

Words = Callable[[Doors, object], tuple[object, ...]]


def _place(doors: Doors) -> Path:
    return doors.wb.home / f"填好{next(doors.numbers)}.xlsx"


def _form(doors: Doors) -> Path:
    path = _place(doors)
    publish_fill_sheets(acting_as(doors.wb, "office"), OWN, PERIOD, path, [DOMAIN], NAME)
    return path


def _answer(doors: Doors, _ready: object) -> tuple[object, ...]:
    path = _form(doors)
    typed(path, {("c-01", "检查结论"): "符合", ("c-01", "情况说明"): f"离线填写{path.stem}"}, SHEET)
    return ("sheet", "import", path, "--amended", "按登记簿核对")


def _attach(doors: Doors, _ready: object) -> tuple[object, ...]:
    path = _form(doors)
    folder = evidence_folder(path)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / f"{path.stem}.pdf").write_bytes(PDF + path.stem.encode())
    typed(path, {("c-proof", "佐证文件"): f"{path.stem}.pdf"}, SHEET)
    return ("sheet", "import", path, "--amended", "按登记簿核对")


def _leads(**said: str) -> Words:
    def words(doors: Doors, ready: object) -> tuple[object, ...]:
        path = _place(doors)
        publish_leads(acting_as(doors.wb, "office"), PERIOD, path, OWN, NAME)
        typed(path, {(str(ready), title): text for title, text in said.items()}, "疑点")
        return ("leads", "import", path)

    return words


def _record(doors: Doors, ready: object) -> tuple[object, ...]:
    path = _place(doors)
    publish_sheets(acting_as(doors.wb, "office"), str(ready), path)
    return ("sample", "import", ready, _first_passed(path))


def _first_passed(path: Path) -> Path:
    import openpyxl

    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    head = next(row for row in page.iter_rows() if row[0].value == "序号")
    place = {cell.value: cell.column for cell in head}["结果"]
    page.cell(head[0].row + 1, place).value = "符合"
    book.save(path)
    return path


def _people(doors: Doors, _ready: object) -> tuple[object, ...]:
    path = _place(doors)
    write_people([entry(f"sheet{next(doors.numbers)}", Role.FILLER, OWN)], path, author="样例", day=date(2026, 7, 5))
    return ("people", "import", path)


BY_SHEET: Mapping[str, Words] = {
    "answer.save": _answer,
    "evidence.add": _attach,
    "lead.answer": _leads(单位核实="属实", 核实说明="凭证在档"),
    "lead.decide": _leads(检查认定="属实", 认定理由="同意"),
    "sample.record": _record,
    "people.manage": _people,
}
