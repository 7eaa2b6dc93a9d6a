"""Values go to JSON and come back the same, and what earlier versions wrote is still read, and still verifies."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from tests.factories.store import FILLER, make_finding, make_lead, make_result, make_run, make_score, open_campaign
from xiaobao.model import (
    Conclusion,
    Disposition,
    FactState,
    ItemFacts,
    LeadDecision,
    Measured,
    Period,
    Response,
    RunStatus,
    Stage,
    TraceLine,
    Unit,
    Value,
    VetoEvent,
    from_json,
    from_plain,
    to_compact,
    to_plain,
)
from xiaobao.store import Store
from xiaobao.store.history import Revision, inspection_chain, payload_text
from xiaobao.store.models import Campaign, ResultRecord, RunRecord
from xiaobao.store.tables import responses
from xiaobao.workbench.results.recording import parse_result

# Written by version 0.1, every field stated.
ANSWER = (
    '{"item_id":"CP-01","conclusion":"non_compliant","option":"","deduction":"2.50","counts":{"late":"3"},'
    '"missing":null,"measured":{"value":"1.20","unit":"m"},"note":"抽查 10 笔","reason":"","evidence":["台账.xlsx"],'
    '"revision":1,"author":"填报人","at":"2026-07-01T01:00:01.000200Z"}'
)
DECISION = (
    '{"lead_id":"L1","answer":"confirmed","answer_note":"属实","answered_by":"甲","decided":null,"reason":"",'
    '"decided_by":"","at":"2026-07-01T01:00:00Z","revision":2}'
)
CAMPAIGN = (
    '{"id":3,"name":"上半年自查","period":"2026H1","scheme":["self-inspection-2026","1"],'
    '"checklists":{"complaints":["complaints","1"]},"kind":"self"}'
)
RUN = (
    '{"campaign_id":1,"unit":"0010","notebook":"4_complaints","digest":"d1","status":"failed","error":"超时",'
    '"started":"2026-07-01T00:00:00Z","seconds":1.5,"paper":"","paper_sha256":""}'
)
# Written by version 0.2 without defaults, but with a source that it stated.
RESULT = (
    '{"digest":"d1","before":{"value":"90.00","unvetoed":"90.00","grade":"A","stage":"before","possible":"100",'
    '"earned":"90.00","coverage":"100","provisional":false},"after":{"value":null,"unvetoed":null,"grade":"",'
    '"stage":"after","possible":"0","earned":"0","coverage":null,"provisional":true,"trace":[{"node_id":"CP-01",'
    '"parent_id":"","title":"按期办结","kind":"item","depth":0,"state":"pending","nominal":"5","possible":"0",'
    '"should_deduct":"0","deducted":"0","earned":"0","leads":["L1"]}],"vetoes":[{"veto_id":"V1","target":"c",'
    '"effect":"zero","grade":"","event":{"veto_id":"V1","day":"2026-03-01","description":"瞒报"}}]},'
    '"check_results":[],"findings":[],"facts":[{"item_id":"CP-01","state":"assessed","source":"person",'
    '"conclusion":"compliant"}]}'
)


def answer() -> Response:
    return Response(
        item_id="CP-01",
        conclusion=Conclusion.NON_COMPLIANT,
        deduction=Decimal("2.50"),
        counts={"late": Decimal(3)},
        measured=Measured(value=Decimal("1.20"), unit="m"),
        note="抽查 10 笔",
        evidence=("台账.xlsx",),
        revision=1,
        author="填报人",
        at=datetime(2026, 7, 1, 1, 0, 1, 200, tzinfo=UTC),
    )


OLD = {
    "answer": (ANSWER, answer()),
    "decision": (
        DECISION,
        LeadDecision(
            lead_id="L1",
            answer=Disposition.CONFIRMED,
            answer_note="属实",
            answered_by="甲",
            at=datetime(2026, 7, 1, 1, tzinfo=UTC),
            revision=2,
        ),
    ),
    "run": (
        RUN,
        RunRecord(
            campaign_id=1,
            unit="0010",
            notebook="4_complaints",
            digest="d1",
            status=RunStatus.FAILED,
            error="超时",
            started=datetime(2026, 7, 1, tzinfo=UTC),
            seconds=1.5,
            paper="",
            paper_sha256="",
        ),
    ),
}


# Fields that came later and are written empty beside those of the earlier version.
LATER = (("looks", []), ("amended", ""), ("said", ""))


@pytest.mark.parametrize("kind", OLD)
def test_a_body_of_an_earlier_version_reads_and_is_written_the_same_to_the_letter(kind: str) -> None:
    body, value = OLD[kind]
    assert from_json(type(value), body) == value
    assert from_plain(type(value), json.loads(body)) == value
    written = json.loads(payload_text(to_plain(value)))
    assert json.dumps({name: one for name, one in written.items() if (name, one) not in LATER}) == json.dumps(
        json.loads(body)
    )


def test_a_campaign_of_an_earlier_version_reads_as_open_over_every_unit() -> None:
    """It is written with more since campaigns name their units and are closed."""
    found = from_json(Campaign, CAMPAIGN)
    assert (found.id, found.name, found.checklists) == (3, "上半年自查", {"complaints": ("complaints", "1")})
    assert (found.kind, found.units, found.state) == ("self", (), "open")
    assert json.loads(CAMPAIGN).items() <= json.loads(payload_text(to_plain(found))).items()


def test_a_result_of_an_earlier_version_reads() -> None:
    found = from_json(ResultRecord, RESULT)
    assert (found.before.value, found.before.stage, found.after.value) == (Decimal("90.00"), Stage.BEFORE, None)
    [line] = found.after.trace
    assert (line.state, line.nominal, line.leads, line.explanation) == (FactState.PENDING, Decimal(5), ("L1",), "")
    assert found.after.vetoes[0].event == VetoEvent(veto_id="V1", day=date(2026, 3, 1), description="瞒报")
    assert found.facts == (ItemFacts(item_id="CP-01", state=FactState.ASSESSED, conclusion=Conclusion.COMPLIANT),)
    assert (found.own, found.facts_before, found.reviewed) == (None, (), False)


def test_history_holds_over_a_row_of_an_earlier_version(store: Store) -> None:
    """Its hash is over the text as written, whatever writes today."""
    [inspection] = open_campaign(store)
    key = {"inspection_id": inspection.id, "item_id": "CP-01"}
    with store.writing(FILLER) as tx:
        old = Revision(
            key=key,
            chain=inspection_chain(inspection.id),
            object="response:CP-01",
            verb="save",
            plain=json.loads(ANSWER),
        )
        tx.ledger.revise(responses, [old])
        tx._count_saves(inspection, 1)
    assert store.responses(inspection.id) == {"CP-01": answer()}
    assert store.verify() == []
    with store.writing(FILLER) as tx:
        tx.save_response(
            inspection.id, Response(item_id="CP-01", conclusion=Conclusion.COMPLIANT, counts={}), seen_revision=1
        )
    assert store.responses(inspection.id)["CP-01"].conclusion is Conclusion.COMPLIANT
    assert store.verify() == []


VALUES = {
    "unit": lambda: Unit(id="0010", name="城东支行", level="branch", businesses=("贷款",)),
    "answer": answer,
    "lead": make_lead,
    "check": make_result,
    "finding": make_finding,
    "score": make_score,
    "run": lambda: make_run(1),
    "veto": lambda: VetoEvent(veto_id="V1", day=date(2026, 3, 1), description="瞒报", evidence=("通报.pdf",)),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_comes_back_the_same_from_either_form(name: str) -> None:
    value = VALUES[name]()
    for plain in (to_plain(value), to_compact(value)):
        text = json.dumps(plain)
        assert from_plain(type(value), json.loads(text)) == value
        assert from_json(type(value), text) == value


def test_only_the_compact_form_leaves_defaults_out() -> None:
    unit = Unit(id="0010", name="城东支行", level="branch")
    assert to_compact(unit) == {"id": "0010", "name": "城东支行", "level": "branch"}
    assert list(to_plain(unit)) == ["id", "name", "level", "parent", "region", "businesses", "inspected", "level_name"]


def test_values_within_dataclasses_and_any_mapping_become_plain_too() -> None:
    @dataclass
    class Row:
        period: Period
        shares: MappingProxyType[date, Decimal]
        kept: frozenset[int]

    row = Row(
        period=Period.parse("2026Q1"), shares=MappingProxyType({date(2026, 1, 2): Decimal("1.50")}), kept=frozenset({7})
    )
    plain = {
        "period": {"start": "2026-01-01", "end": "2026-03-31", "code": "2026Q1"},
        "shares": {"2026-01-02": "1.50"},
        "kept": [7],
    }
    assert to_plain(row) == to_compact(row) == plain


def test_what_has_no_plain_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        to_plain({"what": object()})


BAD = {
    "a word that is no code": lambda plain: {**plain, "conclusion": "perhaps"},
    "a text for a number": lambda plain: {**plain, "deduction": "viel"},
    "something missing": lambda plain: {"conclusion": "compliant"},
    "a list for a value": lambda plain: [plain],
}


@pytest.mark.parametrize("fault", BAD)
def test_other_data_is_refused(fault: str) -> None:
    plain = BAD[fault](json.loads(ANSWER))
    with pytest.raises(ValueError, match=r"Expected|Invalid|missing"):
        from_plain(Response, plain)
    with pytest.raises(ValueError, match=r"Expected|Invalid|missing"):
        from_json(Response, json.dumps(plain))


def test_what_a_later_version_adds_is_passed_over() -> None:
    assert from_plain(Response, {**json.loads(ANSWER), "mood": "good"}) == answer()


def test_nobody_changes_a_value() -> None:
    with pytest.raises(AttributeError):
        answer().note = "别的"  # type: ignore[misc]
    assert issubclass(TraceLine, Value)


def test_periods_are_the_same_however_they_are_written() -> None:
    half, days = Period.parse("2026H1"), Period.parse("2026-01-01..2026-06-30")
    assert half == days and len({half, days}) == 1
    assert half != Period.parse("2026Q1") and half != "2026H1"
    assert max(half, Period.parse("2025H2"), Period.parse("2026")) == Period.parse("2026")
    assert min(half, Period.parse("2025H2")).code == "2025H2"


SPOIL: dict[str, Callable[[dict], object]] = {
    "a score": lambda emitted: emitted["after"].update(value="NaN"),
    "a line of a score": lambda emitted: emitted["before"].update(trace=[{**to_plain(line()), "earned": "-Infinity"}]),
    "a score of the unit's own items": lambda emitted: emitted["own"].update(earned=float("inf")),
    "a score by the unit's answers": lambda emitted: emitted["own_view"].update(coverage=float("nan")),
    "a figure of a check": lambda emitted: emitted["check_results"][0].update(figures={"on_time_rate": "sNaN"}),
    "points of a finding": lambda emitted: emitted["findings"][0].update(points_lost="NaN"),
    "a fact": lambda emitted: emitted["facts"][0].update(measured={"value": "Infinity", "unit": "m"}),
}


def line() -> TraceLine:
    zero = Decimal(0)
    return TraceLine(
        node_id="CP-01",
        parent_id="",
        title="按期办结",
        kind="item",
        depth=0,
        state=FactState.ASSESSED,
        nominal=zero,
        possible=zero,
        should_deduct=zero,
        deducted=zero,
        earned=zero,
    )


@pytest.mark.parametrize("what", SPOIL)
def test_a_result_that_is_no_number_is_refused(what: str) -> None:
    """A broken notebook can emit NaN: it must not become somebody's score."""
    scores = {name: to_plain(make_score()) for name in ("after", "own", "own_view")}
    scores["before"] = to_plain(make_score(stage=Stage.BEFORE))
    found = {"check_results": [to_plain(make_result())], "findings": [to_plain(make_finding())]}
    facts = {"facts": [to_plain(ItemFacts(item_id="CP-01"))], "facts_self": []}
    emitted = {"kind": "paper", "unit": "0010", "period": "2026H1", "domain": "complaints", **scores, **found, **facts}
    emitted["findings"][0]["condition"] = "NaN 和 Infinity 是说明里的字"
    assert parse_result(emitted, "0010", "2026H1")
    SPOIL[what](emitted)
    with pytest.raises(ValueError, match="不是有限数"):
        parse_result(emitted, "0010", "2026H1")
