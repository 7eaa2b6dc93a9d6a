"""考核: parts worked by hand, complaints by responsibility, one fact once; 公示, 申诉, 定稿 in the history."""

from __future__ import annotations

import dataclasses
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.factories.answering import fails, hand_in, record_card, record_paper
from tests.factories.appraisal import FIGURES, FILE, SCHEME
from tests.factories.checklists import written
from tests.factories.filings import issued
from tests.factories.inspections import FILLER, INSPECTOR, OTHER, PERIOD, UNIT, as_person, tiny_workspace, workbench
from tests.factories.scoring import D, assert_adds_up
from tests.test_cli import call
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Scheme
from xiaobao.checklist.reading import load_scheme
from xiaobao.errors import ChecklistError, InputError, NotAllowed
from xiaobao.features.appraisal import verbs as appraising
from xiaobao.features.appraisal.appraising import AppraisalFigures, SourcedFact, appraise, appraise_all, part_scores
from xiaobao.features.appraisal.entries import add_entry, withdraw_entry
from xiaobao.features.appraisal.sources import inspected_campaign, with_filings, with_inspection
from xiaobao.model import PoolEntry, Score, VetoEvent
from xiaobao.scoring import explain
from xiaobao.workbench.campaigns import create_campaign
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections.signing import review
from xiaobao.workbench.results.reading import scorecard
from xiaobao.workbench.workspace import Workbench

FULL = replace(FIGURES, disputed=1)


def marked(figures: AppraisalFigures, scheme: Scheme = SCHEME) -> Score:
    result = appraise(scheme, figures)
    assert_adds_up(result)
    return result


def test_an_appraisal_worked_by_hand() -> None:
    """40 × 91.5 + 20 × 80 + 10 × 100 + 10 × 75 + 10 × 90 + 10 × 100, all ÷ 100 = 36.6 + 16 + 10 + 7.5 + 9 + 10."""
    result = marked(FULL)
    assert (result.value, result.grade, result.provisional) == (D("89.10"), "B", False)
    assert "权重 20，得分 80" in "".join(explain(result, "complaints"))


def test_complaints_count_where_the_unit_is_responsible_never_by_number() -> None:
    many = replace(FULL, complaints=400)
    assert marked(many).value == marked(FULL).value
    assert marked(replace(FULL, responsible=3)).value == D("87.10")
    assert marked(replace(FULL, disputed=9)).value == marked(FULL).value


def test_a_scheme_by_volume_alone_is_refused_with_the_reason(tmp_path: Path) -> None:
    text = FILE.read_text("utf-8").replace("measure: responsible_complaints", "measure: complaint_volume")
    with pytest.raises(ChecklistError, match=r"第十一条.*银发〔2018〕243号四（三）"):
        load_scheme(written(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  inspection: 40\n", "  inspection: 41\n", "合计 101"),
        ("  filings: 10\n  training: 10\n", "  filing: 10\n  training: 10\n", "考核内容里没有这一项"),
        ("  self: 0.5\n", "  selfish: 0.5\n", "不认识的问题来源"),
        ("rate: 10}", "rate: 0}", "没有写每件扣几分"),
        ("minimum: -10, maximum: 10", "minimum: 0, maximum: 0", "既不能加也不能减"),
    ],
)
def test_an_impossible_scheme_is_refused_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = FILE.read_text("utf-8")
    assert old in text
    with pytest.raises(ChecklistError, match=says) as caught:
        load_scheme(written(tmp_path, text.replace(old, new, 1)))
    assert all(fault.row for fault in caught.value.faults)


def test_what_has_no_data_is_no_data_and_what_did_not_occur_does_not_apply() -> None:
    """Without training figures the other parts carry the weight, and the result is provisional."""
    absent = marked(replace(FULL, training_due=None, training_done=None))
    assert (absent.value, absent.provisional) == (D("89.00"), True)  # 80.1 of 90
    idle = marked(replace(FULL, training_due=0, training_done=0))
    assert (idle.value, idle.provisional) == (D("89.00"), False)


def test_the_source_of_a_problem_changes_its_rate_and_one_fact_loses_points_once() -> None:
    facts = (
        SourcedFact(key="F1", origin="self", points=D(10), what="公示不全"),
        SourcedFact(
            key="F1", origin="inspected", points=D(10), what="公示不全（监管检查）"
        ),  # the dearest of the two: 10
        SourcedFact(key="F2", origin="misreported", points=D(10), what="自查报无问题"),  # 20
        SourcedFact(key="F3", origin="repeated", points=D(10), what="再次逾期"),  # 15
        SourcedFact(key="F4", origin="inspected", points=D(30), what="已在检查中扣分"),
    )
    result = marked(replace(FULL, facts=facts, inspected_facts=("F4",)))
    assert result.value == marked(FULL).value - D("4.5")  # 45 of 100, weight 10


def test_bonuses_are_capped_and_a_veto_holds_the_grade() -> None:
    entries = (
        PoolEntry(pool="key-tasks", points=D(4), what="表彰"),
        PoolEntry(pool="key-tasks", points=D(3), what="创新"),
    )
    lifted = marked(replace(FULL, entries=entries))
    assert (lifted.value, lifted.grade) == (D("94.10"), "A")  # 5 of the 7
    event = VetoEvent(veto_id="A-V1", day=date(2026, 5, 1), description="群体性事件", evidence=("认定书",))
    held = marked(replace(FULL, entries=entries, vetoes=(event,)))
    assert (held.value, held.grade, held.unvetoed) == (D("94.10"), "C", D("94.10"))
    taken = tuple(PoolEntry(pool="key-tasks", points=D(-2), what="迟报", fact="同一件事") for _ in range(2))
    assert marked(replace(FULL, entries=taken)).value == D("87.10")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"filings_on_time": 9}, "按期报送多于应报送"),
        ({"responsible": 41}, "有责投诉多于投诉总件数"),
        ({"disputed": -1}, "不能小于 0"),
        ({"inspection": D(101)}, "0 至 100"),
        ({"facts": (SourcedFact(key="F", origin="rumour", points=D(1), what="传闻"),)}, "不认识的问题来源"),
        ({"entries": (PoolEntry(pool="nowhere", points=D(1), what="x"),)}, "没有这个加减分项"),
    ],
)
def test_impossible_figures_are_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        marked(replace(FULL, **change))


def test_a_unit_told_twice_is_refused() -> None:
    with pytest.raises(InputError, match="两份考核数据"):
        appraise_all(SCHEME, [FULL, FULL])


# --- 公示, 申诉, 定稿 ---------------------------------------------------------------------------------------------


@pytest.fixture
def wb(tmp_path: Path) -> Workbench:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    with bench.store.writing(bench.actor) as tx:
        tx.publish("scheme", SCHEME.id, SCHEME.version, canonical(SCHEME))
    return bench


def later(wb: Workbench, day: date) -> Workbench:
    return dataclasses.replace(wb, settings=replace(wb.settings, as_of=day))


def published(wb: Workbench) -> appraising.Appraisal:
    return appraising.publish_appraisal(wb, PERIOD, SCHEME.id, [FULL, replace(FULL, unit=OTHER)])


def test_published_appealed_decided_final_each_step_kept(wb: Workbench) -> None:
    made = published(wb)
    assert (made.state, str(made.appeals_until)) == ("published", "2026-07-10")
    appraising.appeal(wb, PERIOD, UNIT, "第 3 件投诉不是本机构责任", ["处理意见"])
    with pytest.raises(NotAllowed, match=f"没有处理：{UNIT}"):
        appraising.finalise(later(wb, date(2026, 7, 11)), PERIOD)
    right = replace(FULL, responsible=1)
    inspector = as_person(wb, INSPECTOR)
    changed = appraising.decide_appeal(inspector, PERIOD, UNIT, True, "经复核属实", right)
    assert (changed.scores[UNIT].value, changed.scores[OTHER].value) == (D("91.10"), D("89.10"))
    with pytest.raises(NotAllowed, match="期满后才能定稿"):
        appraising.finalise(inspector, PERIOD)
    appraising.finalise(later(wb, date(2026, 7, 11)), PERIOD)
    final = appraising.find_appraisal(wb, PERIOD)
    assert final is not None
    assert (final.state, final.revision, final.appeals[0].decided_by) == ("final", 4, INSPECTOR.name)
    assert [one.version for one in wb.store.list_published("appraisal")] == ["1", "2", "3", "4"]
    assert not wb.store.verify()
    with pytest.raises(NotAllowed, match="已定稿"):
        appraising.appeal(wb, PERIOD, OTHER, "再议")


def test_whoever_appealed_never_decides_and_late_or_empty_appeals_are_refused(wb: Workbench) -> None:
    published(wb)
    with pytest.raises(InputError, match="须写明理由"):
        appraising.appeal(wb, PERIOD, UNIT, " ")
    with pytest.raises(NotAllowed, match="截止"):
        appraising.appeal(later(wb, date(2026, 7, 11)), PERIOD, UNIT, "迟到的申诉")
    appraising.appeal(wb, PERIOD, UNIT, "有异议")
    with pytest.raises(NotAllowed, match=f"{FILLER.name} 提出了申诉"):
        appraising.decide_appeal(wb, PERIOD, UNIT, False, "不成立")
    with pytest.raises(InputError, match="更正后的考核数据"):
        appraising.decide_appeal(as_person(wb, INSPECTOR), PERIOD, UNIT, True, "成立")
    with pytest.raises(NotAllowed, match="已经公示"):
        published(wb)


# --- 加减分 --------------------------------------------------------------------------------------------------------


def bonus(points: str = "2", what: str = "省级表彰", fact: str = "", day: date | None = date(2026, 5, 1)) -> PoolEntry:
    return PoolEntry(pool="key-tasks", points=D(points), what=what, day=day, evidence=("表彰文件",), fact=fact)


def enter(wb: Workbench, entry: PoolEntry, unit: str = UNIT) -> appraising.Appraisal:
    return add_entry(wb, PERIOD, SCHEME.id, unit, entry)


def test_a_bonus_entered_before_the_publication_is_in_the_score_and_its_trace(wb: Workbench) -> None:
    made = enter(wb, bonus())
    assert (made.state, made.published_on, made.scores) == ("draft", None, {})
    tried = appraising.compute_appraisal(wb, PERIOD, SCHEME.id, [FULL])
    made = published(wb)
    assert (made.scores[UNIT].value, made.scores[OTHER].value) == (D("91.10"), D("89.10"))
    assert tried[UNIT].value == made.scores[UNIT].value
    [line] = [one for one in made.scores[UNIT].trace if one.kind == "entry"]
    assert (line.earned, line.reason) == (2, "2026-05-01，省级表彰")


def test_a_malus_after_the_publication_changes_the_units_score_alone(wb: Workbench) -> None:
    published(wb)
    made = enter(as_person(wb, INSPECTOR), bonus("-1.5", "迟报一次"))
    assert (made.scores[UNIT].value, made.scores[OTHER].value) == (D("87.60"), D("89.10"))
    assert (made.entries[0].by, made.entries[0].entry.evidence) == (INSPECTOR.name, ("表彰文件",))


def test_an_accepted_appeal_keeps_the_entries(wb: Workbench) -> None:
    enter(wb, bonus())
    published(wb)
    appraising.appeal(wb, PERIOD, UNIT, "有一件不是本机构责任")
    made = appraising.decide_appeal(as_person(wb, INSPECTOR), PERIOD, UNIT, True, "属实", replace(FULL, responsible=1))
    assert made.scores[UNIT].value == D("93.10")


def test_an_entry_taken_back_counts_no_more_and_stays_listed(wb: Workbench) -> None:
    enter(wb, bonus())
    published(wb)
    made = withdraw_entry(as_person(wb, INSPECTOR), PERIOD, 1, "表彰的不是本机构")
    assert made.scores[UNIT].value == D("89.10")
    [entry] = made.entries
    assert (entry.entry.points, entry.withdrawn, entry.withdrawn_by) == (2, "表彰的不是本机构", INSPECTOR.name)
    with pytest.raises(InputError, match="没有在生效的这一条"):
        withdraw_entry(wb, PERIOD, 1, "再撤")
    assert [one.version for one in wb.store.list_published("appraisal")] == ["1", "2", "3"]
    assert not wb.store.verify()


def test_one_fact_entered_twice_counts_once(wb: Workbench) -> None:
    enter(wb, bonus("-1", "迟报", fact="一季度迟报"))
    enter(wb, bonus("-2", "迟报（总行通报）", fact="一季度迟报"))
    assert published(wb).scores[UNIT].value == D("87.10")


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        (bonus("0"), "不等于 0"),
        (bonus(what=" "), "没有写事由"),
        (bonus(day=None), "不在考核期内"),
        (bonus(day=date(2025, 12, 31)), "不在考核期内"),
        (replace(bonus(), evidence=(" ",)), "没有写佐证材料"),
        (replace(bonus(), pool="nowhere"), "没有这个加减分项"),
    ],
)
def test_an_entry_without_what_it_needs_is_refused(wb: Workbench, entry: PoolEntry, says: str) -> None:
    with pytest.raises(InputError, match=says):
        enter(wb, entry)
    assert appraising.find_appraisal(wb, PERIOD) is None


def test_entries_of_unknown_units_are_refused_before_and_after_the_publication(wb: Workbench) -> None:
    with pytest.raises(InputError, match="没有这个被检查机构"):
        enter(wb, bonus(), "9999")
    enter(wb, bonus())
    with pytest.raises(InputError, match="没有考核数据"):
        appraising.publish_appraisal(wb, PERIOD, SCHEME.id, [replace(FULL, unit=OTHER)])
    published(wb)
    with pytest.raises(InputError, match="考核里没有这个机构"):
        enter(wb, bonus(), "01")


def test_after_the_end_entries_are_fixed(wb: Workbench) -> None:
    enter(wb, bonus())
    published(wb)
    appraising.finalise(later(wb, date(2026, 7, 11)), PERIOD)
    with pytest.raises(NotAllowed, match="加减分不能再改"):
        enter(wb, bonus())
    with pytest.raises(NotAllowed, match="加减分不能再改"):
        withdraw_entry(wb, PERIOD, 1, "改主意")


def test_entries_go_by_command(
    wb: Workbench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(wb.home))
    what = ("--unit", UNIT, "--points", "-1.5", "--reason", "迟报", "--day", "2026-04-06", "--evidence", "通报")
    code, out, err = call(monkeypatch, capsys, "appraisal", "entry", "add", "--period", PERIOD, *what)
    assert (code, "已登记第 1 条" in out) == (0, True), err
    code, out, _ = call(monkeypatch, capsys, "appraisal", "entry", "list", "--period", PERIOD, "--json")
    [listed] = json.loads(out)
    assert (listed["unit"], listed["entry"]["points"], listed["entry"]["what"]) == (UNIT, "-1.5", "迟报")
    taken = ("--number", "1", "--reason", "误登")
    assert call(monkeypatch, capsys, "appraisal", "entry", "withdraw", "--period", PERIOD, *taken)[0] == 0
    code, out, _ = call(monkeypatch, capsys, "appraisal", "show", "--period", PERIOD)
    assert "已撤销：误登" in out


# --- what inspections bring -------------------------------------------------------------------------------------------


def test_what_other_inspections_found_enters_by_its_source_and_one_fact_once(tmp_path: Path) -> None:
    """c-01 cost points in the self-inspection already; c-02 was called compliant there and found by head office."""
    bench = workbench(tiny_workspace(tmp_path / "bank"), INSPECTOR)
    hand_in(bench, PERIOD, c_01=fails())
    record_paper(bench, UNIT, PERIOD)
    own = bench.campaign(PERIOD)
    record_card(bench, UNIT, PERIOD)
    visit = "2026-05-01..2026-05-31"
    import_extract(bench, "units", [bench.home / "units.csv"], visit)
    create_campaign(bench, "现场检查", visit, [(own.checklists["complaints"])], "regular")
    form = hand_in(bench, visit, c_01=fails(), c_02=fails())
    record_paper(bench, UNIT, visit)
    [figures] = [one for one in with_inspection(bench, own, [], PERIOD) if one.unit == UNIT]
    assert figures.facts == (), "a lost point is no finding before the review"
    review(bench, form)
    record_paper(bench, UNIT, visit)
    [figures] = [one for one in with_inspection(bench, own, [], PERIOD) if one.unit == UNIT]
    assert figures.inspection == scorecard(bench, UNIT, PERIOD).total.value
    assert {(fact.what, fact.origin, fact.points) for fact in figures.facts or ()} == {
        ("第1项登记完整", "inspected", 5),
        ("第2项登记完整", "misreported", 5),
    }
    assert {fact.key for fact in figures.facts or ()} == {"1:c-01", "1:c-02"}
    assert figures.inspected_facts == ("1:c-01",)
    problems = part_scores(SCHEME, figures)["problems"]
    assert problems.earned == 90  # c-02 twice its 5 points; c-01 cost points in the inspection
    assert "1 项已在检查得分中扣分" in problems.said


def test_punctual_filings_come_from_their_calendar_where_the_file_says_nothing(wb: Workbench) -> None:
    """Due by 5 July: one filed in time, one never; what is not due yet does not count. The other unit had none due."""
    with wb.store.writing(wb.actor) as tx:
        tx.save_kept(
            "filings",
            "request",
            [
                issued(UNIT, kind="monthly", due=date(2026, 6, 5), state="filed", first_filed_on=date(2026, 6, 5)),
                issued(UNIT, kind="quarterly", due=date(2026, 6, 30)),
                issued(UNIT, kind="half-year", due=date(2026, 7, 20)),
            ],
        )
    bare = replace(FULL, filings_due=None, filings_on_time=None)
    mine, theirs, told = with_filings(wb, [bare, replace(bare, unit=OTHER), replace(FULL, unit="x")], "2026")
    assert (mine.filings_due, mine.filings_on_time) == (2, 1)
    assert (theirs.filings_due, theirs.filings_on_time) == (0, 0)
    assert (told.filings_due, told.filings_on_time) == (8, 6)
    [untouched] = with_filings(wb, [bare], "2025")
    assert (untouched.filings_due, untouched.filings_on_time) == (None, None)


def test_the_campaign_of_a_years_appraisal_is_the_only_one_within_or_named(tmp_path: Path) -> None:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    assert inspected_campaign(bench, "2026").period == PERIOD
    import_extract(bench, "units", [bench.home / "units.csv"], "2026H2")
    create_campaign(bench, "下半年自查", "2026H2", [("complaints", "2026.1")])
    with pytest.raises(InputError, match="有多个批次"):
        inspected_campaign(bench, "2026")
    assert inspected_campaign(bench, "2026", "下半年自查").period == "2026H2"
    with pytest.raises(InputError, match="考核期内没有这个检查批次"):
        inspected_campaign(bench, "2025")


def test_figures_are_read_from_a_table_that_excel_saves(tmp_path: Path) -> None:
    text = "机构号,检查得分,投诉总件数,有责投诉,应报送,按期报送\n0101,91.5,40,2,8,6\n0102,,,,,\n"
    for encoding in ("utf-8-sig", "gb18030"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.encode(encoding))
        first, second = appraising.read_appraisal_figures(path)
        assert (first.inspection, first.responsible, first.filings_on_time) == (Decimal("91.5"), 2, 6)
        assert (second.inspection, second.responsible) == (None, None)


def test_every_bad_cell_of_the_table_is_named(tmp_path: Path) -> None:
    path = tmp_path / "考核.csv"
    path.write_text("机构号,有责投诉,应报送\n0101,两件,8\n,1,-8\n", "utf-8")
    with pytest.raises(InputError) as caught:
        appraising.read_appraisal_figures(path)
    assert [(f.row, f.column) for f in caught.value.faults] == [(2, "有责投诉"), (3, "应报送"), (3, "机构号")]
