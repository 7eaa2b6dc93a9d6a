"""A bank for the analysts' bench: four units with data, answers, leads and results, somebody for each role."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.factories import tables
from tests.factories.answering import record_card, record_paper
from tests.factories.imported import Row, row
from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.people import acting_as
from tests.factories.poison import MOBILE
from tests.factories.rights import BELOW, LATER, OTHER, OWN, SOMEBODY, Doors, rights_bank
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.model import Actor, Conclusion, Response
from xiaobao.workbench.cutting import partitions
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import Workbench

# Whose rows lie in one file of the bank.
REGISTER = "education"
PLACES = (OWN, OWN, BELOW, OTHER, OTHER)


def analysed_bank(home: Path) -> Workbench:
    """Make the bank: two complaints at 0101, one at its sub-branch, two at 0102; no notebook is run."""
    wb = rights_bank(home)
    days = ("2026-01-05", "2026-02-05", "2026-03-05", "2026-04-05", "2026-05-05")
    fields = [{"received_on": day, "claim": f"退费，联系{MOBILE}"} for day in days]
    bring(wb, "complaints", [of("complaints", n, unit, **fields[n]) for n, unit in enumerate(PLACES)])
    for name in ("product_sales", REGISTER):
        bring(wb, name, [of(name, n, unit) for n, unit in enumerate(PLACES)])
    bring(wb, "price_list", [of("price_list", 1)])
    office = acting_as(wb, "office")
    for period in (PERIOD, LATER):
        partitions(office, period)
    doors = Doors(wb)
    for unit in (OWN, BELOW, OTHER):
        doors.prepare("lead.answer", unit)
        answered(wb, doors, unit)
        record_paper(office, unit, PERIOD)
        record_card(office, unit, PERIOD)
    return wb


def of(dataset: str, number: int, unit: str = "", **given: str) -> Row:
    """A row of a dataset at a unit."""
    return row(dataset, number, **({DATASETS[dataset].unit: unit} if unit else {}), **given)


def bring(wb: Workbench, dataset: str, rows: Sequence[Mapping[str, str]], period: str = PERIOD) -> None:
    """Import rows (by code name) as the administrator."""
    names = list(dict.fromkeys(name for one in rows for name in one))
    heads = [DATASETS[dataset].column(name).title for name in names]
    path = tables.write_csv(wb.home, [heads, *([one.get(name, "") for name in names] for one in rows)])
    import_extract(acting_as(wb, "admin"), dataset, [path], period)


def answered(wb: Workbench, doors: Doors, unit: str) -> None:
    """Answer, hand in and review the unit's sheet; its first item is not met."""
    doors.state(unit, "returned")
    record = wb.store.inspection(doors.campaign.id, unit, DOMAIN)
    assert record is not None
    said = wb.store.responses(record.id)["c-01"]
    wrong = Response(
        item_id="c-01", conclusion=Conclusion.NON_COMPLIANT, reason=f"缺两笔，{MOBILE}", revision=said.revision
    )
    with wb.store.writing(SOMEBODY) as tx:
        tx.save_responses(record.id, [wrong])
    for actor, state in ((SOMEBODY, "submitted"), (Actor(name="复核人", verified=True), "reviewed")):
        seen = wb.store.inspection(doors.campaign.id, unit, DOMAIN)
        assert seen is not None
        with wb.store.writing(actor) as tx:
            tx.set_state(record.id, state, seen.revision)
