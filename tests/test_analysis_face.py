"""What `import xiaobao as xb` offers: each name completes, tells in Chinese what it does, and keeps to one's rights."""

from __future__ import annotations

import inspect
import json
import queue
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

import xiaobao as xb
from tests.factories.analysis import analysed_bank
from tests.factories.inspections import PERIOD
from tests.factories.people import acting_as
from tests.factories.rights import BELOW, OTHER, OWN
from xiaobao.errors import InputError, NotAllowed, XiaobaoError
from xiaobao.feature_list import FEATURES
from xiaobao.workbench.workspace import Workbench

# Names through which no record of a unit comes out.
WITHOUT_RECORDS = {"forms", "pages", "views", "emit", "chart_fonts", "new_check"}
# Tables and pickers: tests/test_analysis.py asks each of them.
TABLES = set(FEATURES["analysis"].opens) - WITHOUT_RECORDS
# How every other name is opened, of a unit where it is of one.
OPENERS: dict[str, Callable[[str], object]] = {
    "open_paper": lambda unit: xb.open_paper("complaints", unit=unit or OWN, period=PERIOD),
    "open_scorecard": lambda unit: xb.open_scorecard(unit=unit, period=PERIOD),
    "open_overview": lambda unit: xb.open_overview(period=PERIOD),
    "open_head_office": lambda unit: xb.open_head_office(period=PERIOD),
    "weight_sliders": lambda unit: xb.weight_sliders(xb.open_head_office(period=PERIOD)),
    "open_ledger": lambda unit: xb.open_ledger(period=PERIOD),
    "open_today": lambda unit: xb.open_today(),
    "open_dossier": lambda unit: xb.open_dossier(unit=unit),
    "my_work": lambda unit: xb.my_work(),
    "desk": lambda unit: xb.desk(period=PERIOD),
    "history": lambda unit: xb.history(unit=unit, period=PERIOD),
    "evidence": lambda unit: xb.evidence(unit=unit, period=PERIOD),
    "registers": lambda unit: xb.registers(unit=unit, period=PERIOD),
    "offline": lambda unit: xb.offline(unit=unit, period=PERIOD),
    "samples": lambda unit: xb.samples(unit=unit, period=PERIOD),
    "appraisal": lambda unit: xb.appraisal(unit=unit),
    "filings": lambda unit: xb.filings(unit=unit),
    "visits": lambda unit: xb.visits(unit=unit, period=PERIOD),
}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return analysed_bank(tmp_path_factory.mktemp("face") / "bank")


@pytest.fixture
def as_person(bank: Workbench, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def act(login: str) -> None:
        actor = acting_as(bank, login).actor
        monkeypatch.setattr("xiaobao.workbench.workspace.who_acts", lambda store: actor)
        monkeypatch.setenv("XIAOBAO_HOME", str(bank.home))

    return act


def shown(name: str, unit: str) -> str:
    """Return all that comes out of a name as text: what a page holds, what a value says, or why it refuses."""
    try:
        opened: Any = OPENERS[name](unit)
    except XiaobaoError as error:
        return str(error)
    state = json.dumps(opened.get_state(), default=repr, ensure_ascii=False) if hasattr(opened, "get_state") else ""
    drawn = opened._repr_html_() if hasattr(opened, "_repr_html_") else ""
    return f"{opened!r} {state} {drawn}"


def test_every_name_is_asked_for_by_a_test() -> None:
    assert set(xb.__all__) == WITHOUT_RECORDS | TABLES | set(OPENERS)


@pytest.mark.parametrize("name", sorted(OPENERS))
def test_nothing_of_another_unit_comes_out_of_any_name(
    name: str, bank: Workbench, as_person: Callable[[str], None]
) -> None:
    other = bank.units(PERIOD)[OTHER].name
    as_person("filler")
    for unit in ("", OWN, OTHER):
        told = shown(name, unit).replace(OTHER if unit == OTHER else "\0", "")  # what was asked for may be said again
        assert not re.search(rf"(?<!\d){OTHER}(?!\d)|{other}", told), f"{name}({unit})"


def test_what_head_office_sees_of_a_unit_is_more_than_a_branch_does(
    bank: Workbench, as_person: Callable[[str], None]
) -> None:
    """So that the test above looks for something that is there."""
    other = bank.units(PERIOD)[OTHER].name
    as_person("office")
    assert all(other in shown(name, OTHER) for name in ("open_scorecard", "open_overview", "open_dossier"))
    as_person("filler")
    with pytest.raises((InputError, NotAllowed)):
        xb.open_scorecard(unit=OTHER, period=PERIOD)
    assert bank.units(PERIOD)[BELOW].name in shown("open_overview", "")


@pytest.mark.parametrize("name", sorted(xb.__all__))
def test_help_is_in_chinese(name: str) -> None:
    thing = getattr(xb, name)
    told = thing.getdoc() if hasattr(thing, "getdoc") else inspect.getdoc(thing)
    if name not in {"forms", "pages", "views"}:
        assert re.search(r"[一-鿿]{4}", (told or "").splitlines()[0]), name


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    manager: KernelManager
    manager, client = start_new_kernel(kernel_name="python3")
    client.execute("import xiaobao as xb")
    while client.get_shell_msg(timeout=60)["msg_type"] != "execute_reply":
        continue
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def answer(kernel: Any, sent: str, kind: str) -> dict[str, Any]:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            message = kernel.get_shell_msg(timeout=60)
        except queue.Empty:
            break
        if message["parent_header"].get("msg_id") == sent and message["msg_type"] == kind:
            return dict(message["content"])
    raise AssertionError(f"no {kind}")


def test_the_names_complete_in_a_kernel(kernel: Any) -> None:
    found = answer(kernel, kernel.complete("xb.", 3), "complete_reply")["matches"]
    assert {one.removeprefix("xb.") for one in found} >= set(xb.__all__)
    found = answer(kernel, kernel.complete("xb.tab", 6), "complete_reply")["matches"]
    assert {one.removeprefix("xb.") for one in found} == {"table"}


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("table", "客户信息已化名"),
        ("datasets", "列出有哪些数据"),
        ("findings", "取检查发现"),
        ("try_check", "试算一条检查"),
    ],
)
def test_a_question_mark_shows_chinese_help_in_a_kernel(kernel: Any, name: str, words: str) -> None:
    told = answer(kernel, kernel.inspect(f"xb.{name}", len(f"xb.{name}")), "inspect_reply")
    assert told["found"] and words in told["data"]["text/plain"] and "workspace" in told["data"]["text/plain"]
