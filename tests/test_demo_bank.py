"""The sample bank: what the checks find in its extracts is exactly what was planted, no more and no less."""

from __future__ import annotations

import dataclasses
import re
import secrets
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from tests.factories.extracts import hits
from xiaobao.checks.registry import REGISTRY, CheckContext, run_check
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.importing import read_extract, write_extract
from xiaobao.datasets.partitions import ImportedFile, read_partition, split
from xiaobao.demo.builders import BUILDERS
from xiaobao.demo.extracts import DemoBank, write_bank
from xiaobao.demo.plants import plant
from xiaobao.demo.rows import loan
from xiaobao.demo.sample_bank import bank_units, demo_as_of, demo_periods, desks
from xiaobao.errors import UsageError
from xiaobao.model import CheckResult, CheckStatus, Period, Unit
from xiaobao.policies import Policies

Found = dict[str, list[CheckResult]]


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> DemoBank:
    return write_bank(tmp_path_factory.mktemp("bank"), units=7)


@pytest.fixture(scope="module")
def found(bank: DemoBank, tmp_path_factory: pytest.TempPathFactory) -> Found:
    """Every check over every inspected unit, period by period."""
    folder = tmp_path_factory.mktemp("data")
    imports = _import(bank, folder)
    inspected = [unit for unit in bank.units if unit.inspected]
    results: Found = {}
    for code in bank.periods:
        period = Period.parse(code)
        extracts = split(imports, period, folder / "partitions" / code, [unit.id for unit in bank.units]).made
        frames = {place: read_partition(extract.path) for place, extract in extracts.items()}
        for unit in inspected:
            own = {name: frames.get((unit.id, name), frames.get(("", name))) for name in {n for _, n in frames}}
            context = CheckContext(unit=unit, period=period, as_of=demo_as_of(period), policies=Policies())
            results.setdefault(code, []).extend(run_check(name, name, own, context) for name in REGISTRY)
    return results


def _import(bank: DemoBank, folder: Path) -> list[ImportedFile]:
    key, imports = secrets.token_bytes(32), []
    known = [unit.id for unit in bank.units]
    for dataset, code, path in bank.files:
        period = Period.parse(code)
        imported = read_extract([path], dataset, key=key, period=period, known_units=known)
        written, _ = write_extract(imported, folder / "extracts" / dataset / code)
        imports.append(ImportedFile(dataset=dataset, period=period, path=written))
    return imports


def _planted(bank: DemoBank) -> Counter[tuple[str, str, str, str]]:
    return Counter((plant.check_id, plant.unit, plant.period, plant.key) for plant in bank.plants)


def test_the_leads_are_exactly_what_was_planted(bank: DemoBank, found: Found) -> None:
    leads = Counter(
        (lead.check_id, lead.unit, lead.period, next(iter(lead.record.values())))
        for results in found.values()
        for result in results
        for lead in result.leads
    )
    planted = _planted(bank)
    assert sorted(planted - leads) == [], "planted, not found"
    assert sorted(leads - planted) == [], "found, not planted"


def test_no_check_fails_or_lacks_data(found: Found) -> None:
    odd = {CheckStatus.ERROR, CheckStatus.NO_DATA}
    assert [(r.check_id, r.note) for results in found.values() for r in results if r.status in odd] == []


def test_every_check_has_a_plant_and_a_near_miss_beside_it(bank: DemoBank) -> None:
    from xiaobao.demo.plants import RECIPES

    ours = {name for name in REGISTRY if not name.startswith("departments.")}  # departments keep clean registers
    later = {recipe.check_id for recipe in RECIPES if recipe.since and recipe.since > Period.parse("2026H1").end}
    assert {plant.check_id for plant in bank.plants} == ours - later
    assert {recipe.check_id for recipe in RECIPES} == ours
    assert later == {"disclosure.financing_cost_unstated"}


def test_a_rule_that_starts_after_the_demo_is_planted_in_the_first_period_it_governs() -> None:
    check = "disclosure.financing_cost_unstated"
    of_period = desks(bank_units(12), Period.parse("2026H2"), 0, 1)
    plants, overlay = plant([of_period], 1)
    wanted = {one.key for one in plants if one.check_id == check}
    found: set[str] = set()
    for desk in (one for one in of_period if one.runs("贷款")):
        changes = overlay.get((0, "loans"), {}).get(desk.index, {})
        records = [{**loan(desk, slot), **changes.get(slot, {})} for slot in range(60)]
        assert {True, False} == {record["signed_on"] < date(2026, 8, 1) for record in records}
        cells = {"是": True, "": None}
        rows = [{name: cells.get(cell, cell) for name, cell in record.items()} for record in records]
        found |= set(hits(check, *rows, period="2026H2", as_of=date(2027, 1, 5)))
    assert wanted and found == wanted


def test_every_fault_is_planted_where_an_item_asks_for_it() -> None:
    """A sheet or item that is not for a unit's level or business would leave a planted fault unasked."""
    from xiaobao.checklist.reading import load_checklist, load_regulations
    from xiaobao.scoring import applicability

    folder = Path(__file__).parents[1] / "checklists"
    register = load_regulations(folder / "regulations.yaml")
    sheets = [load_checklist(path, register, frozenset(REGISTRY)) for path in folder.glob("*-2026.*.yaml")]
    asking = {check: (sheet, item) for sheet in sheets for item in sheet.items() for check in item.checks}
    units, periods = bank_units(40), demo_periods(2)
    known = {unit.id: unit for unit in units}
    plants, _ = plant([desks(units, period, turn, 1) for turn, period in enumerate(periods)], 1)
    unasked = {
        (one.check_id, known[one.unit].level, one.period)
        for one in plants
        for sheet, item in [asking[one.check_id]]
        if (sheet.applies_to.levels and known[one.unit].level not in sheet.applies_to.levels)
        or applicability(item, known[one.unit], Period.parse(one.period))
    }
    assert sorted(unasked) == []


def test_each_dataset_has_one_file_a_period(bank: DemoBank) -> None:
    """A register has clean rows of head office and planted rows of units: they go into one file."""
    written = [(dataset, period) for dataset, period, _ in bank.files]
    assert len(written) == len(set(written)) == len({path for *_, path in bank.files})


def test_rules_of_2026_have_no_plants_before_they_were_in_force(bank: DemoBank) -> None:
    early = {plant.check_id for plant in bank.plants if plant.period == "2025H2"}
    assert "suitability.product_above_customer" in early
    assert not early & {
        "suitability.assessments_per_year",
        "suitability.insurance_declaration_missing",
        "special_groups.elderly_high_risk",
        "suitability.no_valid_assessment",
    }


def test_a_unit_that_does_not_run_a_business_gets_not_applicable(bank: DemoBank, found: Found) -> None:
    without = sum("理财" not in unit.businesses for unit in bank.units if unit.inspected)
    seen = [r.status for r in found["2026H1"] if r.check_id == "suitability.product_above_customer"]
    assert without > 0
    assert seen.count(CheckStatus.NOT_APPLICABLE) == without


def test_no_personal_data_survives_the_import(bank: DemoBank, found: Found) -> None:
    shown = " ".join(
        f"{lead.summary} {' '.join(lead.record.values())}"
        for results in found.values()
        for result in results
        for lead in result.leads
    )
    assert "990100" not in shown
    assert "C00" not in shown


@pytest.mark.parametrize("count", [2, 3, 7, 12, 1000, 3000])
def test_the_tree_has_exactly_the_inspected_units_asked_for(count: int) -> None:
    units = bank_units(count)
    inspected = [unit for unit in units if unit.inspected]
    known = {unit.id for unit in units}
    assert len(inspected) == count
    assert len(known) == len(units) == len({unit.name for unit in units})
    assert all(unit.parent in known for unit in units if unit.parent)


def test_a_dozen_units_hold_two_departments_with_a_function_and_without_records() -> None:
    departments = [unit for unit in bank_units(12) if unit.inspected and unit.level == "department"]
    assert [unit.businesses for unit in departments] == [("零售",), ("运营",)]
    at_desks = {desk.unit.id for desk in desks(bank_units(12), Period.parse("2026H1"), 0, 1)}
    assert len(at_desks) == 10
    assert not at_desks & {unit.id for unit in departments}


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    one, two = (write_bank(tmp_path / name, units=2, periods=1, seed=7) for name in ("a", "b"))
    assert one.plants == two.plants
    assert [p.read_bytes() for _, _, p in one.files if p.suffix == ".csv"] == [
        p.read_bytes() for _, _, p in two.files if p.suffix == ".csv"
    ]


def test_earlier_periods_come_before_the_newest() -> None:
    assert [period.code for period in demo_periods(3)] == ["2025H1", "2025H2", "2026H1"]
    assert [demo_as_of(period).isoformat() for period in demo_periods(2)] == ["2026-01-05", "2026-07-05"]


def test_a_bank_of_one_unit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="至少"):
        write_bank(tmp_path, units=1)


def test_units_are_what_the_model_says(bank: DemoBank) -> None:
    assert all(isinstance(unit, Unit) for unit in bank.units)
    assert {unit.level for unit in bank.units} == {"head_office", "department", "branch", "sub_branch", "outlet"}


# What the number of a record begins with; facilities, certificates and partners outlive a period.
LETTERS = {
    "staff": "E", "accounts": "U", "complaints": "TS", "transfers": "ZB", "product_sales": "LC",
    "risk_assessments": "CP", "bancassurance": "BD", "fee_entries": "SF", "promotion_materials": "WL", "loans": "DK",
    "credit_lookups": "ZX", "sms_sends": "DX", "sms_opt_outs": "TD", "facilities": "SS", "counter_duty": "PB",
    "special_services": "TF", "qualifications": "ZG", "recordings": "SL", "credit_objections": "YI",
    "outlet_changes": "BD", "reviews": "SC", "education": "JY", "partners": "HZ", "major_events": "SJ",
}  # fmt: skip


def test_the_number_of_a_record_begins_with_letters_of_its_dataset_and_meets_no_other() -> None:
    """Leads, drafts and pictures name records by them. 保单 and 变动 share letters; their places lie apart."""
    [at, *_] = desks(bank_units(12), demo_periods(1)[0], 0, 1)
    numbers = {
        name: {str(build(at, slot)[DATASETS[name].key[0]]) for slot in range(300)}
        for name, (build, _, _) in BUILDERS.items()
    }
    assert {name: {re.match("[A-Z]*", one)[0] for one in made} for name, made in numbers.items()} == {  # type: ignore[index]
        name: {letters} for name, letters in LETTERS.items()
    }
    assert len(set().union(*numbers.values())) == sum(map(len, numbers.values()))


def test_a_new_recipe_moves_no_other_plant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it stands among the others: each takes its place from a number of its own."""
    from xiaobao.demo import plants as planting

    period = demo_periods(1)[0]
    before, _ = plant([desks(bank_units(12), period, 0, 1)], 1)
    first = planting.RECIPES[0]
    new = dataclasses.replace(first, check_id="disclosure.never_heard_of")
    monkeypatch.setattr(planting, "RECIPES", (new, *reversed(planting.RECIPES)))
    after, _ = plant([desks(bank_units(12), period, 0, 1)], 1)
    assert {one for one in after if one.check_id != new.check_id} == set(before)
    assert any(one.check_id == new.check_id for one in after)
