"""加减分 of an inspection scheme: entered with day, reason and evidence, told with the total, taken back exactly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import convert
from msgspec.structs import replace
from typer.testing import CliRunner

from tests.factories.inspections import DOMAIN, FILLER, PERIOD, UNIT, checklist, empty_score, tiny_workspace
from tests.factories.people import acting_as, entry, register
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Scheme
from xiaobao.cli.app import app
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.history.history_lines import history_entries
from xiaobao.model import PoolEntry, Role, Score, Stage
from xiaobao.scorecard import Scorecard, build_card
from xiaobao.scoring import explain
from xiaobao.workbench.inspections.bonuses import record_entry, unit_entries, withdraw_entry
from xiaobao.workbench.results.cards import CardFreezer
from xiaobao.workbench.workspace import Workbench, open_workbench

PRAISE = PoolEntry(
    pool="P1", points=Decimal(3), what="监管通报表扬", day=date(2026, 3, 1), evidence=("通报.pdf",), fact="表扬"
)
NAME = "加减分批次"


@pytest.fixture
def wb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """A bank whose scheme has one pool, from -5 to +2, and one unit with a score of 90."""
    home = tiny_workspace(tmp_path / "bank")
    monkeypatch.setenv("XIAOBAO_HOME", str(home))
    bench = open_workbench(home, FILLER)
    plan = convert(
        {
            "id": "with-pool",
            "version": "1",
            "title": "自查评分",
            "weights": {DOMAIN: 100},
            "grades": [{"id": "A", "label": "优秀", "at_least": 0}],
            "rollup": {"own": 1},
            "pools": [{"id": "P1", "title": "加减分", "minimum": -5, "maximum": 2}],
        },
        Scheme,
    )
    sheet = checklist(3)
    with bench.store.writing(bench.actor) as tx:
        tx.publish("scheme", plan.id, plan.version, canonical(plan))
        found = tx.add_campaign(NAME, PERIOD, (plan.id, plan.version), {DOMAIN: (sheet.id, sheet.version)})
        tx.ensure_inspections(found.id, [(UNIT, DOMAIN)])
    record = bench.store.inspection(found.id, UNIT, DOMAIN)
    assert record is not None
    scores = [_ninety(stage) for stage in (Stage.BEFORE, Stage.AFTER)]
    with bench.store.writing(bench.actor) as tx:
        tx.record_result(record.id, "d" * 64, *scores, (), ())
    yield bench
    bench.store.close()


def _ninety(stage: Stage) -> Score:
    worth = {"value": Decimal(90), "grade": "A", "possible": Decimal(100), "earned": Decimal(90)}
    return replace(empty_score(stage), coverage=Decimal(100), provisional=False, **worth)


def card(wb: Workbench) -> Scorecard:
    freezer = CardFreezer(wb, wb.campaign(PERIOD, NAME))
    return build_card(freezer.card(freezer.units[0]).card)


def test_an_entry_counts_within_its_pool_is_explained_and_goes_without_a_trace_in_the_score(wb: Workbench) -> None:
    before = card(wb).total
    record_entry(wb, wb.campaign(PERIOD, NAME), UNIT, PRAISE)
    held = card(wb).total
    assert (before.value, held.value) == (Decimal(90), Decimal(92))
    with pytest.raises(InputError, match="撤销原因太长"):
        withdraw_entry(wb, wb.campaign(PERIOD, NAME), UNIT, "1", "长" * 201)
    assert card(wb).total == held
    told = "".join(explain(held, "P1")[0]) + str([line.reason for line in held.trace])
    assert "2026-03-01，监管通报表扬" in told
    withdraw_entry(wb, wb.campaign(PERIOD, NAME), UNIT, "1", "通报已撤销")
    assert card(wb).total == before
    [one] = unit_entries(wb, wb.campaign(PERIOD, NAME))
    assert one.withdrawn == "通报已撤销"
    acts = [(one.act, one.reason) for one in history_entries(wb, wb.campaign(PERIOD, NAME), unit=UNIT)]
    assert [act for act, _ in acts[:2]] == ["撤回", "登记"]


def test_all_that_is_wrong_with_an_entry_is_named_at_once_and_nothing_is_kept(wb: Workbench) -> None:
    wrong = PoolEntry(pool="P9", points=Decimal(0), what="", day=date(2027, 1, 1))
    with pytest.raises(InputError) as refused:
        record_entry(wb, wb.campaign(PERIOD, NAME), "0999", wrong)
    said = str(refused.value)
    assert all(words in said for words in ("没有这个加减分项", "不在检查期间", "佐证材料", "没有这个被检查机构"))
    assert unit_entries(wb, wb.campaign(PERIOD, NAME)) == ()
    with pytest.raises(InputError, match="没有在生效的这一条"):
        withdraw_entry(wb, wb.campaign(PERIOD, NAME), UNIT, "1", "有误")


def test_a_scheme_without_pools_takes_no_entry(wb: Workbench) -> None:
    with pytest.raises(InputError, match="没有这个加减分项"):
        record_entry(wb, wb.store.campaigns(PERIOD)[0], UNIT, PRAISE)


def test_head_office_enters_and_a_unit_does_not(wb: Workbench) -> None:
    register(wb, entry("tian", Role.FILLER, UNIT), entry("zong", Role.HEAD_OFFICE, "01"))
    with pytest.raises(NotAllowed):
        record_entry(acting_as(wb, "tian"), wb.campaign(PERIOD, NAME), UNIT, PRAISE)
    made = record_entry(acting_as(wb, "zong"), wb.campaign(PERIOD, NAME), UNIT, PRAISE)
    assert made.number == "1"


def test_the_command_enters_lists_and_takes_back(wb: Workbench) -> None:
    place = ("--period", PERIOD, "--campaign", NAME)
    mine = (*place, "--unit", UNIT)
    run = CliRunner().invoke
    asked = ("--pool", "P1", "--reason", "迟报", "--day", "2026-04-02", "--evidence", "催报单")
    assert "第 1 条加减分：-1.5 分" in run(app, ["bonus", "add", *mine, "--points", "-1.5", *asked]).output
    assert "迟报" in run(app, ["bonus", "list", *place]).output
    assert run(app, ["bonus", "withdraw", *mine, "--number", "1", "--reason", "已按时补报"]).exit_code == 0
    assert "已撤销：已按时补报" in run(app, ["bonus", "list", *place]).output
    assert run(app, ["bonus", "add", *mine, "--points", "多", *asked]).exception
