"""What is put into the store comes out again, the same, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from msgspec.structs import fields, replace
from sqlalchemy import text

from tests.factories.pages import make_line
from tests.factories.store import (
    CHECK,
    FILLER,
    OTHER,
    PERIOD,
    make_finding,
    make_result,
    make_run,
    make_score,
    open_campaign,
)
from xiaobao.errors import InputError, NotAllowed, StaleRevision
from xiaobao.model import (
    Conclusion,
    CorrectiveAction,
    ItemFacts,
    Measured,
    Response,
    RunStatus,
    Stage,
    VetoEvent,
    canonical_json,
)
from xiaobao.store import Store
from xiaobao.store.models import Carried, InspectionRecord, Signature
from xiaobao.store.queries import _inspection, inspection_payload


def test_a_full_answer_comes_back_the_same(store: Store) -> None:
    [inspection] = open_campaign(store)
    offered = Response(
        item_id="CP-01",
        conclusion=Conclusion.PARTIALLY_COMPLIANT,
        option="b",
        deduction=Decimal("1.50"),
        counts={"迟延": Decimal(2), "告知": Decimal(1)},
        missing=Decimal(0),
        measured=Measured(value=Decimal("3.20"), unit="米"),
        note="余额<100万元且>50万 𠮷\x0b\x00“R&D”",
        reason="理由",
        evidence=("E1", "E2"),
    )
    with store.writing(FILLER) as tx:
        saved = tx.save_response(inspection.id, offered, 0)
    assert store.responses(inspection.id) == {"CP-01": saved}
    assert store.campaign_responses(inspection.campaign_id) == {inspection.id: {"CP-01": saved}}
    assert (saved.note, saved.deduction, saved.revision, saved.author) == (
        "余额<100万元且>50万 𠮷“R&D”",  # what nobody sees is taken out
        Decimal("1.50"),
        1,
        "填报人",
    )
    assert saved.at is not None
    assert saved.at.utcoffset() == UTC.utcoffset(None)


def test_an_inspection_is_read_with_every_field_that_is_stored_of_it() -> None:
    """Its record is built field by field, for speed: a field new in one place alone would be lost in silence."""
    full = InspectionRecord(
        id=7,
        revision=3,
        campaign_id=1,
        unit="0101",
        domain="complaints",
        checklist_id="complaints",
        version="2026.4",
        state="submitted",
        submitted_by="张三",
        reason="补正",
        own_version="1",
        carried={"c-1": Carried(sheet="complaints", version="2026.3", revision=2)},
        signatures=(Signature(step="fill", name="张三", at=datetime(2026, 7, 1, 9, 30, tzinfo=UTC), digest="ab12"),),
    )
    assert all(getattr(full, one.name) != one.default for one in fields(full)), "every field is filled"
    assert _inspection((full.id, full.revision, canonical_json(inspection_payload(full)))) == full


def test_publishing_the_same_again_changes_nothing_and_other_content_is_refused(store: Store) -> None:
    with store.writing(FILLER) as tx:
        first = tx.publish("checklist", "complaints", "2026.1", '{"a":1}')
        assert tx.publish("checklist", "complaints", "2026.1", '{"a":1}') == first
        tx.publish("checklist", "complaints", "2026.2", '{"a":2}')
    events = len(store.events())
    with store.writing(OTHER) as tx:
        tx.publish("checklist", "complaints", "2026.1", '{"a":1}')
    assert len(store.events()) == events == 2
    refusal = r"检查表 complaints 的版本 2026\.1 已发布，内容不能再改"
    with pytest.raises(InputError, match=refusal), store.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "2026.1", '{"a":3}')
    assert store.published("checklist", "complaints").version == "2026.2"
    assert store.published("checklist", "complaints", "2026.1").content == '{"a":1}'
    assert [one.version for one in store.list_published("checklist")] == ["2026.1", "2026.2"]


def test_what_is_not_published_or_not_json_is_refused(store: Store) -> None:
    with pytest.raises(InputError, match="没有发布过"):
        store.published("checklist", "nothing")
    with pytest.raises(InputError, match="不是 JSON"), store.writing(FILLER) as tx:
        tx.publish("checklist", "complaints", "1", "{")
    with pytest.raises(InputError) as refused, store.writing(FILLER) as tx:
        tx.add_campaign("自查", PERIOD, ("self", "1"), {"complaints": ("complaints", "9")})
    assert len(refused.value.faults) == 2


def test_a_campaign_keeps_the_order_of_its_domains_and_has_no_twin(store: Store) -> None:
    checklists = {"suitability": ("suitability", "1"), "complaints": ("complaints", "1")}
    with store.writing(FILLER) as tx:
        tx.publish("scheme", "self", "1", "{}")
        for identity, version in checklists.values():
            tx.publish("checklist", identity, version, "{}")
        made = tx.add_campaign("自查", PERIOD, ("self", "1"), checklists)
    assert store.campaigns(PERIOD) == (made,) == store.campaigns()
    assert list(store.campaigns()[0].checklists) == ["suitability", "complaints"]
    assert store.campaigns("2025H2") == ()
    with pytest.raises(InputError, match="已有同名批次"), store.writing(FILLER) as tx:
        tx.add_campaign("自查", PERIOD, ("self", "1"), checklists)


def test_inspections_are_made_once(store: Store) -> None:
    open_campaign(store, ["0010", "0020"])
    with store.writing(FILLER) as tx:
        assert tx.ensure_inspections(1, [("0010", "complaints"), ("0030", "complaints")])[0].unit == "0030"
    assert [one.unit for one in store.inspections(1)] == ["0010", "0020", "0030"]
    found = store.inspection(1, "0030", "complaints")
    assert found is not None
    assert (found.checklist_id, found.version, found.state) == ("complaints", "2026.1", "draft")
    assert store.inspection(1, "0099", "complaints") is None
    with pytest.raises(InputError, match="没有检查域"), store.writing(FILLER) as tx:
        tx.ensure_inspections(1, [("0010", "weather")])


def test_only_imports_in_force_are_listed(store: Store) -> None:
    with store.writing(FILLER) as tx:
        first = tx.add_import("complaints", PERIOD, "台账.xlsx", "a" * 64, 10, "data/a.parquet")
        tx.add_import("complaints", "2025H2", "台账.xlsx", "a" * 64, 10, "data/a.parquet")
    with pytest.raises(InputError, match="没有重复导入"), store.writing(FILLER) as tx:
        tx.add_import("complaints", PERIOD, "另名.xlsx", "a" * 64, 10, "data/a.parquet")
    with pytest.raises(InputError, match="--replace"), store.writing(FILLER) as tx:
        tx.add_import("complaints", PERIOD, "台账.xlsx", "b" * 64, 11, "data/b.parquet")
    assert store.imports("complaints", PERIOD) == (first,)
    with store.writing(OTHER) as tx:
        second = tx.add_import("complaints", PERIOD, "台账.xlsx", "b" * 64, 11, "data/b.parquet", replace=True)
    assert store.imports("complaints", PERIOD) == (second,)
    assert len(store.imports()) == 2
    assert second.actor == "另一填报人"
    assert store.verify() == []


def test_the_latest_run_and_result_are_read_and_results_carry_no_leads(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.record_run(make_run(1, status=RunStatus.FAILED))
        tx.record_run(make_run(1, digest="d2"))
        for digest, hits in (("d1", 1), ("d2", 2)):
            before = make_score("80.00", Stage.BEFORE)
            tx.record_result(inspection.id, digest, before, make_score(), (make_result(hits),), (make_finding(),))
    assert store.runs(1) == {("0010", "4_complaints"): make_run(1, digest="d2")}
    [result] = store.results(1).values()
    assert result.digest == "d2"
    assert result.at is not None
    assert result.before == make_score("80.00", Stage.BEFORE)
    assert result.findings == (make_finding(),)
    assert [(one.check_id, one.hits, one.leads) for one in result.check_results] == [(CHECK, 2, ())]
    assert store.results(1, unit="0020") == store.findings(1, unit="0020") == {}
    assert store.findings(1) == {("0010", "complaints"): (make_finding(),)}
    assert store.verify() == []


def test_what_totals_want_of_a_result_stands_beside_it_and_is_held_against_it(store: Store) -> None:
    bare, traced = open_campaign(store, ("0010", "0020"))
    line = make_line("CP-01", "时限", possible="10", deducted="4")
    score = replace(make_score("91.50"), trace=(line,), so_far=Decimal("91.50"), assessed="599/1000")
    before = make_score(stage=Stage.BEFORE)
    with store.writing(FILLER) as tx:
        tx.record_result(bare.id, "d", before, make_score("70"), (), ())
        tx.record_result(traced.id, "d", before, score, (), (), facts=(ItemFacts(item_id="CP-01"),))
    found = {paper: (one.after, one.vetoed, one.has_facts) for paper, one in store.each_summary(1)}
    assert found == {
        ("0010", "complaints"): (make_score("70"), False, False),
        ("0020", "complaints"): (replace(score, trace=()), False, True),
    }
    assert store.scores(1, "0020") == {"complaints": replace(score, trace=())}
    assert store.verify() == []
    with store.engine.connect() as connection, connection.begin():
        connection.execute(text("UPDATE results SET summary = REPLACE(summary, '91.50', '99.50')"))
    [fault] = store.verify()
    assert "检查结果" in fault
    assert "字段 summary 与所附内容不符" in fault


def test_the_latest_scorecard_of_each_unit_is_read(store: Store) -> None:
    open_campaign(store)
    with store.writing(FILLER) as tx:
        tx.record_scorecard(1, "0010", "d1", {"total": Decimal("90.10")})
        tx.record_scorecard(1, "0020", "d1", {"total": "80"})
        tx.record_scorecard(1, "0010", "d2", {"total": Decimal("91.20"), "domains": {"b": 1, "a": 2}})
    assert store.scorecards(1) == {"0010": {"total": "91.20", "domains": {"b": 1, "a": 2}}, "0020": {"total": "80"}}
    assert list(store.scorecards(1)["0010"]["domains"]) == ["b", "a"]
    assert store.scorecards(1, unit="0020") == {"0020": {"total": "80"}}


def test_a_corrective_action_needs_a_finding_and_the_revision_it_was_made_on(store: Store) -> None:
    [inspection] = open_campaign(store)
    action = CorrectiveAction(
        id="A1",
        finding_id="F0010-1",
        unit="0010",
        line="case",
        measure="补办手续",
        owner="王主任",
        due=date(2026, 8, 31),
    )
    with pytest.raises(InputError, match="没有这条检查发现"), store.writing(FILLER) as tx:
        tx.save_action(action, 0)
    with store.writing(FILLER) as tx:
        tx.record_result(inspection.id, "d", make_score(stage=Stage.BEFORE), make_score(), (), (make_finding(),))
        saved = tx.save_action(action, 0)
    with pytest.raises(StaleRevision) as stale, store.writing(OTHER) as tx:
        tx.save_action(action, 0)
    assert stale.value.saved == saved
    with store.writing(OTHER) as tx:
        tx.save_action(action, 1)
    assert [one.revision for one in store.actions(campaign_id=1)] == [2]
    assert store.actions(campaign_id=2) == store.actions(unit="0020") == ()


def test_corrective_actions_are_saved_together_or_not_at_all(store: Store) -> None:
    [inspection] = open_campaign(store)
    many = [
        CorrectiveAction(
            id=f"A{number}",
            finding_id=f"F0010-{number}",
            unit="0010",
            line="case",
            measure="补办手续",
            owner="",
            due=date(2026, 8, 31),
        )
        for number in (1, 2, 3)
    ]
    with store.writing(FILLER) as tx:
        before = make_score(stage=Stage.BEFORE)
        tx.record_result(inspection.id, "d", before, make_score(), (), (make_finding(1), make_finding(2)))
    with pytest.raises(InputError, match="没有这条检查发现") as unknown, store.writing(FILLER) as tx:
        tx.save_actions(many)
    assert [fault.value for fault in unknown.value.faults] == ["F0010-3"]
    assert store.actions() == ()
    with store.writing(FILLER) as tx:
        [first, second] = tx.save_actions(many[:2])
    with pytest.raises(StaleRevision) as stale, store.writing(OTHER) as tx:
        tx.save_actions([first, many[1]])
    assert stale.value.saved == second
    assert store.actions() == (first, second)
    assert store.verify() == []


def test_a_veto_is_recorded_and_taken_back_with_a_reason(store: Store) -> None:
    [inspection] = open_campaign(store)
    veto = VetoEvent(veto_id="V1", day=date(2026, 5, 1), description="重大群体性事件", evidence=("E1",))
    with store.writing(FILLER) as tx:
        tx.record_veto(inspection.id, veto)
        tx.record_veto(inspection.id, veto)
    assert store.vetoes(inspection.id) == (veto,)
    with pytest.raises(InputError, match="原因"), store.writing(FILLER) as tx:
        tx.withdraw_veto(inspection.id, "V1", " ")
    with store.writing(FILLER) as tx:
        tx.withdraw_veto(inspection.id, "V1", "认定有误")
    assert store.vetoes(inspection.id) == ()
    with pytest.raises(InputError, match="没有在生效"), store.writing(FILLER) as tx:
        tx.withdraw_veto(inspection.id, "V1", "再撤一次")
    with store.writing(FILLER) as tx:
        tx.record_veto(inspection.id, veto)
    assert store.vetoes(inspection.id) == (veto,)
    assert store.verify() == []


def test_the_same_evidence_for_the_same_item_is_stored_once(store: Store) -> None:
    [inspection] = open_campaign(store)
    with store.writing(FILLER) as tx:
        first = tx.add_evidence(inspection.id, "CP-01", "现场照片.jpg", "c" * 64, 2048, "evidence/cc")
        assert tx.add_evidence(inspection.id, "CP-01", "改名.jpg", "c" * 64, 2048, "evidence/cc") == first
        second = tx.add_evidence(inspection.id, "CP-02", "现场照片.jpg", "c" * 64, 2048, "evidence/cc")
    assert store.evidence(inspection.id) == (first, second)
    assert store.verify() == []


def test_an_error_inside_the_block_undoes_everything(store: Store) -> None:
    [inspection] = open_campaign(store)
    heads = store.heads()

    def save_two() -> None:
        with store.writing(FILLER) as tx:
            tx.save_response(inspection.id, Response(item_id="CP-01"), 0)
            tx.save_response(inspection.id, Response(item_id="CP-02"), 7)

    with pytest.raises(StaleRevision):
        save_two()
    assert store.responses(inspection.id) == {}
    assert store.heads() == heads


def test_a_store_opened_read_only_does_not_write(store_url: str) -> None:
    from xiaobao import store as storing

    with storing.open(store_url, create=True) as made:
        open_campaign(made)
    with storing.open(store_url, read_only=True) as reader:
        assert len(reader.campaigns()) == 1
        assert reader.verify() == []
        with pytest.raises(NotAllowed, match="只读"), reader.writing(FILLER):
            pass


def test_times_are_stored_in_utc_whatever_the_clock_says(store_url: str) -> None:
    from datetime import timedelta, timezone

    from xiaobao import store as storing

    beijing = timezone(timedelta(hours=8))
    with storing.open(store_url, create=True, clock=lambda: datetime(2026, 7, 1, 8, 0, tzinfo=beijing)) as store:
        open_campaign(store)
        assert store.events(1)[0].at == datetime(2026, 7, 1, tzinfo=UTC)
        assert store.events(1)[0].at.tzinfo == UTC
