"""Bad input of people: refused in words, nothing half-done. At the server's door: tests/browser/test_sign_in.py."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories.kept import new_workspace
from tests.factories.people import acting_as
from tests.factories.rights import LATER, NAME, OTHER, OWN, Doors, _form, fingerprint, rights_bank
from xiaobao.errors import NotAllowed, StaleRevision
from xiaobao.features.my_work.digest import digests
from xiaobao.features.my_work.my_work import my_work
from xiaobao.model import Conclusion, Response
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.people import list_people
from xiaobao.workbench.workspace import Workbench

DOMAIN = "complaints"
MERGED = (
    "机构号,机构名称,层级,上级机构号,地区,业务开办清单,是否检查对象\n"
    "01,总行,总行,,,储蓄,否\n010101,城关分理处,网点,0102,城关,储蓄,是\n0102,河西支行,支行,01,河西,储蓄,是\n"
)


@pytest.fixture
def doors(tmp_path: Path) -> Iterator[Doors]:
    bench = rights_bank(tmp_path / "bank")
    yield Doors(bench)
    bench.store.close()


def answer(wb: Workbench, unit: str, period: str, name: str) -> None:
    form = filling.open_form(wb, unit, period, DOMAIN, name)
    said = Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note="查阅了登记簿")
    filling.answer(wb, form, said, form.items["c-01"].response.revision)


def test_a_person_of_a_merged_unit_is_told_so_and_what_he_had_done_stays(doors: Doors) -> None:
    """0101 went into 0102 in the second half-year: its filler finishes the first, and fills nothing of 0102."""
    (doors.wb.home / "units.csv").write_text(MERGED, "utf-8")
    import_extract(acting_as(doors.wb, "admin"), "units", [doors.wb.home / "units.csv"], LATER)
    mine = acting_as(doors.wb, "filler")
    answer(mine, OWN, "2026H1", NAME)
    before = fingerprint(doors.wb)
    for unit in (OTHER, OWN):
        with pytest.raises((NotAllowed, filling.InputError)) as refused:
            answer(mine, unit, LATER, "复查")
        assert ("0101 已不在机构名单中（撤并），请系统管理员更新任职" in str(refused.value)) == (unit == OTHER)
    [waiting] = my_work(mine).parts
    assert [line.address for line in waiting.lines] == ["fill.ipynb?unit=0101&period=2026H1&domain=complaints"]
    assert {one.login for one in digests(acting_as(doors.wb, "admin"))} >= {"office"}
    assert fingerprint(doors.wb) == before
    states = {row.person.login: row.state for row in list_people(acting_as(doors.wb, "admin"))}
    assert (states["filler"], states["office"]) == ("机构已撤并：0101", "在用")


def test_a_form_sent_again_stores_nothing_twice(doors: Doors) -> None:
    """The same save once more, as a browser that repeats it: refused as old, with what stands now."""
    mine = acting_as(doors.wb, "filler")
    form = _form(mine, OWN)
    said = Response(item_id="c-01", conclusion=Conclusion.COMPLIANT, note="查阅了登记簿")
    filling.answer(mine, form, said, 0)
    before = fingerprint(doors.wb)
    with pytest.raises(StaleRevision):
        filling.answer(mine, form, said, 0)
    assert fingerprint(doors.wb) == before


def test_another_user_of_the_machine_reads_neither_store_nor_secrets(tmp_path: Path) -> None:
    wb = new_workspace(tmp_path / "bank", "样例银行")
    modes = {name: stat.S_IMODE((wb.home / name).stat().st_mode) for name in ("xiaobao.sqlite", "secrets")}
    assert modes == {"xiaobao.sqlite": 0o600, "secrets": 0o700}
    wb.store.close()
