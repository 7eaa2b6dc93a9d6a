"""A new version never hurts filled work, and what it would change is told before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from msgspec import structs

from tests.factories.answering import hand_in, record_paper
from tests.factories.inspections import DOMAIN, UNIT, checklist, item, record_finding, tiny_workspace, workbench
from tests.factories.versions import next_version, publish
from xiaobao.checklist.comparing import compare
from xiaobao.checklist.models import Checklist
from xiaobao.model import Conclusion, Period, Response, Score, Stage, digest, to_plain
from xiaobao.paper.work_paper import WorkPaper
from xiaobao.scoring import gather_facts, score
from xiaobao.workbench.campaigns import open_inspections
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections.filling import open_form
from xiaobao.workbench.results.reading import work_paper
from xiaobao.workbench.versions.impact import impact
from xiaobao.workbench.versions.impact_note import impact_note
from xiaobao.workbench.versions.moving import move_sheet
from xiaobao.workbench.versions.unit_sheets import unit_sheets
from xiaobao.workbench.workspace import Workbench

PERIOD = "2026H2"
UNITS = [f"1{number:03}" for number in range(200)]
FIRST = structs.replace(checklist(13), version="2026.5")


def second() -> Checklist:
    """Two items removed, three added, five reworded, four re-weighted."""
    changes = {f"c-{n:02}": {"requirement": f"第{n}项登记完整，当日录入系统。"} for n in range(1, 6)}
    changes |= {f"c-{n:02}": {"points": 3 + n} for n in range(6, 10)}
    added = tuple(item(f"c-new-{n}", f"新增第{n}项", element="service") for n in range(1, 4))
    return next_version("2026.6", changes, ("c-10", "c-11"), added, base=FIRST)


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    """Two hundred inspections on the first version, each filled in its own way and scored."""
    home = tiny_workspace(tmp_path_factory.mktemp("versions") / "bank")
    bench = workbench(home)
    publish(bench, FIRST)
    head = "机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象\n01,总行,总行,,,储蓄,否\n"
    register = home / "units.csv"
    register.write_text(head + "".join(f"{unit},第{unit}支行,支行,01,城关,储蓄、贷款,是\n" for unit in UNITS), "utf-8")
    import_extract(bench, "units", [register], PERIOD)
    with bench.store.writing(bench.actor) as tx:
        tx.add_campaign("下半年自查", PERIOD, ("self-inspection-2026", "2026.1"), {DOMAIN: (DOMAIN, FIRST.version)})
    campaign = bench.campaign(PERIOD)
    open_inspections(bench, campaign)
    records = bench.store.inspections(campaign.id)
    with bench.store.writing(bench.actor) as tx:
        for number, record in enumerate(records):
            tx.save_responses(record.id, _answers(number))
    scored = _rescored(bench, UNITS)
    with bench.store.writing(bench.actor) as tx:
        for record in records:
            after = scored[record.unit]
            tx.record_result(record.id, "d" * 64, structs.replace(after, stage=Stage.BEFORE), after, (), ())
    yield bench
    bench.store.close()


def _answers(number: int) -> list[Response]:
    """Answer the thirteen plain items; which of them fail depends on the unit."""
    said = []
    for n in range(1, 14):
        failed = (number + n) % 5 == 0
        conclusion = Conclusion.NON_COMPLIANT if failed else Conclusion.COMPLIANT
        said.append(
            Response(
                item_id=f"c-{n:02}", conclusion=conclusion, note=f"底稿 {number}-{n}", reason="未登记" if failed else ""
            )
        )
    return said


def _rescored(wb: Workbench, chosen: Sequence[str]) -> dict[str, Score]:
    """Score inspections anew from what the store holds of them, on the version that they stand on."""
    campaign = wb.campaign(PERIOD)
    units, scheme, span = wb.units(PERIOD), wb.scheme(campaign), Period.parse(PERIOD)
    responses = wb.store.campaign_responses(campaign.id)
    scored = {}
    for record in (one for one in wb.store.inspections(campaign.id) if one.unit in chosen):
        sheet = unit_sheets(wb, campaign, record.unit, DOMAIN, record).core
        answers = responses[record.id]
        facts = gather_facts(sheet, units[record.unit], span, answers, (), {}, Stage.AFTER, wb.settings.policies)
        scored[record.unit] = score(sheet, facts, scheme, Stage.AFTER)
    return scored


def fingerprint(wb: Workbench) -> dict[str, str]:
    """Hash, unit by unit, everything that is stored of an inspection, its chain of events included."""
    campaign = wb.campaign(PERIOD)
    heads = wb.store.heads()
    results = wb.store.results(campaign.id)
    responses = wb.store.campaign_responses(campaign.id)
    hashes = {}
    for record in wb.store.inspections(campaign.id):
        answers = {item_id: to_plain(one) for item_id, one in responses[record.id].items()}
        result = results[record.unit, DOMAIN]
        scores = [to_plain(result.before), to_plain(result.after)]
        chain = heads[f"inspection:{record.id}"]
        hashes[record.unit] = digest([to_plain(record), answers, scores, list(chain)])
    return hashes


def test_the_second_version_is_the_change_it_says(wb: Workbench) -> None:
    counts = compare(FIRST, second()).counts()
    assert (counts["删除"], counts["新增"], counts["改写"], counts["调整分值"]) == (2, 3, 5, 4)


def test_impact_tells_work_scores_and_crosswalk_before_publishing(wb: Workbench) -> None:
    """Nothing is written by asking; the numbers are those of a real re-scoring."""
    events = wb.store.events(1)[0].seq
    found = impact(wb, second())
    assert wb.store.events(1)[0].seq == events
    [row] = found.work
    assert (row.version, row.state, row.inspections, row.answers) == ("2026.5", "draft", 200, 2600)
    assert (row.on_changed, row.on_removed) == (200 * 9, 200 * 2)
    assert len(found.rescored) == 200 and found.period == PERIOD
    assert (found.rescored[0].after, found.rescored[0].coverage_after) == (None, 0)  # drafts score nothing
    assert [(e.element, e.items_before, e.items_after) for e in found.elements] == [("service", 0, 3), ("", 20, 18)]
    note = impact_note(found)
    assert "填报中 200 份，答复 2600 条" in note
    assert "已提交、已退回、已复核的不变" in note and "消费者服务：0 → 3 项，0 → 15 分" in note


def test_no_answer_and_no_score_changes_by_a_byte(wb: Workbench) -> None:
    """Publishing leaves every inspection as it was, recorded and re-scored; moving one leaves the other 199."""
    campaign = wb.campaign(PERIOD)
    before = fingerprint(wb)
    scored = _rescored(wb, UNITS[:20])
    publish(wb, second())
    assert fingerprint(wb) == before
    assert _rescored(wb, UNITS[:20]) == scored
    assert {one.version for one in wb.store.inspections(campaign.id)} == {"2026.5"}
    paper: WorkPaper = work_paper(wb, UNITS[7], PERIOD, DOMAIN)
    assert (paper.checklist.version, len(paper.checklist.items())) == ("2026.5", len(FIRST.items()))
    move_sheet(wb, open_form(wb, UNITS[0], PERIOD, DOMAIN), "试用新版")
    after = fingerprint(wb)
    assert {unit for unit in UNITS if after[unit] != before[unit]} == {UNITS[0]}
    assert wb.store.verify() == []


# --- impact, small --------------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    yield bench
    bench.store.close()


def test_a_first_version_touches_nothing(small: Workbench) -> None:
    draft = structs.replace(FIRST, id="brand-new")
    found = impact(small, draft)
    assert (found.comparison, found.work, found.repeats) == (None, (), None)
    assert "不影响任何已有的检查任务" in impact_note(found)


def test_what_was_handed_in_is_scored_again_by_the_new_version(small: Workbench) -> None:
    """The number told is that of a real re-scoring: a lost item that weighs more costs more."""
    failed = Response(item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason="未登记")
    hand_in(small, "2026H1", c_01=failed)
    record_paper(small, UNIT, "2026H1")
    campaign = small.campaign("2026H1")
    heavier = next_version(changed={"c-01": {"points": 9}})
    [row] = impact(small, heavier).rescored
    record = next(one for one in small.store.inspections(campaign.id) if one.unit == row.unit)
    answers, unit = small.store.responses(record.id), small.units("2026H1")[row.unit]
    policies = small.settings.policies
    facts = gather_facts(heavier, unit, Period.parse("2026H1"), answers, (), {}, Stage.AFTER, policies)
    assert row.after == score(heavier, facts, small.scheme(campaign), Stage.AFTER).value is not None
    as_it_was = next_version(changed={"c-02": {"severity": "high"}})
    [unmoved] = impact(small, as_it_was).rescored
    assert row.after < unmoved.after


def test_a_version_number_that_is_taken_is_said(small: Workbench) -> None:
    assert impact(small, checklist()).published == "same"
    taken = next_version("2026.1", {"c-01": {"points": 6}})
    assert impact(small, taken).published == "other"
    assert "该版本号已发布过别的内容" in impact_note(impact(small, taken))


def test_repeat_detection_warns_of_ids_that_break_or_lie(small: Workbench) -> None:
    """An item renumbered, one given another meaning, and an id that was removed before."""
    publish(small, next_version("2026.2", removed=("c-02",)))
    changes = {"c-01": {"title": "另一件事", "requirement": "完全不同的要求。"}}
    again = item("c-02", "又一件新事", requirement="新的要求。")
    renumbered = item("c-33", "第3项登记完整")
    found = impact(small, next_version("2026.3", changes, ("c-02", "c-03"), (again, renumbered)))
    assert found.repeats is not None
    assert found.repeats.renumbered == (("c-03", "c-33"),)
    assert (found.repeats.reworded, found.repeats.reused) == (("c-01",), ("c-02",))
    note = impact_note(found)
    assert "宜沿用 c-03" in note and "c-02 是以前删除过的编号" in note


def test_findings_on_a_removed_item_are_counted(small: Workbench) -> None:
    record_finding(small)
    found = impact(small, next_version("2026.2", removed=("c-overdue",)))
    assert found.repeats is not None and found.repeats.lost == {"c-overdue": 1}
    assert "近期有检查发现 1 条，以后不再比对" in impact_note(found)
    assert found.rescored[0].before is None
