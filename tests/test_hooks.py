"""A bank's own package takes part by entry points: it may refuse before an act, and changes nothing after one."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType

import pytest
from msgspec import structs

from tests.factories.inspections import PERIOD, UNIT, checklist, tiny_workspace, workbench
from tests.factories.poison import MOBILE
from xiaobao.batch.run import _Writer
from xiaobao.checklist.canonical import sha256
from xiaobao.checklist.writing import to_yaml
from xiaobao.errors import InputError, NotAllowed
from xiaobao.model import RunStatus, utc_now
from xiaobao.store.models import RunRecord
from xiaobao.workbench import hooks
from xiaobao.workbench.results.resolving import close_campaign
from xiaobao.workbench.versions.publishing import publish_all
from xiaobao.workbench.workspace import Workbench

Hook = Callable[[object], object]


@pytest.fixture
def wb(tmp_path: Path) -> Iterator[Workbench]:
    bench = workbench(tiny_workspace(tmp_path / "bank"))
    yield bench
    bench.store.close()


@pytest.fixture
def hooked(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Hook], None]:
    """Declare a hook as an installed package does."""
    module = ModuleType("bank_hooks")
    monkeypatch.setitem(sys.modules, "bank_hooks", module)
    found: list[EntryPoint] = []
    monkeypatch.setattr(hooks, "entry_points", lambda group: [one for one in found if one.group == group])

    def declare(place: str, hook: Hook) -> None:
        name = f"hook{len(found)}"
        setattr(module, name, hook)
        found.append(EntryPoint(place, f"bank_hooks:{name}", hooks.GROUP))

    return declare


def drafted(wb: Workbench, version: str) -> None:
    sheet = structs.replace(checklist(3), version=version)
    (wb.home / "checklists" / f"{sheet.id}-{version}.yaml").write_text(to_yaml(sheet), "utf-8")


def versions(wb: Workbench) -> set[str]:
    return {one.version for one in wb.store.list_published("checklist")}


def refuses(event: object) -> None:
    raise ValueError(f"没有经过合规会签，问 {MOBILE}")


def test_a_hook_sees_what_is_to_be_published_and_only_what_is_new(
    wb: Workbench, hooked: Callable[[str, Hook], None]
) -> None:
    seen: list[hooks.Publication] = []
    hooked(hooks.BEFORE_PUBLISH, seen.append)  # type: ignore[arg-type]
    drafted(wb, "9.1")
    publish_all(wb, wb.home / "checklists")
    one = next(event for event in seen if event.version == "9.1")
    assert (one.kind, one.id) == ("checklist", checklist(3).id)
    assert one.content["title"] == checklist(3).title and sha256(structs.replace(checklist(3), version="9.1"))
    seen.clear()
    publish_all(wb, wb.home / "checklists")
    assert seen == []


def test_a_hook_may_refuse_and_then_nothing_is_published(wb: Workbench, hooked: Callable[[str, Hook], None]) -> None:
    hooked(hooks.BEFORE_PUBLISH, refuses)
    drafted(wb, "9.1")
    before = versions(wb)
    with pytest.raises(
        NotAllowed, match=r"before_publish（bank_hooks:hook0） 拒绝：ValueError 没有经过合规会签"
    ) as error:
        publish_all(wb, wb.home / "checklists")
    assert MOBILE not in str(error.value) and versions(wb) == before


@pytest.mark.parametrize("hook", [refuses, lambda event: sys.exit(3), lambda event: event.no_such_field])
def test_a_hook_that_fails_after_closing_is_told_and_the_campaign_stays_closed(
    wb: Workbench, hooked: Callable[[str, Hook], None], hook: Hook
) -> None:
    told: list[str] = []
    seen: list[hooks.Closed] = []
    hooked(hooks.AFTER_CLOSE, hook)
    hooked(hooks.AFTER_CLOSE, seen.append)  # type: ignore[arg-type]
    close_campaign(wb, wb.campaign(PERIOD), "到期", told.append)
    assert wb.campaign(PERIOD).state == "closed"
    assert [(one.period, one.reason) for one in seen] == [(PERIOD, "到期")]
    assert len(told) == 1 and told[0].startswith(
        "结束批次后的挂接程序 after_close（bank_hooks:hook0） 出错，已记录的内容不受影响"
    )
    assert MOBILE not in told[0]


def test_a_hook_that_fails_after_recording_is_told_and_the_record_stays(
    wb: Workbench, hooked: Callable[[str, Hook], None]
) -> None:
    told: list[str] = []
    seen: list[hooks.Recorded] = []
    hooked(hooks.AFTER_RECORD, refuses)
    hooked(hooks.AFTER_RECORD, seen.append)  # type: ignore[arg-type]
    campaign = wb.campaign(PERIOD)
    run = RunRecord(
        campaign_id=campaign.id,
        unit=UNIT,
        notebook="4_complaints",
        digest="",
        status=RunStatus.FAILED,
        error="坏数据",
        started=utc_now(),
        seconds=0.0,
        paper="",
        paper_sha256="",
    )
    writer = _Writer(wb, campaign, {UNIT: 1}, told.append)  # type: ignore[arg-type]
    writer.take(run, None)
    assert wb.store.runs(campaign.id)[UNIT, "4_complaints"].error == "坏数据"
    assert [(one.unit, one.papers[0].paper, one.papers[0].status, one.papers[0].error) for one in seen] == [
        (UNIT, "4_complaints", "failed", "坏数据")
    ]
    assert len(told) == 1 and "记录结果后的挂接程序" in told[0]


def test_a_hook_that_cannot_be_loaded_refuses_before_and_is_told_after(
    wb: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [EntryPoint(place, "no_such_package:hook", hooks.GROUP) for place in hooks.HOOK_PLACES]
    monkeypatch.setattr(hooks, "entry_points", lambda group: lost)
    drafted(wb, "9.1")
    with pytest.raises(NotAllowed, match="ModuleNotFoundError"):
        publish_all(wb, wb.home / "checklists")
    told: list[str] = []
    close_campaign(wb, wb.campaign(PERIOD), notice=told.append)
    assert "ModuleNotFoundError" in told[0] and wb.campaign(PERIOD).state == "closed"


def test_a_misspelt_place_is_told_before_anything_is_published(
    wb: Workbench, hooked: Callable[[str, Hook], None]
) -> None:
    """A refusal that nobody hears would let everything pass."""
    hooked("before_publis", refuses)
    with pytest.raises(InputError, match="没有这个挂接点"):
        publish_all(wb, wb.home / "checklists")
