"""What each step of the desk shows: how it stands in one line, and its tables. Reads, never writes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from xiaobao import labels
from xiaobao.batch.journal import Status, read_status
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import read_partition
from xiaobao.errors import XiaobaoError
from xiaobao.features.appraisal.verbs import APPRAISAL_STATES, find_appraisal
from xiaobao.features.filings.verbs import calendar_of, filing_rows, not_issued
from xiaobao.model import Period
from xiaobao.workbench.campaigns import domain_titles, wanted_domains
from xiaobao.workbench.leads import leads_table
from xiaobao.workbench.people import list_people

if TYPE_CHECKING:
    from xiaobao.model import Unit
    from xiaobao.store.models import Campaign
    from xiaobao.workbench.workspace import Workbench

_Plain = dict[str, object]
_MOST = 200
_NOTHING = "还没有检查批次"


class Desk:
    """The workspace as one period of it stands, read once for a drawing of the page."""

    def __init__(self, wb: Workbench, period: str) -> None:
        self.wb, self.period = wb, period
        self.span = period.partition("/")[0]

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """The register of units; empty before there is one."""
        try:
            return self.wb.units(self.span)
        except XiaobaoError:
            return {}

    @cached_property
    def campaign(self) -> Campaign | None:
        """The period's campaign, None before there is one."""
        try:
            return self.wb.campaign(self.period)
        except XiaobaoError:
            return None

    @cached_property
    def status(self) -> Status | None:
        """How the papers are."""
        return read_status(self.wb, self.campaign) if self.campaign and self.units else None

    @cached_property
    def imported(self) -> dict[str, int]:
        """Dataset → rows imported for the period."""
        return dict(
            Counter({one.dataset: one.rows for one in self.wb.store.imports(period=Period.parse(self.span).code)})
        )

    @cached_property
    def states(self) -> Counter[str]:
        """How many sheets stand how; those that nobody opened are 未开始."""
        if self.campaign is None or not self.units:
            return Counter()
        wanted = {(unit, d) for unit, domains in wanted_domains(self.wb, self.campaign).items() for d in domains}
        found = {(one.unit, one.domain): one.state for one in self.wb.store.inspections(self.campaign.id)}
        return Counter(found.get(key, "") for key in wanted)

    def lines(self) -> dict[str, tuple[str, str, bool]]:
        """Return step → how it stands, its tone, and whether it is done."""
        campaign, status = self.campaign, self.status
        sheets, handed = sum(self.states.values()), sum(self.states[one] for one in labels.HANDED_IN)
        reviewed = sum(self.states[one] for one in labels.REVIEWED)
        people = len(self.wb.store.kept("people"))
        data = {name: rows for name, rows in self.imported.items() if name != "units"}
        return {
            "units": (f"{len(self.units)} 家机构" if self.units else "还没有机构名单", "", bool(self.units)),
            "people": (f"已登记 {people} 人" if people else "没有登记人员：单机，未认证", "", True),
            "data": (f"本期已导入 {len(data)} 个数据集" if data else "本期还没有导入数据", "", bool(data)),
            "campaign": (self._campaign_line(), "", campaign is not None),
            "run": (
                _run_line(status),
                "bad" if status and status.failed else "",
                bool(status and not status.missing and not status.failed),
            ),
            "leads": self._leads_line(),
            "review": (
                f"检查表 {sheets} 张：已提交 {handed}，其中已复核 {reviewed}" if campaign else _NOTHING,
                "",
                bool(sheets) and reviewed == sheets,
            ),
            "reports": ("可以出具" if status and status.done else "先运行，再出具", "", False),
            "appraisal": (self._appraisal_line(), "", False),
            "filings": self._filings_line(),
            "checklists": (f"已发布检查表 {len(self.wb.store.list_published('checklist'))} 个版本", "", True),
            "keep": ("核对留痕、底稿和报告没有被改动", "", True),
        }

    def _campaign_line(self) -> str:
        if self.campaign is None:
            several = [one for one in self.wb.store.campaigns() if one.period == self.span]
            return f"本期有 {len(several)} 个批次，请在上面选定" if several else "本期还没有检查批次"
        state = "已结束" if self.campaign.state == "closed" else "进行中"
        return f"{self.campaign.name}：{state}，检查表 {len(self.campaign.checklists)} 张"

    def _leads_line(self) -> tuple[str, str, bool]:
        if self.campaign is None:
            return _NOTHING, "", False
        counts = Counter(row.state for row in leads_table(self.wb, self.period)) if self.units else Counter[str]()
        words = "，".join(f"{state} {count}" for state, count in counts.items())
        return (f"疑点 {sum(counts.values())} 条：{words}" if counts else "还没有疑点"), "", bool(counts)

    def _appraisal_line(self) -> str:
        found = find_appraisal(self.wb, self.span)
        return f"{APPRAISAL_STATES[found.state]}，{len(found.scores)} 家" if found else "还没有公示"

    def _filings_line(self) -> tuple[str, str, bool]:
        left = not_issued(self.wb, self.wb.today)
        waiting = [row for row in filing_rows(self.wb) if row.filing.waiting] if self.units else []
        late = sum(bool(row.late) for row in waiting)
        words = (
            f"待报送 {len(waiting)}" + (f"，逾期 {late}" if late else "") + (f"；待下发 {len(left)}" if left else "")
        )
        return words, "bad" if late else "", False

    # --- tables

    def units_table(self) -> _Plain:
        """Return the register, levels as the bank's own names of units are."""
        levels = Counter(labels.level_of(unit) for unit in self.units.values())
        rows = [
            [u.id, u.name, labels.level_of(u), u.parent, "、".join(u.businesses), "是" if u.inspected else "否"]
            for u in list(self.units.values())[:_MOST]
        ]
        note = "　".join(f"{name} {count} 家" for name, count in levels.items())
        return _table("机构名单", ("机构号", "机构名称", "层级", "上级机构号", "业务开办清单", "检查对象"), rows, note)

    def people_table(self) -> _Plain:
        """Return who is registered."""
        rows = [
            [
                row.person.login,
                row.person.name,
                "；".join(f"{labels.ROLES[seat.role]} {seat.unit or '全行'}" for seat in row.person.seats),
                row.state,
            ]
            for row in list_people(self.wb)[:_MOST]
        ]
        return _table("登记的人员", ("登录名", "姓名", "任职", "状态"), rows)

    def coverage(self) -> list[_Plain]:
        """Return datasets × units: rows that each unit has of what was imported for the period; a gap is marked."""
        records = self.wb.store.imports(period=Period.parse(self.span).code)
        rows = [
            [
                DATASETS[one.dataset].title if one.dataset in DATASETS else one.dataset,
                one.period,
                one.rows,
                one.file_name,
            ]
            for one in records
        ]
        blocks = [_table("本期已导入", ("数据集", "期间", "行数", "文件"), rows, empty="本期还没有导入数据。")]
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for one in records:
            spec = DATASETS.get(one.dataset)
            if spec is None or not spec.unit or one.dataset == "units":
                continue
            try:
                column = read_partition(self.wb.home / one.path, one.file_sha256)[spec.unit]
            except (XiaobaoError, KeyError):
                continue
            counts[one.dataset].update(column.dropna().astype(str).tolist())
        if not counts:
            return blocks
        names = sorted(counts)
        inspected = [unit for unit in self.units.values() if unit.inspected][:_MOST]
        lines: list[list[object]] = [
            [f"{unit.name}（{unit.id}）", *(counts[name][unit.id] or {"text": "无", "tone": "bad"} for name in names)]
            for unit in inspected
        ]
        note = "“无”是本期该机构一行都没有：请核对是没有发生，还是没有取全。"
        blocks.append(
            _table("数据覆盖：数据集 × 机构（行数）", ("机构", *(DATASETS[n].title for n in names)), lines, note)
        )
        return blocks

    def campaigns(self) -> _Plain:
        """Return all campaigns, this period's first."""
        rows = [
            [
                one.name,
                labels.CAMPAIGN_KINDS[one.kind],
                one.period,
                "已结束" if one.state == "closed" else "进行中",
                f"{len(one.units)} 家" if one.units else "全部",
                len(one.checklists),
                "、".join(one.papers),
            ]
            for one in sorted(self.wb.store.campaigns(), key=lambda one: (one.period != self.span, one.period))
        ]
        heads = ("名称", "种类", "期间", "状态", "机构", "检查表数", "自设底稿")
        return _table("检查批次", heads, rows, empty="还没有检查批次。")

    def runs(self) -> list[_Plain]:
        """Return how papers are, and those that failed with the reason."""
        status = self.status
        if status is None:
            return [_text(_NOTHING)]
        blocks: list[_Plain] = [_text(_run_line(status), "bad" if status.failed else "")]
        if status.running:
            blocks.append(_text(status.running.text()))
        if status.failed:
            rows = [[self._name(one.unit), one.notebook, one.error] for one in status.failed[:_MOST]]
            blocks.append(_table(f"没有成功的底稿 {len(status.failed)} 份", ("机构", "底稿", "原因"), rows))
        return blocks

    def leads(self) -> list[_Plain]:
        """Return leads by unit and state, with the way to the page on which they are answered."""
        if self.campaign is None or not self.units:
            return [_text(_NOTHING)]
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for row in leads_table(self.wb, self.period):
            counts[row.lead.unit][row.state] += 1
            counts[row.lead.unit]["逾期"] += row.overdue
        states = ("待核实", "待认定", "已认定", "逾期")
        rows: list[list[object]] = [
            [{"text": self._name(unit), "href": self._page("leads", unit)}, *(one[state] for state in states)]
            for unit, one in sorted(counts.items())[:_MOST]
        ]
        return [_table("各机构疑点", ("机构", *states), rows, empty="还没有疑点。")]

    def review(self) -> list[_Plain]:
        """Return who has handed in, is returned, reviewed, or has not begun: units × domains."""
        campaign = self.campaign
        if campaign is None or not self.units:
            return [_text(_NOTHING)]
        titles = domain_titles(self.wb, campaign)
        found = {(one.unit, one.domain): one.state for one in self.wb.store.inspections(campaign.id)}
        counted = "，".join(
            f"{labels.STATES.get(state, '未开始')} {count}" for state, count in self.states.most_common()
        )
        rows: list[list[object]] = []
        for unit, domains in list(wanted_domains(self.wb, campaign).items())[:_MOST]:
            cells = [
                _state_cell(found.get((unit, d), ""), self._page("fill", unit, d)) if d in domains else "—"
                for d in titles
            ]
            rows.append([self._name(unit), *cells])
        return [
            _text(f"检查表 {sum(self.states.values())} 张：{counted}"),
            _table("填报与复核进度（点进去填报、退回或复核）", ("机构", *titles.values()), rows),
        ]

    def filings(self) -> list[_Plain]:
        """Return what was asked for and how it stands, what falls due, and what was forgotten."""
        blocks: list[_Plain] = []
        left = not_issued(self.wb, self.wb.today)
        if left:
            blocks.append(
                _table(
                    "日历上已到、还没有下发的",
                    ("报送", "期间", "期限"),
                    [[o.title, o.period, str(o.due)] for o in left],
                )
            )
        rows: list[list[object]] = [
            [
                row.filing.title,
                row.filing.period,
                row.unit_name,
                str(row.filing.due),
                {"text": f"逾期 {row.late} 天", "tone": "bad"} if row.late else "",
                labels.FILING_STATES[row.filing.state],
            ]
            for row in (filing_rows(self.wb) if self.units else ())[:_MOST]
        ]
        blocks.append(
            _table("报送情况", ("报送", "期间", "机构", "期限", "逾期", "状态"), rows, empty="还没有下发报送。")
        )
        calendar = [[one.title, one.period, str(one.due)] for one in calendar_of(self.wb, self.wb.today.year)]
        blocks.append(_table(f"{self.wb.today.year} 年报送日历", ("报送", "期间", "期限"), calendar))
        return blocks

    def appraisal(self) -> list[_Plain]:
        """Return the appraisal as it stands."""
        found = find_appraisal(self.wb, self.span)
        if found is None:
            return [_text("本期的考核还没有公示。")]
        until = f"，申诉截止 {found.appeals_until}" if found.appeals_until else ""
        rows: list[list[object]] = [
            [
                self._name(unit),
                "—" if score.value is None else f"{score.value}{found.marks.get(unit, '')}",
                score.grade or "",
            ]
            for unit, score in found.scores.items()
        ]
        blocks = [_text(f"{APPRAISAL_STATES[found.state]}{until}"), _table("考核结果", ("机构", "得分", "等级"), rows)]
        if found.appeals:
            said = {None: "待处理", True: "成立", False: "不成立"}
            blocks.append(
                _table(
                    "申诉",
                    ("机构", "理由", "处理", "处理理由"),
                    [[a.unit, a.grounds, said[a.accepted], a.reason] for a in found.appeals],
                )
            )
        return blocks

    def _name(self, unit: str) -> str:
        return f"{self.units[unit].name}（{unit}）" if unit in self.units else unit

    def _page(self, page: str, unit: str, domain: str = "") -> str:
        span, _, campaign = self.period.partition("/")
        asked = {"unit": unit, "period": span, "domain": domain, "campaign": campaign}
        return f"{page}.ipynb?{urlencode({name: value for name, value in asked.items() if value})}"


def _run_line(status: Status | None) -> str:
    if status is None:
        return "还不能运行：先有机构和批次"
    failed = f"，失败 {len(status.failed)} 份" if status.failed else ""
    return f"应有底稿和得分表 {status.expected} 份，已完成 {status.done} 份{failed}，未运行 {len(status.missing)} 份"


def _state_cell(state: str, href: str) -> _Plain:
    tone = {"": "soft", "returned": "bad", "reviewed": "good", "approved": "good"}.get(state, "")
    return {"text": labels.STATES.get(state, "未开始"), "href": href, "tone": tone}


def _text(words: str, tone: str = "") -> _Plain:
    return {"kind": "text", "words": words, "tone": tone}


def _table(
    title: str, heads: tuple[str, ...], rows: Sequence[Sequence[object]], note: str = "", empty: str = ""
) -> _Plain:
    return {
        "kind": "table",
        "title": title,
        "heads": list(heads),
        "rows": [list(row) for row in rows],
        "note": note,
        "empty": empty,
    }
