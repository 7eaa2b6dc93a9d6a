"""The offline sheet comes back whole from LibreOffice (xlsx → ods → xlsx): `make soak` drives the real one."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from tests.factories.inspections import DOMAIN, FILLER, PERIOD, UNIT, raise_two_leads, tiny_workspace, workbench
from tests.test_offline_round import SHEET, back, now, typed
from xiaobao.model import Conclusion, Disposition
from xiaobao.publishing import publish_fill_sheets
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.long
WAIT = 240


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), FILLER)
    yield bench
    bench.store.close()


def through_libreoffice(path: Path) -> None:
    """Open and save the book as LibreOffice's own format, open that and save it as Excel's in its old place."""
    soffice, folder = shutil.which("soffice"), path.parent
    assert soffice, "请先安装：sudo apt-get install libreoffice-calc-nogui"
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    for source, kind in ((path, "ods"), (path.with_suffix(".ods"), "xlsx")):
        words = [soffice, profile, "--headless", "--convert-to", kind, "--outdir", str(folder), str(source)]
        subprocess.run(words, check=True, capture_output=True, timeout=WAIT)
        assert source.with_suffix(f".{kind}").is_file()


def drop_downs(path: Path) -> dict[str, int]:
    """Return how many lists of choices each sheet has that a person sees, by cells."""
    book = openpyxl.load_workbook(path)
    return {
        sheet.title: sum(len(list(area.cells)) for one in sheet.data_validations.dataValidation if one.type == "list"
                         for area in one.sqref.ranges)
        for sheet in book.worksheets if sheet.sheet_state == "visible"
    }  # fmt: skip


def texts_of(path: Path) -> list[tuple[str, str]]:
    """Return place and text of every cell of the checklist's sheet that holds something."""
    rows = openpyxl.load_workbook(path)[SHEET].iter_rows()
    return [(cell.coordinate, str(cell.value)) for row in rows for cell in row if cell.value not in (None, "")]


def test_what_was_typed_and_what_helps_typing_survive_libreoffice(wb: Workbench, tmp_path: Path) -> None:
    """Answers, measured values, a lead and the hand-in come back; lists of choices stay on every cell."""
    lead, _ = raise_two_leads(wb)
    path = tmp_path / "填报.xlsx"
    publish_fill_sheets(wb, UNIT, PERIOD, path)
    before = drop_downs(path)
    asked = [entry.item.id for entry in now(wb).items.values() if entry.asked]
    odd = "第一行\n第二行　“引号”＜标签＞ 98%"
    typed(path, {(item, "检查结论"): "符合" for item in asked if item != "c-proof"})
    typed(path, {("c-ramp", "实测值"): "1.5米", ("c-01", "情况说明"): odd})
    typed(path, {(lead.id, "单位核实"): "不属实", (lead.id, "核实说明"): "凭证在档"}, "疑点")
    texts = texts_of(path)
    through_libreoffice(path)
    assert texts_of(path) == texts
    assert drop_downs(path) == before and sum(before.values()) > len(asked)
    done = back(wb, path)
    assert done.conflicts == () and done.answers.saved >= len(asked) - 1
    form = now(wb)
    assert form.items["c-01"].response.note == odd
    assert form.items["c-02"].response.conclusion is Conclusion.COMPLIANT
    assert wb.store.decisions(wb.campaign(PERIOD).id)[lead.id].answer is Disposition.REFUTED
    assert DOMAIN in {sheet.domain for sheet in done.handed_in} or done.text()
