"""工作台 as a page: the steps of a half-year, what each shows and can do, and the work that goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import ClassVar, NamedTuple

from xiaobao.checklist.models import Scheme
from xiaobao.datasets.catalogue import CATALOGUE, DATASETS
from xiaobao.errors import Fault, InputError, NotAllowed, XiaobaoError
from xiaobao.features.appraisal.trying_weights import try_weights
from xiaobao.features.desk.action import Action, Field
from xiaobao.features.desk.actions import ACTIONS, BY_NAME
from xiaobao.features.desk.boards import Desk
from xiaobao.features.desk.mapping import data_files, guess, import_words, mapping_block, write_mapping
from xiaobao.forms.page_choice import choose, open_for_writing
from xiaobao.forms.steps import Plain, StepsPage
from xiaobao.labels import DOMAINS, level_titles
from xiaobao.model import Period
from xiaobao.workbench import long_work
from xiaobao.workbench.campaigns import domain_titles
from xiaobao.workbench.long_work import WorkState
from xiaobao.workbench.versions.impact import impact
from xiaobao.workbench.versions.impact_note import impact_note
from xiaobao.workbench.versions.publishing import own_in, read_drafts, weights_note
from xiaobao.workbench.workspace import Workbench
from xiaobao.written.blocks import Grid

_PREVIEW = 300
_SCHEME = "scheme:"
_FAULT = re.compile(
    r"^(?:文件 (?P<file>.*?))?(?:，?工作表 (?P<sheet>.*?))?(?:，?第 (?P<row>\d+) 行)?"
    r"(?:，?列“(?P<column>.*?)”)?：(?P<message>.*)$"
)


class StepKind(NamedTuple):
    """A step: its title, what it is about, and the right without which it is not shown."""

    title: str
    about: str
    see: str = "status.see"


DESK_STEPS: Mapping[str, StepKind] = {
    "units": StepKind("机构", "上传本行的机构名单：标题行、列名和层级叫法不同都可以，逐列核对后导入。"),
    "people": StepKind("人员", "登记谁在哪个机构做什么；不登记则为单机使用。", "people.see"),
    "data": StepKind("数据", "上传各系统导出的数据，核对列以后导入：全部正确才入库，有错一次列全。"),
    "campaign": StepKind("检查批次", "为本期建立批次；填报页随即可用。"),
    "leads": StepKind("疑点", "运行数据检查并下发疑点，看各机构核实和认定到哪一步。", "lead.see"),
    "review": StepKind("填报与复核", "谁交了、谁没交、谁被退回、谁已复核。", "sheet.see"),
    "run": StepKind("运行底稿", "生成全部底稿和得分表；失败的写明原因，可以重新运行。"),
    "reports": StepKind("报告", "出具各种报告和汇总；先看总览和得分表。", "result.see"),
    "appraisal": StepKind("考核", "测算、公示、申诉、处理、定稿；试算权重。", "appraisal.see"),
    "filings": StepKind("报送", "按日历下发、催报、确认、汇总。", "filing.see"),
    "checklists": StepKind("检查表与权重", "导出、在 Excel 里改、导入成草稿，看影响以后再发布。", "checklist.print"),
    "keep": StepKind("核对与留痕", "核对历史、数据、佐证、底稿和报告没有被改动。", "store.keep"),
}


class DeskPage(StepsPage):
    """The desk of head office."""

    title: ClassVar[str] = "工作台"

    def __init__(self, wb: Workbench, period: str = "") -> None:
        self._asked = period
        self._blocks: Mapping[str, Callable[[Desk], list[Plain]]] = {
            "units": self._units,
            "people": lambda desk: [desk.people_table(), *self._actions("people")],
            "data": self._data,
            "campaign": lambda desk: [desk.campaigns(), *self._actions("campaign")],
            "leads": lambda desk: [*desk.leads(), self._links(("leads", "打开疑点页")), *self._actions("leads")],
            "review": lambda desk: [*desk.review(), *self._actions("review")],
            "run": lambda desk: [
                *desk.runs(),
                *self._actions("run"),
                self._links(("overview", "打开总览"), ("6_scorecard", "打开得分表")),
            ],
            "reports": lambda desk: [
                self._links(("overview", "打开总览"), ("6_scorecard", "打开得分表")),
                *self._actions("reports"),
            ],
            "appraisal": self._appraisal,
            "filings": lambda desk: [*desk.filings(), *self._actions("filings")],
            "checklists": self._checklists,
            "keep": lambda _: self._actions("keep"),
        }
        super().__init__(wb)

    def _shown(self) -> str:
        return self.period

    def whole(self) -> Plain:
        """Return all that the page draws first: steps with their state. Reads only."""
        if reason := self._wb.may("status.see"):
            return {
                "title": self.title,
                "bank": self._wb.settings.bank,
                "fault": reason,
                "periods": [],
                "period": "",
                "steps": [],
                "work": {"now": None, "before": []},
            }
        periods = self._periods()
        if self.period not in dict(periods):
            self.period = self._asked if self._asked in dict(periods) else periods[0][0]
        desk = Desk(self._wb, self.period)
        steps: list[Plain] = []
        begun = False
        try:
            lines = desk.lines()
        except XiaobaoError as error:
            lines = {}
            fault = str(error)
        else:
            fault = ""
        for name, kind in DESK_STEPS.items():
            verb = kind.see
            hidden = not self._wb.sight(verb).everything
            line, tone, done = ("您的角色看不到这一步", "soft", True) if hidden else lines.get(name, ("", "", True))
            following = not begun and not done
            begun = begun or following
            steps.append(
                {"id": name, "title": kind.title, "about": kind.about, "line": line, "tone": tone, "next": following}
            )
        return {
            "title": self.title,
            "bank": self._wb.settings.bank,
            "fault": fault,
            "periods": [list(pair) for pair in periods],
            "period": self.period,
            "steps": steps,
            "work": self.work(),
        }

    def body(self, step: str) -> list[Plain]:
        """Return the blocks of one step. Raises NotAllowed where its right is missing."""
        if step not in DESK_STEPS:
            raise InputError(Fault("没有这一步", value=step))
        self._refuse(DESK_STEPS[step].see)
        return self._blocks[step](Desk(self._wb, self.period))

    def look(self, name: str, values: Mapping[str, object], folder: Path | None) -> list[Plain]:
        """Answer a question: the columns of a file, other weights, the impact of drafts."""
        if name == "mapping":
            self._wb.look("data.import")
            files = data_files(folder)
            chosen = str(values.get("dataset") or "")
            dataset = DATASETS[chosen] if chosen in DATASETS else guess(self._wb, files[0])
            assert folder is not None
            return [mapping_block(self._wb, dataset, folder, self._span, chosen not in DATASETS)]
        if name == "what_if":
            return self._what_if(values)
        if name == "preview":
            return _preview(self.fetch(str(values.get("work")), str(values.get("file"))))
        if name == "impact":
            self._wb.look("checklist.publish")
            return self._impact(str(values.get("draft") or ""))
        raise InputError(Fault("不认识的操作", value=name))

    def act(self, name: str, values: Mapping[str, object], folder: Path | None) -> None:
        """Begin what an action says, as a work of its own."""
        if name == "import":
            self._import(values, folder)
            return
        action = BY_NAME.get(name)
        if action is None:
            raise InputError(Fault("不认识的操作", value=name))
        words, shown = action.argv(self.period, values, folder)
        title = action.title.removeprefix("一　").removeprefix("二　").removeprefix("四　")
        long_work.request_work(self._wb, title, name, action.verb, words, shown, folder)

    def _shown_work(self, one: WorkState) -> Plain:
        answer = super()._shown_work(one)
        lines = answer["lines"]
        if one.work.action == "import" and one.state == "failed" and isinstance(lines, list):
            answer["faults"] = [row for row in map(_fault_row, lines) if row]
        return answer

    @property
    def _span(self) -> str:
        return self.period.partition("/")[0]

    def _import(self, values: Mapping[str, object], folder: Path | None) -> None:
        dataset = DATASETS.get(str(values.get("dataset")))
        chosen = values.get("mapping")
        if dataset is None or folder is None or not isinstance(chosen, Mapping):
            raise InputError(Fault("请重新上传文件"))
        self._wb.look("data.import")
        write_mapping(self._wb, dataset, folder, chosen)
        words, shown = import_words(dataset, folder, self._span, values)
        long_work.request_work(self._wb, f"导入{dataset.title}", "import", "data.import", words, shown, folder)

    def _refuse(self, verb: str) -> None:
        seen = self._wb.sight(verb)
        if not seen.everything:
            raise NotAllowed(seen.reason or "这一步列出全行，您只能看部分机构，请用相应的页面")

    def _periods(self) -> list[tuple[str, str]]:
        """Return the campaigns, newest period first, then the half-years around today and their quarters and year."""
        campaigns = self._wb.store.campaigns()
        several = {one.period for one in campaigns if sum(other.period == one.period for other in campaigns) > 1}
        found = {
            (f"{one.period}/{one.name}" if one.period in several else one.period): (
                f"{one.period} {one.name}" if one.period in several else one.period
            )
            for one in sorted(campaigns, key=lambda one: (-Period.parse(one.period).end.toordinal(), one.id))
        }
        imported = sorted(
            {one.period for one in self._wb.store.imports()}, key=lambda code: Period.parse(code).end, reverse=True
        )
        year = self._wb.today.year
        halves = [f"{year}H2", f"{year}H1"] if self._wb.today.month > 6 else [f"{year}H1", f"{year - 1}H2"]
        near = [*halves, *(f"{year}Q{number}" for number in range(1, 5)), str(year), str(year - 1)]
        for code in [*imported, *near]:
            if code not in {span.partition("/")[0] for span in found}:
                found[code] = code
        return list(found.items())

    # --- blocks

    def _actions(self, step: str) -> list[Plain]:
        return [self._action(one) for one in ACTIONS[step]]

    def _action(self, one: Action) -> Plain:
        verb = one.verb
        why = self._wb.may(verb) if not self._somewhere(verb) else ""
        return {
            "kind": "action",
            "name": one.name,
            "title": one.title,
            "button": one.button,
            "about": one.about,
            "ask": one.ask,
            "main": one.main,
            "why": why,
            "fields": [self._field(field) for field in one.fields],
            "files": one.files.plain() if one.files else None,
            "command": one.command(self.period),
        }

    def _somewhere(self, verb: str) -> bool:
        """Tell whether whoever acts may do it to some unit, so that the command itself decides of which."""
        seen = self._wb.sight(verb)
        return seen.everything or bool(seen.units) or bool(seen.lines)

    def _field(self, field: Field) -> Plain:
        options = [list(pair) for pair in field.options] or [list(pair) for pair in self._options(field.of)]
        return {
            "name": field.name,
            "title": field.title,
            "kind": field.kind,
            "options": options,
            "value": field.value,
            "need": field.need,
            "hint": field.hint,
        }

    def _options(self, of: str) -> list[tuple[str, str]]:
        if of.startswith("units"):
            units = Desk(self._wb, self.period).units
            first = {"units": "请选择", "units_or_all": "全部机构", "units_or_none": "不写（总行部门）"}[of]
            return [("", first), *((unit.id, f"{unit.name}（{unit.id}）") for unit in units.values())]
        if of == "levels":
            return [("", "全部层级"), *level_titles(Desk(self._wb, self.period).units.values()).items()]
        if of == "domains":
            campaign = Desk(self._wb, self.period).campaign
            titles = domain_titles(self._wb, campaign) if campaign else {}
            return [("", "全部检查域"), *titles.items()]
        if of == "filings":
            return [(code, kind.title) for code, kind in self._wb.settings.filings.items() if not kind.off]
        if of == "checklists":
            newest = {one.id: one for one in self._wb.store.list_published("checklist")}
            return [(f"{n}@{one.version}", f"{DOMAINS.get(n, n)} {one.version}") for n, one in newest.items()]
        return []

    def _upload(self, title: str, about: str, dataset: str = "") -> Plain:
        options = [["", "由系统判断"], *([one.name, one.title] for one in CATALOGUE if one.name != "units")]
        if dataset:
            options = [[dataset, DATASETS[dataset].title]]
        return {
            "kind": "upload",
            "name": "mapping",
            "title": title,
            "about": about,
            "button": "核对列",
            "why": self._wb.may("data.import"),
            "files": {"title": "数据文件（.xlsx、.csv）", "accept": ".xlsx,.csv,.txt", "many": not dataset},
            "fields": [{"name": "dataset", "title": "数据集", "kind": "select", "options": options, "value": dataset}],
        }

    def _units(self, desk: Desk) -> list[Plain]:
        upload = self._upload(
            "上传机构名单", "本行叫法（如分理处）在“取值的对应”里对到层级：总行、部室、分行、支行、网点。", "units"
        )
        return [upload, *([desk.units_table()] if desk.units else []), *self._actions("units")]

    def _data(self, desk: Desk) -> list[Plain]:
        if not desk.units:
            return [
                {
                    "kind": "text",
                    "words": "请先在“机构”一步导入机构名单：数据按机构入库，机构写名称的按名单对到机构号。",
                    "tone": "bad",
                }
            ]
        about = "同一数据集的几个文件一起选。日期几种写法混用、机构写名称都可以；客户姓名、证件、手机导入时换成化名。"
        return [self._upload("上传数据", about), *desk.coverage()]

    def _appraisal(self, desk: Desk) -> list[Plain]:
        blocks = desk.appraisal()
        if desk.campaign is not None and not self._wb.may("appraisal.make"):
            scheme = self._wb.scheme(desk.campaign)
            titles = {name: self._wb.checklist(desk.campaign, name)[0].title for name in desk.campaign.checklists}
            rows = [
                {"id": n, "title": titles.get(n, n), "weight": str(w)} for n, w in scheme.weights.items() if n in titles
            ]
            may_draft = not self._wb.may("checklist.publish")
            blocks.append({"kind": "weights", "rows": rows, "period": self._span, "draft": may_draft})
        return [*blocks, *self._actions("appraisal")]

    def _what_if(self, values: Mapping[str, object]) -> list[Plain]:
        self._wb.look("appraisal.make")
        campaign = self._wb.campaign(self.period)
        known = self._wb.scheme(campaign).weights
        try:
            asked = {str(name): Decimal(str(value)) for name, value in values.items() if str(name) in known}
        except InvalidOperation:
            raise InputError(Fault("权重写法不对")) from None
        found = try_weights(self._wb, campaign, {n: w for n, w in asked.items() if w != known[n]} or asked)
        heads = ["机构", "原得分", "试算得分", "原名次", "试算名次", "原等级", "试算等级"]
        units = Desk(self._wb, self.period).units
        rows = [
            [
                units[one.unit].name if one.unit in units else one.unit,
                one.shown_before,
                one.shown_after,
                one.before_rank,
                {"text": str(one.after_rank or ""), "tone": "bad" if one.before_rank != one.after_rank else ""},
                one.before_grade,
                one.after_grade,
            ]
            for one in found.rows
        ]
        title = f"试算 {len(found.rows)} 家，名次或等级有变动的 {len(found.moved)} 家"
        return [{"kind": "table", "title": title, "heads": heads, "rows": rows, "note": "".join(found.notes)}]

    def _checklists(self, _: Desk) -> list[Plain]:
        published = {(one.id, one.version) for one in self._wb.store.list_published("checklist")}
        rows = [[DOMAINS.get(name, name), version] for name, version in sorted(published)]
        options, faults = [], ""
        try:
            options = self._drafts(published)
        except XiaobaoError as error:
            faults = str(error)
        blocks: list[Plain] = self._actions("checklists")
        if faults:
            blocks.append({"kind": "text", "words": f"草稿有错，不能发布：\n{faults}", "tone": "bad"})
        elif options:
            field = {"name": "draft", "title": "草稿", "kind": "select", "options": options, "value": options[0][0]}
            blocks.append(
                {
                    "kind": "look",
                    "name": "impact",
                    "title": "三　看影响：在办任务、得分、名次、屡查屡犯比对",
                    "button": "看影响",
                    "fields": [field],
                }
            )
        else:
            words = "三　没有待发布的草稿：导入检查表，或在“考核”里试算权重并写成草稿以后，在这里看影响。"
            blocks.append({"kind": "text", "words": words, "tone": "soft"})
        published_table: Plain = {"kind": "table", "title": "已发布的检查表", "heads": ["检查表", "版本"], "rows": rows}
        return [*blocks, *(self._actions("publish") if options else []), published_table]

    def _drafts(self, published: Collection[tuple[str, str]]) -> list[list[str]]:
        """Return what waits to be published as [code, title]: sheets, and schemes with other weights."""
        found = read_drafts(self._wb.home / "checklists", own_checks=own_in(self._wb))
        schemes = {(one.id, one.version) for one in self._wb.store.list_published("scheme")}
        sheets = [one for one in found.checklists if (one.id, one.version) not in published]
        plans = [one for one in found.schemes if (one.id, one.version) not in schemes]
        return [
            *([f"{one.id}@{one.version}", f"{one.title} {one.version}"] for one in sheets),
            *([f"{_SCHEME}{one.id}@{one.version}", f"{one.title} {one.version}"] for one in plans),
        ]

    def _impact(self, draft: str) -> list[Plain]:
        drafts = read_drafts(self._wb.home / "checklists", own_checks=own_in(self._wb))
        if draft.startswith(_SCHEME):
            return self._impact_of_scheme(drafts.schemes, draft.removeprefix(_SCHEME))
        found = [one for one in drafts.checklists if f"{one.id}@{one.version}" == draft]
        if not found:
            raise InputError(Fault("没有这个草稿", value=draft))
        return [{"kind": "text", "words": impact_note(impact(self._wb, found[0])), "tone": "note"}]

    def _impact_of_scheme(self, schemes: Sequence[Scheme], draft: str) -> list[Plain]:
        """Tell what a scheme's draft changes in its weights, and what these would do to every unit of the period."""
        found = [one for one in schemes if f"{one.id}@{one.version}" == draft]
        if not found:
            raise InputError(Fault("没有这个草稿", value=draft))
        known = self._wb.scheme(self._wb.campaign(self.period))
        if known.id != found[0].id:
            return [{"kind": "text", "words": f"本期批次用的是 {known.title}，不受影响。", "tone": "note"}]
        changed = weights_note(known, found[0])
        said = f"与本期所用的 {known.version} 版相比：{changed}。发布以后建立的批次采用，已有批次不变。"
        try:
            tried = self._what_if({name: str(value) for name, value in found[0].weights.items()})
        except InputError as error:  # nothing was run yet
            tried = [{"kind": "text", "words": str(error), "tone": "soft"}]
        return [{"kind": "text", "words": said, "tone": "note"}, *tried]

    def _links(self, *pages: tuple[str, str]) -> Plain:
        span, _, campaign = self.period.partition("/")
        query = f"period={span}" + (f"&campaign={campaign}" if campaign else "")
        return {
            "kind": "links",
            "links": [{"words": words, "address": f"{page}.ipynb?{query}"} for page, words in pages],
        }


def _preview(path: Path) -> list[Plain]:
    """Return the words and tables of a Word file. Raises InputError for another file."""
    from xiaobao.word.drafts import read_draft

    blocks: list[Plain] = []
    for one in read_draft(path):
        if isinstance(one, Grid):
            heads, *rows = one.rows or ((),)
            blocks.append({"kind": "table", "title": one.place, "heads": list(heads), "rows": [list(r) for r in rows]})
        else:
            blocks.append({"kind": "text", "words": one.text})
    return blocks[:_PREVIEW]


def _fault_row(line: str) -> list[str] | None:
    found = _FAULT.match(line)
    if found is None or not (found["file"] or found["row"]):
        return None
    return [found[name] or "" for name in ("file", "sheet", "row", "column", "message")]


def desk(period: str = "", workspace: str = "", as_of: str = "") -> DeskPage:
    """打开工作台：一个半年的各个步骤、每步做到哪里、可以做什么；网页地址里的 ?period= 优先于参数。"""
    return DeskPage(open_for_writing(workspace, as_of), choose("", period, "").period)
