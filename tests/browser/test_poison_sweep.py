"""Nothing personal leaves: a sample bank whose every text is poison, looked through wherever a text may lie.

25 forms of personal data, 9 of markup, 12 of formulas stand in each text column of every dataset, in answers, remarks,
answers to leads, reasons, names of files and of the bank. A finder that knows nothing of xiaobao finds each in the raw
extracts, and must find none in what is kept, shown, exported or logged.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from playwright.sync_api import Page, expect

from tests.factories import poisoned
from tests.factories.poison import MARKUP, PERSONAL
from tests.factories.poisoned import ALL, found_in, live_formulas, live_markup, traces
from xiaobao.cli import main
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.demo.staff import OPERATOR
from xiaobao.personal import state_public
from xiaobao.workbench.scanning import scan_workspace
from xiaobao.workbench.workspace import open_workbench

PERIOD = "2026H1"
UNIT = "010000"
SECONDS = 90_000
Serve = Callable[..., AbstractContextManager[Any]]
READING = (
    "status --json", "leads list", "leads list --json", "findings list --json", "actions list --json",
    "campaign list --json", "filings list --json", "today", "history --json", "registers show --json",
    "registers alarms --json", "people list --json", "movements --json", f"explain --unit {UNIT} --json",
)  # fmt: skip
PAPERS = {
    "report complaints": "docx", "report half-year": "docx", "report appraisal": "docx",
    f"report inspection --unit {UNIT}": "docx",
    "report summary": "xlsx", "leads export": "xlsx", f"sheet export --unit {UNIT}": "xlsx", "history": "xlsx",
    f"supervise --unit {UNIT}": "docx", "filings merge monthly --excel": "xlsx",
}  # fmt: skip

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("poison") / "bank"
    poisoned.make(home)
    yield home
    state_public(())


class Said(NamedTuple):
    """What a command said on both streams, and how it ended."""

    stdout: str
    stderr: str
    returncode: int


def call(home: Path, *words: str) -> Said:
    """Give a command to the program as a person would, in this process: forty new ones would take minutes."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        patch.dict(os.environ, {"COLUMNS": "400", "XIAOBAO_HOME": str(home)}),
        patch.object(sys, "argv", ["xiaobao", *words]),
        patch.object(sys, "unraisablehook", sys.unraisablehook),
        contextlib.chdir(home),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Said(out.getvalue(), err.getvalue(), code)


def test_every_form_stands_in_every_raw_extract_and_both_finders_find_it(bank: Path) -> None:
    """A finder that finds nothing anywhere would prove nothing."""
    raw = found_in(bank / "extracts", passed=())
    for name, dataset in DATASETS.items():
        if not any(one.kind in ("text", "note") and not one.personal for one in dataset.columns):
            continue
        held = set[str]().union(*(forms for place, forms in raw.items() if place.startswith(f"{dataset.title}_")))
        assert held == set(PERSONAL), name
    seen = {leak.file for leak in scan_workspace(open_workbench(bank)).leaks}
    assert {place.split(" ")[0] for place in raw} <= {file.removeprefix("extracts/") for file in seen}


def test_nothing_that_the_workspace_keeps_holds_any_form(bank: Path) -> None:
    """Bytes of the store with all payloads, data, papers, Word, Excel, logs, settings, names: by both finders."""
    assert found_in(bank) == {}
    scanned = scan_workspace(open_workbench(bank))
    assert [leak for leak in scanned.leaks if not leak.file.startswith("extracts/")] == []
    kinds = {path.suffix for path in bank.rglob("*") if path.is_file()}
    assert {".sqlite", ".parquet", ".ipynb", ".docx", ".xlsx", ".log", ".toml"} <= kinds


def test_no_paper_carries_out_markup_and_no_workbook_computes_what_was_typed(bank: Path) -> None:
    """Outputs of notebooks are HTML; cells of the workbooks are text."""
    books = [path for path in bank.rglob("*.xlsx") if "extracts" not in path.parts]
    assert books
    assert [cell for path in books for cell in live_formulas(path)] == []
    papers = [json.loads(path.read_text("utf-8")) for path in (bank / "reports").rglob("*.ipynb")]
    assert len(papers) > 10
    shown = [
        "".join(output["data"][kind])
        for paper in papers
        for cell in paper["cells"]
        for output in cell.get("outputs", ())
        for kind in ("text/html", "text/markdown", "image/svg+xml")
        if kind in output.get("data", {})
    ]
    assert [form for text in shown for form in live_markup(text)] == []
    assert "&lt;script&gt;alert(1)" in "".join(shown)  # it is there to be read


@pytest.mark.parametrize("words", READING)
def test_no_command_prints_any_form(bank: Path, words: str) -> None:
    """For people and for programs, on both streams."""
    done = call(bank, *words.split())
    if "--period" in done.stderr:
        done = call(bank, *words.split(), "--period", PERIOD)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout
    assert traces(done.stdout + done.stderr) == set()


def test_nothing_that_goes_out_holds_any_form_or_computes(bank: Path, tmp_path: Path) -> None:
    """Every report, list, offline sheet and template, under a name that is poison itself."""
    for number, (words, kind) in enumerate(PAPERS.items()):
        path = tmp_path / f"{number}.{kind}"
        period = () if words.startswith("supervise") else ("--period", PERIOD)
        done = call(bank, *words.split(), *period, "-o", str(path))
        assert done.returncode in (0, 1), words + done.stderr
        assert traces(done.stdout + done.stderr) == set()
    for name in ("complaints", "staff"):
        assert call(bank, "dataset", "template", name, "-o", str(tmp_path / f"{name}.xlsx")).returncode == 0
    assert len(list(tmp_path.iterdir())) >= len(PAPERS)
    assert found_in(tmp_path, passed=()) == {}
    assert [cell for path in tmp_path.glob("*.xlsx") for cell in live_formulas(path)] == []


def test_no_fault_repeats_what_it_stumbled_over(bank: Path, tmp_path: Path) -> None:
    """A file whose name, heads and every cell are poison: refused with each row, and with nothing of them."""
    path = tmp_path / f"{ALL[:60]}.csv"
    titles = [column.title for column in DATASETS["complaints"].columns]
    rows = [",".join(titles), *(",".join(form.replace(",", "，") for _ in titles) for form in PERSONAL.values())]
    path.write_text("\n".join(rows), "utf-8")
    for more in ([], ["--json"], ["--set-aside", str(tmp_path / "put.xlsx")], ["--suggest-map"]):
        done = call(bank, "import", "complaints", str(path), "--period", PERIOD, "--replace", *more)
        assert "已隐去】" in done.stdout + done.stderr
        assert traces(done.stdout + done.stderr) == set()
    path.unlink()
    assert found_in(tmp_path, passed=()) == {}


def test_pages_show_no_form_run_no_markup_and_log_nothing(
    bank: Path, page: Page, serve_notebooks: Serve, tmp_path: Path
) -> None:
    """A real browser on the real pages: no dialog opens, no made-up heading stands, the server's log is clean."""
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    log = tmp_path / "voila.log"
    with serve_notebooks(bank / "notebooks", bank, log, chosen=OPERATOR) as served:
        for name in ("overview", "head_office", "leads", "corrective_actions", "fill", "history", "6_scorecard"):
            page.goto(served.at(name, f"unit={UNIT}&period={PERIOD}"))
            expect(page.locator("#loading")).to_have_count(0, timeout=SECONDS)
            page.wait_for_load_state("networkidle")
            shown = page.content()
            assert traces(shown) == set(), name
            assert traces(page.inner_text("body")) == set(), name
            assert page.locator("h1", has_text="假").count() == 0, name
            assert [form for form in live_markup(shown) if form not in (MARKUP[6], MARKUP[8])] == [], name
    assert opened == []
    assert traces(log.read_text("utf-8", "replace")) == set()
