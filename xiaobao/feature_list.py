"""The features, and what each brings to the core, which walks this list.

Everything is named by a string, `module:object`, and loaded when it is wanted: a kernel that needs no feature pays for
none. To add a feature: its folder in `xiaobao/features/`, its record here, its floor in `pyproject.toml`. Not in a
record: its migration, its rows in `rights`, its words in `labels`, its settings, its notebook.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, NamedTuple

from msgspec import Struct

_ROOM = "xiaobao.features."
_COUNTS = "ledger_facets ledger_hot_spots ledger_timeliness ledger_totals ledger_units"

_ANALYSIS = {
    "datasets": "analysis.extract_tables:datasets",
    "table": "analysis.extract_tables:table",
    "try_check": "analysis.trials:try_check",
    "pick": "analysis.picking:pick",
    "chart_fonts": "analysis.fonts:chart_fonts",
    **{name: f"analysis.recorded:{name}" for name in ("scores", "findings", "answers", "leads")},
}


class Command(NamedTuple):
    """One command or group of the command line: where it stands, at which stage of the work, and its help (Chinese)."""

    target: str
    stage: str
    help: str


class Feature(Struct, frozen=True, kw_only=True):
    """What one feature brings. Values are `module:object` below `xiaobao.features`.

    `commands`: command or group → typer app or function. `opens` and `views`: name in `xiaobao` or in
    `xiaobao.pages.views` → function. `frozen` and `paper`: domain → what the parent freezes for a paper, and what the
    kernel makes of it. `downloads`: page → what makes its Excel file. `reports`: kind → report kind; `checks_text`
    holds what people wrote into a report against its data; `report_due` says when one must be filed. `due` yields what
    is due. `tables`: a table of the store. `lists`: dataset → official lists of values. `meets` says how an import
    meets what people entered. `documents` yields files that `verify` must find, `holds` the places of a file
    that are the feature's own, with the right by which it is seen there. `renews` brings files up to date that
    follow from results, after a run and beside a server; `follows` those that are there already, after a command.
    `in_paper`: name → what `opens` gives way to in the kernel of a paper; `own_papers` freezes what an analyst's
    own notebook may know. `demo_rows`, `demo_recipes` and `demo_after` are its part of the sample bank, `demo_scored`
    what follows there from results, once they stand. `hides` yields numbers that no history tells whoever acts;
    `shows_file` tells whether a file is the feature's own and may be seen. `hot_units` gives the units that a campaign
    by hot spots inspects; `status_line` what `xiaobao status` ends with. `preload` is a module that kernels of pages
    import before they are forked.
    """

    title: str
    commands: Mapping[str, Command] = {}
    opens: Mapping[str, str] = {}
    views: Mapping[str, str] = {}
    frozen: Mapping[str, str] = {}
    paper: Mapping[str, str] = {}
    reports: Mapping[str, str] = {}
    downloads: Mapping[str, str] = {}
    in_paper: Mapping[str, str] = {}
    own_papers: str = ""
    checks_text: str = ""
    due: str = ""
    report_due: str = ""
    tables: str = ""
    lists: Mapping[str, str] = {}
    meets: str = ""
    documents: str = ""
    holds: str = ""
    renews: str = ""
    follows: str = ""
    demo_rows: str = ""
    demo_recipes: str = ""
    demo_after: str = ""
    demo_scored: str = ""
    hides: str = ""
    hot_units: str = ""
    status_line: str = ""
    preload: str = ""
    shows_file: str = ""


FEATURES: Mapping[str, Feature] = {
    "complaints": Feature(
        title="投诉统计",
        opens={"open_ledger": "complaints.reading:open_ledger"},
        views=dict.fromkeys(_COUNTS.split(), "complaints.view"),
        frozen={"complaints": "complaints.reading:frozen_ledger"},
        paper={"complaints": "complaints.paper_part:unit_ledger"},
        reports={"complaints": "complaints.report:KIND"},
        lists={"complaints": "complaints.facets:value_lists"},
        due="complaints.reading:open_complaints",
        hot_units="complaints.reading:hot_units",
    ),
    "registers": Feature(
        title="登记簿",
        commands={
            "registers": Command(
                "registers.commands:app", "data", "登记簿：登记、更正、撤回，主要数字、集中投诉预警和重大事件报告时限。"
            )
        },
        opens={"registers": "registers.page:registers"},
        tables="registers.entered:REGISTER_ROWS",
        meets="registers.entering:meet_import",
        demo_rows="registers.demo:REGISTER_ROWS",
        demo_recipes="registers.demo_recipes:REGISTER_RECIPES",
    ),
    "offline": Feature(title="离线填报", opens={"offline": "offline.page:offline"}),
    "filings": Feature(
        title="报送",
        commands={
            "filings": Command("filings.commands:app", "daily", "报送：日历、下发、填报、退回、确认、催报、汇总。")
        },
        opens={"filings": "filings.page:filings_page"},
        due="filings.verbs:waiting",
        report_due="filings.filing:report_due",
        tables="filings.table:FILINGS",
        documents="filings.verbs:filed_documents",
        demo_after="filings.demo:file_demo",
    ),
    "samples": Feature(
        title="抽样",
        commands={
            "sample": Command(
                "samples.commands:app", "inspect", "抽样：冻结总体、定样本量、抽取、逐笔记录、复抽核对、结论、底稿。"
            )
        },
        opens={"samples": "samples.page:samples_page"},
        tables="samples.table:SAMPLES",
        documents="samples.verbs:kept_populations",
        demo_after="samples.demo:sample_demo",
    ),
    "visits": Feature(
        title="检查项目",
        commands={
            "visit": Command(
                "visits.commands:app", "inspect", "检查项目：年度计划、进场、问题、文书、签字件、覆盖、机构档案。"
            )
        },
        opens={"visits": "visits.page:visits_page", "open_dossier": "visits.page:open_dossier"},
        tables="visits.table:VISITS",
        documents="visits.verbs:kept_scans",
        holds="visits.seeing:held_files",
        hides="visits.seeing:hides",
        shows_file="visits.seeing:shows_file",
        demo_after="visits.demo:visit_demo",
    ),
    "evidence": Feature(
        title="佐证与调阅",
        commands={
            "evidence": Command(
                "evidence.commands:app",
                "inspect",
                "佐证材料：列出、打开、附加、期限；调阅清单：要求、提交、验收、退回。",
            )
        },
        opens={"evidence": "evidence.page:evidence"},
        downloads={"leads": "evidence.excel:leads_book", "evidence": "evidence.excel:evidence_book"},
        due="evidence.verbs:waiting",
        tables="evidence.table:REQUESTS",
    ),
    "work_reports": Feature(
        title="工作报告", reports={"half-year": "work_reports.report:HALF_YEAR", "annual": "work_reports.report:ANNUAL"}
    ),
    "appraisal": Feature(
        title="考核与试算",
        commands={
            "appraisal": Command("appraisal.commands:app", "papers", "考核：测算、公示、申诉、处理、定稿。"),
            "what-if": Command(
                "appraisal.commands:what_if", "results", "试算其他权重对各机构得分、名次、等级的影响，不写入。"
            ),
        },
        opens={"appraisal": "appraisal.page:appraisal_page"},
        reports={"appraisal": "appraisal.report:KIND"},
        demo_scored="appraisal.demo:appraise_demo",
    ),
    "self_evaluation": Feature(title="自评估", reports={"self-evaluation": "self_evaluation.report:KIND"}),
    "draft_check": Feature(
        title="数字核对",
        commands={"figures": Command("draft_check.commands:app", "papers", "数字：核对报告初稿中的数字。")},
        checks_text="draft_check.verbs:refuse_wrong_text",
    ),
    "analysis": Feature(
        title="分析台",
        opens=_ANALYSIS,
        in_paper={name: f"analysis.in_paper:{name}" for name in _ANALYSIS if name != "chart_fonts"},
        own_papers="analysis.freezing:OwnPapers",
    ),
    "own_checks": Feature(title="本行检查", opens={"new_check": "own_checks.page:new_check"}),
    "history": Feature(
        title="操作留痕",
        commands={
            "history": Command(
                "history.commands:history", "keep", "操作留痕：何人何时把什么从什么改成什么，为什么；可写成 Excel。"
            )
        },
        opens={"history": "history.page:history"},
    ),
    "my_work": Feature(
        title="我的工作",
        commands={"notify": Command("my_work.commands:notify", "daily", "每个人的待办：件数和链接，供每天早上分发。")},
        opens={"my_work": "my_work.page:my_work"},
        views={"my_work": "my_work.view"},
    ),
    "desk": Feature(title="工作台", opens={"desk": "desk.page:desk"}, preload="desk.page"),
    "today": Feature(
        title="今日待办与督办",
        commands={
            "today": Command("today.commands:today", "daily", "今日待办：到期和逾期的投诉、整改、报送、疑点核实。"),
            "supervise": Command("today.commands:supervise", "daily", "出具一个机构到期和逾期事项的督办单（Word）。"),
        },
        opens={"open_today": "today.due:open_today"},
        views={"today": "today.view"},
        status_line="today.due:status_line",
    ),
    "scorecards": Feature(
        title="静态得分页",
        commands={
            "pages": Command(
                "scorecards.commands:pages", "results", "静态得分页：写出或更新总览和各机构的得分页，打开不需要服务。"
            )
        },
        renews="scorecards.writing:renew",
        follows="scorecards.writing:renew_written",
    ),
    "head_office": Feature(
        title="总行页",
        opens={
            "open_head_office": "head_office.page:open_head_office",
            "weight_sliders": "head_office.page:weight_sliders",
        },
        views=dict.fromkeys(("bank_first", "bank_sensitivity"), "head_office.view"),
    ),
}


def load(target: str) -> Any:
    """Return the object that `module:object` names, or the module where no object is named."""
    module, _, name = target.partition(":")
    found = import_module(_ROOM + module)
    return getattr(found, name) if name else found


def brought(kind: str) -> Iterator[Any]:
    """Yield what the features bring of a kind that each has at most one of, such as `due`, in the order of the list."""
    for feature in FEATURES.values():
        if target := getattr(feature, kind):
            yield load(target)


def preloaded() -> tuple[str, ...]:
    """Return the full names of the modules of features that kernels of pages import before they are forked."""
    return tuple(_ROOM + feature.preload for feature in FEATURES.values() if feature.preload)


def named(kind: str) -> dict[str, str]:
    """Return name → target of a kind that is brought by name, such as `reports`, over all features."""
    return {name: target for feature in FEATURES.values() for name, target in getattr(feature, kind).items()}


def feature_commands() -> dict[str, Command]:
    """Return name → command over all features, with full module names."""
    found = {name: one for feature in FEATURES.values() for name, one in feature.commands.items()}
    return {name: one._replace(target=_ROOM + one.target) for name, one in found.items()}
