"""A campaign names its units and dates, is renamed and deleted while empty, and closed: then its results are final."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from command_reference import commands
from msgspec import structs
from typer.testing import CliRunner

from tests.factories import tables
from tests.factories.answering import hand_in, record_card, record_paper
from tests.factories.inspections import (
    DOMAIN,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    checklist,
    raise_two_leads,
    tiny_workspace,
    workbench,
)
from xiaobao.batch.run import run_campaign
from xiaobao.checklist.canonical import canonical
from xiaobao.checklist.models import Veto
from xiaobao.cli.app import app
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.complaints.reading import hot_units, open_ledger
from xiaobao.forms.filling import FillForm
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Disposition, VetoEvent
from xiaobao.pages.overview import board_data
from xiaobao.pages.views.ranking import ranking_table
from xiaobao.terminal.output import CAMPAIGN_HELP
from xiaobao.workbench.campaigns import (
    CampaignScope,
    create_campaign,
    delete_campaign,
    inspected_units,
    rename_campaign,
    reopen_campaign,
)
from xiaobao.workbench.from_workspace import open_overview, open_scorecard
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.inspections import signing
from xiaobao.workbench.inspections.vetoes import record_veto, withdraw_veto
from xiaobao.workbench.leads import decide_lead
from xiaobao.workbench.places import campaign_folder
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.movements import movements
from xiaobao.workbench.results.questions import ask_questions
from xiaobao.workbench.results.reading import overview, stale_cards
from xiaobao.workbench.results.resolving import close_campaign
from xiaobao.workbench.workspace import Workbench

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"
# What belongs to a period itself and to none of its campaigns: data, registers, samples, visits, an appraisal, filings.
OF_THE_PERIOD = {
    "import",
    "campaign create",
    "people propose",
    "appraisal appeal",
    "appraisal finalise",
    "appraisal show",
    "appraisal entry add",
    "appraisal entry withdraw",
    "appraisal entry list",
    "registers show",
    "registers alarms",
    "filings issue",
    "filings file",
    "filings return",
    "filings accept",
    "filings remind",
    "filings list",
    "filings merge",
    "registers amend",
    "registers enter",
    "registers withdraw",
    "sample list",
    "visit change",
    "visit new",
    "visit request",
}


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"), INSPECTOR)
    yield bench
    bench.store.close()


def test_every_command_that_takes_a_period_takes_a_campaign_alike() -> None:
    """The help of each says when it is needed; what is of the period itself is named above."""
    asked = {
        " ".join(words): {option.name: getattr(option, "help", "") for option in command.params}
        for words, command in commands()
    }
    with_period = {name for name, options in asked.items() if "period" in options}
    assert {name for name in with_period if asked[name].get("campaign") != CAMPAIGN_HELP} == OF_THE_PERIOD
    assert {name for name, options in asked.items() if "campaign" in options and "period" not in options} == set()


def test_a_campaign_names_its_units_and_its_dates(wb: Workbench) -> None:
    dates = {"opens": date(2026, 7, 1), "closes": date(2026, 7, 31)}
    one = create_campaign(wb, "一家", PERIOD, scope=CampaignScope(units=(OTHER,), **dates))
    assert [unit.id for unit in inspected_units(wb, one)] == [OTHER]
    [stored] = [found for found in wb.store.campaigns(PERIOD) if found.name == "一家"]
    assert (stored.opens, stored.closes) == (dates["opens"], dates["closes"])
    below = create_campaign(wb, "下级", PERIOD, scope=CampaignScope(under="01", levels=("sub_branch",)))
    assert {unit.id for unit in inspected_units(wb, below)} == {UNIT, OTHER}
    with pytest.raises(InputError) as raised:
        create_campaign(wb, "错", PERIOD, scope=CampaignScope(units=("01", "ZZ"), levels=("x",)))
    assert {fault.value for fault in raised.value.faults} == {"01", "ZZ", "x"}
    with pytest.raises(InputError, match="早于"):
        create_campaign(wb, "错", PERIOD, scope=CampaignScope(opens=date(2026, 8, 1), closes=date(2026, 7, 31)))


def test_a_campaign_takes_the_units_where_complaints_rose(wb: Workbench) -> None:
    """投诉热点机构: by the very test that the page of the ledger shows; fixed when the campaign is opened."""
    with pytest.raises(InputError, match="没有投诉台账"):
        hot_units(wb, PERIOD)
    head = ["投诉编号", "机构号", "受理日期", "业务类别"]
    cases = {("2025-03-03", UNIT): 5, ("2025-03-03", OTHER): 8, ("2026-03-03", UNIT): 40, ("2026-03-03", OTHER): 8}
    for year, period in (("2025", "2025H1"), ("2026", PERIOD)):
        rows = [
            [f"T{year}{unit}{n}", unit, day, "借记卡"]
            for (day, unit), count in cases.items()
            if day.startswith(year)
            for n in range(count)
        ]
        if period != PERIOD:
            register = wb.home / "units.csv"
            import_extract(wb, "units", [register], period)
        import_extract(wb, "complaints", [tables.write_csv(wb.home, [head, *rows])], period)
    assert hot_units(wb, PERIOD) == (UNIT,)
    run = CliRunner(env={"XIAOBAO_HOME": str(wb.home)})
    made = run.invoke(
        app, ["campaign", "create", "热点专项", "--period", PERIOD, "--kind", "special", "--hot-spots", PERIOD]
    )
    assert made.exit_code == 0, made.output
    assert f"按 {PERIOD} 台账投诉热点检查 1 家：{UNIT}" in made.output
    campaign = wb.campaign(PERIOD, "热点专项")
    assert (campaign.units, campaign.basis) == ((UNIT,), f"{PERIOD} 台账投诉热点")
    listed = json.loads(run.invoke(app, ["campaign", "list", "--json"]).output)
    assert [one["basis"] for one in listed if one["name"] == "热点专项"] == [f"{PERIOD} 台账投诉热点"]
    both = ["campaign", "create", "再一批", "--period", PERIOD, "--unit", OTHER, "--hot-spots", PERIOD]
    refused = run.invoke(app, both)
    assert refused.exit_code == 1 and "没有符合条件的被检查机构" in str(refused.exception)


def test_several_campaigns_of_a_period_are_told_apart_on_every_page(wb: Workbench) -> None:
    """A page that was asked for nothing opens the last one and says which; an address names any of them."""
    hand_in(wb, PERIOD)
    record_paper(wb, UNIT, PERIOD)
    first = wb.campaign(PERIOD)
    create_campaign(wb, "现场检查", PERIOD, kind="regular")
    home = str(wb.home)
    newest, older = (
        open_overview(period="", workspace=home),
        open_overview(period=f"{PERIOD}/{first.name}", workspace=home),
    )
    assert (newest.campaign, older.campaign) == ("现场检查", first.name)
    assert f"{PERIOD} 现场检查" in repr(ranking_table(newest))
    assert board_data(older)["address"] == {"period": PERIOD, "campaign": first.name}
    card = open_scorecard(unit=UNIT, period=f"{PERIOD}/{first.name}", workspace=home)
    assert card.unit.id == UNIT
    assert open_ledger(period=f"{PERIOD}/{first.name}", workspace=home) is None
    kept = open_overview(period=PERIOD, workspace=home)  # an address of the day when the period had one campaign
    assert kept.campaign == "现场检查", "neither has a scorecard: the newest"
    assert (
        FillForm(wb, PageChoice(unit=UNIT, period=f"{PERIOD}/{first.name}", domain=DOMAIN)).state["head"]["state"]
        == "submitted"
    )
    for name, fields in {"overview": {"period"}, "head_office": {"period"}, "6_scorecard": {"unit", "period"}}.items():
        cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))["cells"]
        said = "".join("".join(cell["source"]) for cell in cells)
        assert "page_parameters(" in said and all(f"{field}={field}" in said for field in fields)


def test_a_campaign_is_renamed_and_deleted_while_nothing_was_written_for_it(wb: Workbench) -> None:
    made = create_campaign(wb, "二批", PERIOD)
    folder = campaign_folder(wb.home, made)
    renamed = rename_campaign(wb, made, "第二批")
    assert (renamed.name, campaign_folder(wb.home, renamed)) == ("第二批", folder)
    with pytest.raises(InputError, match="同名"):
        rename_campaign(wb, renamed, "2026上半年自查")
    with pytest.raises(InputError, match="原因"):
        delete_campaign(wb, renamed, " ")
    delete_campaign(wb, renamed, "重复建立")
    assert [one.name for one in wb.store.campaigns(PERIOD)] == ["2026上半年自查"]
    again = create_campaign(wb, "第二批", PERIOD)
    assert again.id > made.id, "a folder is never used twice"
    assert wb.store.verify() == []

    first = wb.campaign(PERIOD, "2026上半年自查")
    hand_in(wb, f"{PERIOD}/{first.name}")
    for act in (lambda: rename_campaign(wb, first, "新名"), lambda: delete_campaign(wb, first, "不要了")):
        with pytest.raises(NotAllowed, match="已有填报"):
            act()


def test_after_closing_nothing_moves_until_it_is_reopened_with_approval(wb: Workbench) -> None:
    """终稿: no lead, no veto, no return, and new data only ask."""
    leads = raise_two_leads(wb)
    hand_in(wb, PERIOD)
    record_paper(wb, UNIT, PERIOD)
    before = wb.store.results(wb.campaign(PERIOD).id)
    closed = close_campaign(wb, wb.campaign(PERIOD))
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    for act in (
        lambda: decide_lead(wb, leads[0].id, Disposition.CONFIRMED, "属实", 0),
        lambda: signing.give_back(wb, form, "重填"),
        lambda: signing.review(wb, form),
        lambda: close_campaign(wb, wb.campaign(PERIOD)),
    ):
        with pytest.raises(NotAllowed, match=r"已结束|已经结束"):
            act()
    rows = [["投诉编号", "机构号", "受理日期", "处理决定日期"], ["T9", UNIT, "2026-01-05", "2026-04-01"]]
    import_extract(wb, "complaints", [tables.write_csv(wb.home, rows)], PERIOD)
    summary = run_campaign(wb, closed)
    assert summary.final and summary.questions == 1 and "终稿" in summary.text()
    assert wb.store.results(closed.id) == before

    for reason, approver in (("", "王五"), ("有误", ""), ("有误", INSPECTOR.name)):
        with pytest.raises(InputError):
            reopen_campaign(wb, closed, reason, approver)
    opened = reopen_campaign(wb, closed, "复核有误", "王五")
    assert (opened.state, opened.approved_by) == ("open", "王五")
    told = json.loads(wb.store.events(1, object=f"campaign:{closed.id}")[0].payload or "")
    assert (told["reason"], told["approved_by"]) == ("复核有误", "王五")
    decide_lead(wb, leads[0].id, Disposition.CONFIRMED, "属实", 0)
    assert wb.store.verify() == []


def test_a_campaign_with_open_questions_is_not_closed(wb: Workbench) -> None:
    hand_in(wb, PERIOD)
    rows = [["投诉编号", "机构号", "受理日期", "处理决定日期"], ["T9", UNIT, "2026-01-05", "2026-04-01"]]
    import_extract(wb, "complaints", [tables.write_csv(wb.home, rows)], PERIOD)
    ask_questions(Freezer(wb, wb.campaign(PERIOD)))
    with pytest.raises(NotAllowed, match="数据更新") as raised:
        close_campaign(wb, wb.campaign(PERIOD))
    assert raised.value.faults[0].item == f"{UNIT} {DOMAIN}"


def test_a_veto_put_and_withdrawn_is_told_with_before_and_after(wb: Workbench) -> None:
    veto = Veto(id="v-false", event="提供虚假材料", target=DOMAIN, effect="zero")
    sheet = structs.replace(checklist(), version="2026.2", vetoes=(veto,))
    with wb.store.writing(wb.actor) as tx:
        tx.publish("checklist", sheet.id, sheet.version, canonical(sheet))
    campaign = create_campaign(wb, "否决", PERIOD, chosen=[(sheet.id, sheet.version)])
    here = f"{PERIOD}/{campaign.name}"
    hand_in(wb, here)
    record_paper(wb, UNIT, here)
    scored = wb.store.results(campaign.id)[UNIT, DOMAIN].after.value
    assert scored is not None and scored > 0
    record_veto(
        wb,
        campaign,
        UNIT,
        VetoEvent(veto_id=veto.id, day=date(2026, 5, 1), description="补造登记簿", evidence=("认定书",)),
    )
    record_paper(wb, UNIT, here)
    withdraw_veto(wb, campaign, UNIT, veto.id, "查无实据")
    record_paper(wb, UNIT, here)
    put, taken = movements(wb.store, campaign)
    assert (put.before, put.after, taken.before, taken.after) == (scored, 0, 0, scored)
    assert put.acts == (f"一票否决（{INSPECTOR.name}）：补造登记簿",)
    assert taken.acts == (f"撤销一票否决（{INSPECTOR.name}）：查无实据",)


def test_a_card_behind_its_results_is_marked_until_it_is_made_anew(wb: Workbench) -> None:
    """As after `run --domain`: the overview never shows the old total as if it were the answer."""
    rows = [["投诉编号", "机构号", "受理日期", "处理决定日期"], ["T9", UNIT, "2026-01-05", "2026-04-01"]]
    import_extract(wb, "complaints", [tables.write_csv(wb.home, rows)], PERIOD)
    hand_in(wb, PERIOD)
    record_paper(wb, UNIT, PERIOD)
    record_card(wb, UNIT, PERIOD)
    campaign = wb.campaign(PERIOD)
    record_paper(wb, UNIT, PERIOD)
    assert stale_cards(wb, campaign) == (), "the same answer again is no other answer"

    [lead] = wb.store.leads(campaign.id, UNIT)
    decide_lead(wb, lead.id, Disposition.CONFIRMED, "经核属实", 0)
    record_paper(wb, UNIT, PERIOD)
    assert stale_cards(wb, campaign) == (UNIT,)
    shown = overview(wb, PERIOD)
    [row] = [row for row in shown.rows if row.unit.id == UNIT]
    assert any("未更新" in note and UNIT in note for note in shown.notes) and "最新得分表" in row.missing

    record_card(wb, UNIT, PERIOD)
    assert stale_cards(wb, campaign) == ()
    assert not any("未更新" in note for note in overview(wb, PERIOD).notes)
    [sheet, total] = movements(wb.store, campaign)
    assert (sheet.domain, total.domain, total.acts) == (DOMAIN, "", (f"疑点认定（{INSPECTOR.name}）：经核属实",))
