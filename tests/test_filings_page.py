"""报送 as a page: a unit files there what it was asked for, head office accepts it or sends it back with a reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from tests.factories.answering import PDF
from tests.factories.people import acting_as, entry
from tests.factories.rights import HEAD, OTHER, OWN, rights_bank
from xiaobao.errors import InputError, NotAllowed
from xiaobao.features.filings.page import ALL, FilingsPage
from xiaobao.features.filings.verbs import accept_filing, filings, issue_filings, return_filing
from xiaobao.features.my_work.my_work import my_work
from xiaobao.forms.page_choice import PageChoice
from xiaobao.model import Role, Seat
from xiaobao.workbench.people import PersonEntry
from xiaobao.workbench.workspace import Workbench

SEATS = (Seat(unit=OWN, role=Role.FILLER), Seat(unit=HEAD, role=Role.HEAD_OFFICE))
MAY, HALF = f"monthly|2026-05|{OWN}", f"half-year|2026H1|{OWN}"
NUMBERS = {"受理投诉件数": "1,203", "办结投诉件数": "３", "宣传活动场次": "0", "培训场次": "2"}


@pytest.fixture(scope="module")
def wb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    more = (
        entry("namesake", Role.HEAD_OFFICE, HEAD, "姓名filler"),
        PersonEntry(login="both", name="两任", seats=SEATS),
    )
    wb = rights_bank(tmp_path_factory.mktemp("filings") / "bank", people=more)
    office = acting_as(wb, "office")
    issue_filings(office, "monthly", "2026-05", [OWN, OTHER], date(2026, 6, 5))
    issue_filings(office, "half-year", "2026H1", [OWN], date(2026, 7, 10))
    yield wb
    wb.store.close()


def page(wb: Workbench, login: str, **asked: str) -> FilingsPage:
    return FilingsPage(acting_as(wb, login), PageChoice(**asked))


def acts(shown: FilingsPage) -> dict[str, list[str]]:
    return {str(row["id"]): [one["name"] for one in row["cells"]["acts"]] for row in shown.read_rows(shown._chosen)}  # type: ignore[index]


def press(shown: FilingsPage, name: str, row: str = MAY, file: bytes = b"", **values: object) -> dict[str, object]:
    rows = {str(one["id"]): one for one in shown.read_rows(shown._chosen)}
    asked = {"type": "row", "name": name, "row": row, "revision": rows[row]["revision"], **values}
    if file:
        asked["file"] = "半年报告.pdf"
    return dict(shown.reply(asked, [file] if file else []))


def numbers(**changed: str) -> dict[str, str]:
    return {f"number {name}": text for name, text in {**NUMBERS, **changed}.items()}


def test_the_way_of_a_filing_by_page(wb: Workbench) -> None:
    """Refused with all that is wrong, filed, sent back, filed anew, accepted; each step offered to whom it belongs."""
    filler, office = page(wb, "filler"), page(wb, "office")
    assert acts(filler) == {MAY: ["file"], HALF: ["file"]}
    assert all(not one for one in acts(office).values())  # nothing to decide yet
    with pytest.raises(InputError) as refused:
        press(filler, "file", values=numbers(受理投诉件数="三", 培训场次=""))
    assert len(refused.value.faults) == 2 and "没有发生的填 0" in str(refused.value)
    press(filler, "file", values={**numbers(), "note": "五月"})
    [kept] = filings(wb, "monthly", "2026-05", OWN)
    assert (kept.state, kept.filers, kept.figures["受理投诉件数"]) == ("filed", ("姓名filler",), Decimal(1203))
    assert acts(office)[MAY] == ["accept", "return"]
    with pytest.raises(InputError, match="已被他人更新"):
        office.act_on("accept", MAY, kept.revision - 1, {}, None)
    press(office, "return", values={"words": "投诉件数与台账不符"})
    assert "投诉件数与台账不符" in json.dumps(filler.read_rows(filler._chosen), ensure_ascii=False)
    press(filler, "file", values=numbers())
    press(office, "accept")
    assert acts(filler)[MAY] == [] and filings(wb, "monthly", "2026-05", OWN)[0].state == "accepted"


def test_who_filed_never_accepts_and_a_namesake_may(wb: Workbench) -> None:
    """Two people of one name are two; who filed at the unit and sits in head office as well is one."""
    april = f"monthly|2026-04|{OWN}"
    issue_filings(acting_as(wb, "office"), "monthly", "2026-04", [OWN], date(2026, 5, 5))
    for filer, barred, free in (("filler", (), ("namesake", "both")), ("both", ("both",), ("namesake",))):
        press(page(wb, filer), "file", april, values=numbers())
        for login in free:
            assert {"accept", "return"} <= set(acts(page(wb, login))[april])
        for login in barred:
            assert not {"accept", "return"} & set(acts(page(wb, login))[april])
            with pytest.raises(NotAllowed, match="不能确认自己的报送"):
                accept_filing(acting_as(wb, login), "monthly", "2026-04", OWN)
        return_filing(acting_as(wb, "namesake"), "monthly", "2026-04", OWN, "缺附表")
    press(page(wb, "filler"), "file", april, values=numbers())
    with pytest.raises(NotAllowed, match="自己的报送"):  # who once filed stays barred after somebody else filed anew
        accept_filing(acting_as(wb, "both"), "monthly", "2026-04", OWN)


def test_a_filed_document_is_handed_out_as_it_was_filed_or_not_at_all(wb: Workbench) -> None:
    filler, office = page(wb, "filler"), page(wb, "office", period="2026H1")
    with pytest.raises(InputError, match="须提交报告文件"):
        press(filler, "file", HALF)
    press(filler, "file", HALF, PDF)
    got = press(office, "open", HALF)
    assert (got["type"], got["name"], got["buffers"]) == ("download", "半年报告.pdf", [PDF])
    [one] = filings(wb, "half-year", "2026H1", OWN)
    assert one.document is not None
    place = wb.home / one.document.path
    place.chmod(0o600)
    place.write_bytes(b"%PDF-1.4 other")
    with pytest.raises(InputError, match="与报送时不一致"):
        press(office, "open", HALF)


@pytest.mark.parametrize("login", ["filler", "head"])
def test_a_unit_sees_and_does_nothing_of_another(wb: Workbench, login: str) -> None:
    shown = page(wb, login)
    other = f"monthly|2026-05|{OTHER}"
    assert other not in json.dumps(shown._open(PageChoice()), ensure_ascii=False)
    assert OTHER not in [unit for unit, _ in shown.choices(PageChoice()).units]
    assert "机构不存在" in shown.choices(PageChoice(unit=OTHER)).fault
    for name in ("file", "accept", "return", "open"):
        with pytest.raises(InputError, match="没有这项报送"):
            shown.act_on(name, other, 1, numbers(), None)
    with pytest.raises(NotAllowed):
        shown.act_on("accept", HALF, filings(wb, "half-year", "2026H1", OWN)[0].revision, {}, None)


def test_who_has_no_right_to_filings_is_told_why_and_shown_nothing(wb: Workbench) -> None:
    shown = page(wb, "reviewer")
    state = shown._open(PageChoice())
    assert state["rows"] == [] and state["fault"]


def test_my_work_leads_to_the_page_of_what_is_still_to_be_filed(wb: Workbench) -> None:
    issue_filings(acting_as(wb, "office"), "monthly", "2026-06", [OWN], date(2026, 7, 5))
    found = my_work(acting_as(wb, "filler"))
    [part] = [one for one in found.parts if one.kind == "filing"]
    assert [line.address for line in part.lines] == [f"filings.ipynb?unit={OWN}&period=2026-06"]
    shown = page(wb, "filler", unit=OWN, period="2026-06")
    assert list(acts(shown)) == [f"monthly|2026-06|{OWN}"]
    assert page(wb, "filler", period="1999H1")._chosen.period == ALL
