"""Every door at which a score, a grade or a rank could stand, as a text to be searched."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
from docx import Document
from msgspec.structs import replace
from typer.testing import CliRunner

import xiaobao as xb
from tests.factories.coverage import DRAFT, NAMES, UNTOUCHED, sheet
from tests.factories.inspections import DOMAIN, PERIOD
from xiaobao.checklist.writing import to_yaml
from xiaobao.cli.app import app
from xiaobao.feature_list import load, named
from xiaobao.features.head_office.page import open_head_office
from xiaobao.features.head_office.view import bank_first, bank_sensitivity, tried
from xiaobao.features.scorecards.writing import renew
from xiaobao.forms.lead_table import LeadTable
from xiaobao.forms.page_choice import PageChoice
from xiaobao.pages import views
from xiaobao.pages.overview import board_data
from xiaobao.pages.result import emit
from xiaobao.publishing import publish_fill_sheets, publish_leads, publish_report, publish_summary
from xiaobao.workbench.results.reading import overview, scorecard, work_paper
from xiaobao.workbench.workspace import Workbench

CARD_VIEWS = (
    "first_screen",
    "dearest",
    "card_heading",
    "domains",
    "card_losses",
    "card_findings",
    "card_leads",
    "trend",
    "bridge",
)
BANK_VIEWS = ("ranking_table", "overview_on_paper", "overview_head", "groups", "rolled", "worst_findings", "progress")
Reader = Callable[[Workbench], str]


def word(path: Path) -> str:
    paper = Document(str(path))
    cells = [cell.text for table in paper.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def excel(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    values = (cell for sheet in book.worksheets for row in sheet.iter_rows(values_only=True) for cell in row)
    return "\n".join(
        f"{value:.2f}" if isinstance(value, float) else str(value) for value in values if value is not None
    )


def issued(kind: str, wb: Workbench, unit: str = "", period: str = PERIOD) -> str:
    """Issue a report anew and return what it and the workbook beside it say."""
    number = sum(1 for _ in wb.home.glob(f"{kind}{unit}*.docx"))
    release = publish_report(wb, kind, period, unit, wb.home / f"{kind}{unit}{number}.docx")
    return word(release.report) + excel(release.figures)


def written(wb: Workbench, name: str, write: Callable[[Path], object]) -> str:
    path = wb.home / f"{name}{sum(1 for _ in wb.home.glob(f'{name}*.xlsx'))}.xlsx"
    write(path)
    return excel(path)


def command(wb: Workbench, *words: str) -> str:
    done = CliRunner(env={"XIAOBAO_HOME": str(wb.home)}).invoke(app, list(words))
    assert done.exit_code == 0, done.output
    return done.output


def on_cards(*names: str) -> Reader:
    return lambda wb: "".join(
        repr(getattr(views, name)(scorecard(wb, unit, PERIOD))) for unit in NAMES for name in names
    )


def each_unit(*words: str) -> Reader:
    return lambda wb: "".join(command(wb, *words, "--unit", unit) for unit in NAMES)


_HERE = ("--period", PERIOD)
_WEIGHT = ("--weight", f"{DOMAIN}=50", "--all")


def static_pages(wb: Workbench) -> str:
    """Write the static pages anew and return all of them as they lie in the folder."""
    renew(wb, wb.campaign(PERIOD))
    found = sorted((*wb.home.glob("reports/*/*/overview.html"), *wb.home.glob("reports/*/*/*/scorecard.html")))
    return "".join(path.read_text("utf-8") for path in found)


def head_office_page(wb: Workbench) -> str:
    """Return the page of head office as drawn, with what other weights would do."""
    bank = open_head_office(period=PERIOD, workspace=str(wb.home))
    drawn = f"{bank_first(bank)!r}{bank_sensitivity(bank)!r}"
    if bank.trial is None:
        return drawn
    return drawn + repr(tried(bank.trial.with_weights({DOMAIN: Decimal(50)}), bank.overview, bank.overview.unit_names))


def impact_of_a_draft(wb: Workbench, *more: str) -> str:
    """Ask what a next version of the sheet would do to recorded scores."""
    (wb.home / "draft.yaml").write_text(to_yaml(replace(sheet(), version="2026.2")), "utf-8")
    return command(wb, "checklist", "impact", str(wb.home / "draft.yaml"), *more)


# What shows scores of units: the first search of every test of coverage.
SCORE_READERS: dict[str, Reader] = {
    "page ranking_table": lambda wb: repr(views.ranking_table(overview(wb, PERIOD))),
    "page rolled": lambda wb: repr(views.rolled(overview(wb, PERIOD))),
    "bank pages": lambda wb: "".join(repr(getattr(views, name)(overview(wb, PERIOD))) for name in BANK_VIEWS),
    "bank pages in HTML": lambda wb: "".join(
        getattr(views, name)(overview(wb, PERIOD))._repr_html_() for name in BANK_VIEWS
    ),
    "board": lambda wb: json.dumps(board_data(overview(wb, PERIOD)), ensure_ascii=False),
    "static pages": static_pages,
    "bench scores": lambda wb: xb.scores(period=PERIOD, workspace=str(wb.home)).to_string(),
    "report summary": lambda wb: written(wb, "汇总", lambda path: publish_summary(wb, PERIOD, path)),
    "report appraisal": lambda wb: issued("appraisal", wb),
    "report half-year": lambda wb: issued("half-year", wb),
    "report annual": lambda wb: issued("annual", wb, period="2026"),
    "report self-evaluation": lambda wb: issued("self-evaluation", wb),
    "report inspection": lambda wb: "".join(issued("inspection", wb, unit) for unit in NAMES),
    "card pages": on_cards(*CARD_VIEWS),
    "last lines": lambda wb: "".join(repr(emit(scorecard(wb, unit, PERIOD))) for unit in NAMES),
    "visit dossier": lambda wb: "".join(command(wb, "visit", "dossier", unit) for unit in NAMES),
    "visit dossier --json": lambda wb: "".join(command(wb, "visit", "dossier", unit, "--json") for unit in NAMES),
    "what-if --json": lambda wb: command(wb, "what-if", *_HERE, *_WEIGHT, "--json"),
    "what-if": lambda wb: command(wb, "what-if", *_HERE, *_WEIGHT),
    "appraisal compute": lambda wb: command(wb, "appraisal", "compute", *_HERE),
    "appraisal compute --json": lambda wb: command(wb, "appraisal", "compute", *_HERE, "--json"),
}
# What shows none, and must not begin to.
OTHER_READERS: dict[str, Reader] = {
    "head office page": head_office_page,
    "dossier page": lambda wb: "".join(
        repr(load(named("opens")["open_dossier"])(unit=unit, workspace=str(wb.home))) for unit in NAMES
    ),
    "my work page": lambda wb: repr(load(named("opens")["my_work"])(workspace=str(wb.home))),
    "notify": lambda wb: command(wb, "notify") + command(wb, "notify", "--json"),
    "desk page": lambda wb: repr(load(named("opens")["desk"])(period=PERIOD, workspace=str(wb.home)).get_state()),
    "history page": lambda wb: repr(load(named("opens")["history"])(period=PERIOD, workspace=str(wb.home)).get_state()),
    "history in Excel": lambda wb: written(
        wb, "留痕", lambda path: command(wb, "history", "--period", PERIOD, "-o", str(path))
    ),
    "checklist impact": impact_of_a_draft,
    "checklist impact --json": lambda wb: impact_of_a_draft(wb, "--json"),
    "leads page": lambda wb: json.dumps(
        LeadTable(wb, PageChoice(period=PERIOD))._open(PageChoice(period=PERIOD)), ensure_ascii=False, default=str
    ),
    "bench": lambda wb: "".join(
        ask(period=PERIOD, workspace=str(wb.home)).to_string() for ask in (xb.findings, xb.answers, xb.leads)
    ),
    "today page": lambda wb: repr(views.today(load(named("opens")["open_today"])(workspace=str(wb.home)))),
    "leads list": lambda wb: written(wb, "疑点", lambda path: publish_leads(wb, PERIOD, path)),
    "fill sheet": lambda wb: "".join(
        written(wb, f"填报{unit}", lambda path, unit=unit: publish_fill_sheets(wb, unit, PERIOD, path))
        for unit in (DRAFT, UNTOUCHED)  # what was handed in is not filled any more
    ),
    "sheets' answers on the paper": lambda wb: "".join(
        repr(getattr(views, name)(work_paper(wb, unit, PERIOD, DOMAIN)))
        for unit in NAMES
        for name in ("heading", "coverage", "responses", "check_results", "leads", "findings")
    ),
    **{
        f"{' '.join(words)}{' --json' * as_json}": (
            lambda wb, words=words, as_json=as_json: command(
                wb, *words, *(_HERE if words[0] not in ("today", "campaign") else ()), *(["--json"] * as_json)
            )
        )
        for words in (
            ("status",),
            ("history",),
            ("movements",),
            ("questions", "list"),
            ("leads", "list"),
            ("findings", "list"),
            ("actions", "list"),
            ("veto", "list"),
            ("bonus", "list"),
            ("appeals", "list"),
            ("campaign", "list"),
            ("today",),
        )
        for as_json in (False, True)
    },
}
# 已评部分 may stand here, and only here.
EXPLAINING: dict[str, Reader] = {
    "explain": each_unit("explain", *_HERE, "--domain", DOMAIN),
    "explain --json": each_unit("explain", *_HERE, "--domain", DOMAIN, "--json"),
    "page explanation": on_cards("explanation"),
    "page scores of the paper": lambda wb: "".join(
        repr(views.scores(work_paper(wb, unit, PERIOD, DOMAIN))) for unit in NAMES
    ),
}
READERS = {**SCORE_READERS, **OTHER_READERS}
# Commands that print and hold no score of a unit at all: lists of content, of data, of the calendar, of what is kept.
NO_SCORES = {
    *("checklist list", "checklist show", "checklist diff", "checklist citations", "checklist checks"),
    *("checklist figures", "checklist move", "dataset list", "import"),
    "pages",  # counts of files; the files are a reader
    *(
        "registers show",
        "registers alarms",
        "registers enter",
        "registers amend",
        "registers withdraw",
        "filings calendar",
        "filings remind",
        "filings list",
        "filings merge",
    ),
    *("people list", "people rights", "run", "verify", "scan", "figures check", "appraisal entry list", "notify"),
    *("sample list", "sample show", "sample evaluate", "visit list", "visit show", "visit coverage"),
    *("evidence list", "evidence show", "evidence due", "evidence requests", "leads remind"),
    "checks list",
    "appraisal show",  # what was published by `appraisal publish`, which takes what `appraisal compute` shows
}
