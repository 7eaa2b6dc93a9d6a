"""No workbook of ours has an English sheet, head, choice or word in it; what stays are keys, since they come back."""

from __future__ import annotations

import html
import re
import zipfile
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

import xiaobao
from tests.factories import banks
from tests.factories.checklists import REGULATIONS
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    PERIOD,
    UNIT,
    as_person,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from tests.factories.reports import AS_OF, finding, lead_row, overview, scorecard
from xiaobao.checklist.models import Checklist, Section
from xiaobao.checklist.reading import load_checklist
from xiaobao.checks.registry import REGISTRY
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.templates import write_template
from xiaobao.features.evidence.excel import evidence_book
from xiaobao.features.filings.filed_numbers import write_number_sheet
from xiaobao.features.history.excel import write_history
from xiaobao.features.history.history_lines import history_entries
from xiaobao.features.samples.issuing import publish_sheets
from xiaobao.features.samples.populations import PopulationRequest
from xiaobao.features.samples.verbs import Purpose, WantedSample, define, draw_sample
from xiaobao.model import Actor, Disposition, Response
from xiaobao.publishing import publish_conflicts, publish_fill_sheets, publish_leads
from xiaobao.report_figures.figures import FigureSet
from xiaobao.workbench.importing import import_extract, suggest_mapping
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.inspections.offline_round import import_book
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.checklists import read_checklist_book, write_checklist
from xiaobao.workbook.figures import write_figures
from xiaobao.workbook.fill_sheets import read_offline_book
from xiaobao.workbook.people import write_people
from xiaobao.workbook.summary import BatchSummary, write_batch_summary

SHIPPED = sorted(Path("checklists").glob("*-2026.*.yaml"))
LATIN = re.compile(r"[A-Za-z][A-Za-z_]+")
# Names that are written so in Chinese as well, and how files are named.
PROPER = {"APP", "Excel", "ID", "IT", "ATM", "POS", "VIP", "IVR", "SMS", "xlsx", "csv", "yyyy", "mm", "dd", "GB", "JR"}
PROPER |= {"LibreOffice", "WPS", "JupyterLab"}


def words(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of whatever a person reads in a workbook: sheet names, cells, notes, choices and hints."""
    book = openpyxl.load_workbook(path)
    for page in book:
        yield "工作表", page.title
        hidden = {name for name, column in page.column_dimensions.items() if column.hidden}
        for cell in (cell for row in page.iter_rows() for cell in row if cell.column_letter not in hidden):
            if isinstance(cell.value, str):
                yield f"{page.title}!{cell.coordinate}", cell.value
            if cell.comment:
                yield f"{page.title}!{cell.coordinate} 批注", cell.comment.text
        for rule in page.data_validations.dataValidation:
            for said in (rule.formula1, rule.promptTitle, rule.prompt, rule.errorTitle, rule.error):
                yield f"{page.title} 选项", re.sub(r"^(='?[^!]*!)?\$?[A-Z]+\$?\d+.*", "", str(said or ""))
    book.close()


def parts(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the same of a workbook without hidden columns, from its parts: a tenth of the time."""
    with zipfile.ZipFile(path) as book:
        for name in book.namelist():
            if not name.endswith(".xml") or name.startswith(("docProps", "xl/styles", "xl/theme")):
                continue
            text = book.read(name).decode("utf-8")
            said = re.findall(r"<t[ >][^<]*", text) if "worksheets" not in name else []
            said += re.findall(
                r'<sheet name="[^"]*|(?:prompt|error|promptTitle|errorTitle)="[^"]*|<formula1>"[^<]*', text
            )
            yield from ((name, html.unescape(re.split(r'[>"]', one, maxsplit=1)[-1])) for one in said)


def english(read: Iterable[tuple[str, str]], keys: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return what is left in English once keys and proper names are taken away."""
    listed = "|".join(re.escape(key) for key in sorted(keys, key=len, reverse=True))
    found = []
    for where, text in read:
        text = re.sub(
            r"(?<![A-Za-z])(L?[0-9a-f]{12,}|[A-Z]{3}-\d\d)(?![A-Za-z])", "", text
        )  # digests, ids of leads and items
        rest = re.sub(rf"(?<![A-Za-z])(?:{listed})(?![A-Za-z])", "", text) if keys else text
        found += [(where, word) for word in LATIN.findall(rest) if word not in PROPER]
    return found


def keys_of(sheet: Checklist) -> set[str]:
    """Return all ids in a checklist: its own, of sections, items, parts of rules, vetoes and checks."""

    def of(section: Section) -> Iterator[str]:
        yield section.id
        for item in section.items:
            yield item.id
            yield from item.checks
            for rule in item.rules:
                for name in rule.__struct_fields__:
                    parts = getattr(rule, name)
                    yield from (one.id for one in parts if hasattr(one, "id")) if isinstance(parts, tuple) else ()
        for inner in section.sections:
            yield from of(inner)

    return {sheet.id, *(key for section in sheet.sections for key in of(section)), *(veto.id for veto in sheet.vetoes)}


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_a_checklist_for_review_holds_no_english_but_its_keys_and_says_what_each_check_is(
    path: Path, tmp_path: Path
) -> None:
    sheet, out = load_checklist(path), tmp_path / "表.xlsx"
    named = {name: REGISTRY[name].title for item in sheet.items() for name in item.checks}
    write_checklist(sheet, out, bank="样例银行", regulations=REGULATIONS, checks=named)
    read = list(parts(out))
    assert english(read, keys_of(sheet)) == []
    told = [text for _, text in read]
    assert all(any(title in text for text in told) for title in named.values())
    assert any(text.startswith("往返的键") for text in told)


@pytest.mark.parametrize("written", ["投诉处理", "complaints"])
def test_a_domain_comes_back_from_its_word_and_from_its_key(written: str, tmp_path: Path) -> None:
    sheet, out = load_checklist(Path("checklists/complaints-2026.3.yaml")), tmp_path / "表.xlsx"
    write_checklist(sheet, out, bank="样例银行")
    book = openpyxl.load_workbook(out)
    [cell] = [row[1] for row in book["检查表"].iter_rows() if row[0].value == "检查域"]
    assert cell.value == "投诉处理"
    cell.value = written
    book.save(out)
    assert read_checklist_book(out).domain == "complaints"


@pytest.mark.parametrize("name", list(DATASETS))
def test_a_template_holds_no_english(name: str, tmp_path: Path) -> None:
    write_template(name, tmp_path / "模板.xlsx")
    read = list(parts(tmp_path / "模板.xlsx"))
    samples = {text for _, text in read if re.fullmatch(r"[A-Za-z]{1,4}\d[\dA-Za-z-]*", text)}  # T202601001
    assert english(read, samples) == []


# --- every other workbook --------------------------------------------------------------------------------------------


def _conflicts(wb: Workbench, path: Path) -> None:
    sheet = path.with_name("填报.xlsx")
    publish_fill_sheets(wb, UNIT, PERIOD, sheet)
    book = openpyxl.load_workbook(sheet)
    page = book["投诉处理"]
    head = next(row for row in page.iter_rows() if row[0].value == "编号")
    row = next(row for row in page.iter_rows() if row[0].value == "c-01")
    row[[cell.value for cell in head].index("检查结论")].value = "符合"
    book.save(sheet)
    other = as_person(wb, Actor(name="同事", verified=True))
    filling.answer(other, filling.open_form(other, UNIT, PERIOD, DOMAIN), Response(item_id="c-01", note="在线"), 0)
    publish_conflicts(wb, import_book(wb, read_offline_book(sheet)), path)


def _sample(wb: Workbench, path: Path) -> None:
    (wb.home / "清单.csv").write_text("编号,金额\n" + "".join(f"甲{n},{n}\n" for n in range(9)), "utf-8")
    wanted = PopulationRequest(file=wb.home / "清单.csv", key="编号", amount="金额")
    purpose = Purpose(title="双录完整性", period=PERIOD, unit=UNIT, domain=DOMAIN)
    drawn = draw_sample(wb, define(wb, purpose, wanted, WantedSample(basis="fixed", size=3, seed="1")).number)
    publish_sheets(wb, drawn.number, path)


def _evidence(wb: Workbench, path: Path) -> None:
    path.write_bytes(evidence_book(wb, PERIOD, UNIT, "")[1])


def _summary(wb: Workbench, path: Path) -> None:
    leads = (lead_row(1, Disposition.CONFIRMED), lead_row(2))
    made = BatchSummary(
        overview=overview(),
        cards={"0010": scorecard()},
        leads=leads,
        findings=(finding(),),
        as_of=AS_OF,
        operator="李四",
    )
    write_batch_summary(made, path)


def _aside(wb: Workbench, path: Path) -> None:
    bank = banks.bank(path.parent)
    rows = (banks.complaint(1), banks.complaint(2, 受理日期="2026年1月初"))
    file = banks.ledger(path.parent, banks.HEADER, *rows)
    import_extract(bank, "complaints", [file], "2026H1", set_aside=path)
    suggest_mapping(bank, "complaints", file, path.with_name("映射.xlsx"))
    assert english(words(path.with_name("映射.xlsx")), KEYS) == []
    bank.store.close()


WRITERS: dict[str, Callable[[Workbench, Path], object]] = {
    "features/evidence/excel.py": _evidence,
    "features/filings/filed_numbers.py": lambda wb, path: write_number_sheet(
        path, "投诉数据报送", ["投诉·总量"], author="样例银行", day=AS_OF
    ),
    "features/history/excel.py": lambda wb, path: write_history(
        history_entries(wb, wb.campaign(PERIOD), machine=True), path, "操作留痕", "样例银行", AS_OF
    ),
    "features/samples/excel.py": _sample,
    "workbook/conflicts.py": _conflicts,
    "workbook/fill_sheets.py": lambda wb, path: publish_fill_sheets(wb, UNIT, PERIOD, path),
    "workbook/leads.py": lambda wb, path: publish_leads(wb, PERIOD, path),
    "workbook/people.py": lambda wb, path: write_people((), path, author="样例银行", day=date(2026, 7, 5)),
    "workbook/summary.py": _summary,
    "workbook/figures.py": lambda wb, path: write_figures(
        FigureSet(), path, title="数字", author="样例银行", as_of=AS_OF
    ),
    "datasets/setting_aside.py": _aside,
}
ELSEWHERE = {
    "workbook/checklists.py": "above",
    "datasets/templates.py": "above",
    "datasets/mapping_books.py": "with what is set aside; tests/test_suggest_mapping.py",
}
# Keys of the tiny workspace and of the constructed reports, and marks that nobody reads.
KEYS = {"c-judged", "c-count", "c-missing", "c-proof", "c-ramp", "complaints.1", "CY", "TS"}


def test_every_module_that_writes_a_workbook_is_looked_at() -> None:
    """`draw_chart` makes a part of a Word paper, `extracts` the demo's own files."""
    root = Path(xiaobao.__file__).parent
    made = re.compile(r"(?<![\w.])(?:Book|new_book|xlsxwriter\.Workbook|pd\.ExcelWriter)\(")
    found = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*.py")
        if made.search(re.sub(r"def \w+\(|class \w+\(", "", path.read_text("utf-8")))
    }
    plain = {"workbook/book.py", "datasets/new_books.py", "workbook/charts.py", "demo/extracts.py"}
    assert found - plain == WRITERS.keys() | ELSEWHERE.keys()


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    made = workbench(tiny_workspace(tmp_path_factory.mktemp("words") / "bank"), FILLER)
    raise_two_leads(made)
    yield made
    made.store.close()


@pytest.mark.parametrize("writer", list(WRITERS))
def test_no_other_workbook_has_english_in_it(writer: str, wb: Workbench, tmp_path: Path) -> None:
    WRITERS[writer](wb, tmp_path / "表.xlsx")
    assert english(words(tmp_path / "表.xlsx"), KEYS) == []
