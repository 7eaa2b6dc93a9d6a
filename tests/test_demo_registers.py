"""The sample bank's registers import clean, hold what was planted, and its complaints hold one cluster."""

from __future__ import annotations

import pytest

from tests.factories.tables import KEY
from xiaobao.datasets.extracts import ImportedFile
from xiaobao.datasets.importing import read_extract, write_extract
from xiaobao.datasets.partitions import standing_rows
from xiaobao.datasets.registers import REGISTERS
from xiaobao.demo.extracts import write_bank
from xiaobao.demo.sample_bank import demo_as_of
from xiaobao.features.registers.events import ComplaintCluster, clusters
from xiaobao.features.registers.figures import RegisterFigures
from xiaobao.features.registers.reckoning import register_figures
from xiaobao.model import Period
from xiaobao.settings import Alarms

SPAN = Period.parse("2026H1")


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> tuple[RegisterFigures, tuple[ComplaintCluster, ...]]:
    folder = tmp_path_factory.mktemp("bank")
    bank = write_bank(folder, units=8, periods=1)
    wanted = {register.name for register in REGISTERS} | {"complaints"}
    known = [unit.id for unit in bank.units]
    files = []
    for dataset, code, path in bank.files:
        if dataset in wanted:
            imported = read_extract([path], dataset, key=KEY, period=Period.parse(code), known_units=known)
            assert imported.notices == ()
            files.append(ImportedFile(dataset=dataset, period=SPAN, path=write_extract(imported, folder / dataset)[0]))
    frames = {register.name: standing_rows(files, register.name, SPAN) for register in REGISTERS}
    inspected = [unit.id for unit in bank.units if unit.inspected]
    figures = register_figures(frames, SPAN, demo_as_of(SPAN), inspected, Alarms())
    ledger = standing_rows(files, "complaints", SPAN)
    assert ledger is not None
    return figures, clusters(ledger, Alarms())


def test_every_register_is_there_with_what_was_planted(
    read: tuple[RegisterFigures, tuple[ComplaintCluster, ...]],
) -> None:
    figures, _ = read
    assert figures.missing == ()
    assert figures.reviews and figures.reviews.early and figures.reviews.total > len(figures.reviews.early)
    assert figures.education and figures.education.with_ads
    assert figures.partners and figures.partners.unfit == ("HZ003",)
    assert figures.major_events and "SJ26010001" in figures.major_events.late and figures.major_events.drills == 1
    assert figures.work_plan and figures.work_plan.by_state["逾期未完成"] == 2
    assert figures.mediation and figures.mediation.without_complaint


def test_the_complaints_hold_one_cluster_over_several_units(
    read: tuple[RegisterFigures, tuple[ComplaintCluster, ...]],
) -> None:
    _, [cluster] = read
    assert (cluster.product, cluster.unit, cluster.people) == ("手机银行转账", "", 8)
