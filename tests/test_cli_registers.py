"""Registers at the front door: figures, what is missing, clusters and late reports, on the sample bank."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xiaobao import cli

Run = Callable[..., str]


@pytest.fixture
def run(seeded_workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("XIAOBAO_HOME", str(seeded_workspace))

    def at(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["xiaobao", "registers", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert not ended.value.code
        return capsys.readouterr().out

    return at


def test_the_main_figures_of_every_register_are_shown(run: Run) -> None:
    shown = run("show", "--period", "2026H1")
    plain: dict[str, Any] = json.loads(run("show", "--period", "2026H1", "--json"))
    assert "无数据" not in shown
    assert plain["missing"] == [] and plain["last_year"] is None
    for title in ("制度", "消保审查", "调解", "问卷", "神秘人", "工作计划"):
        assert title in shown
    assert plain["reviews"]["early"] and plain["education"]["with_ads"] and plain["partners"]["unfit"]


def test_a_period_without_registers_has_no_data_instead_of_noughts(run: Run) -> None:
    shown = run("show", "--period", "2026H2")
    assert "无数据：制度、会议、消保岗位" in shown
    assert json.loads(run("alarms", "--period", "2026H2", "--json"))["events"] is None


def test_alarms_say_their_settings_and_which_report_was_late(run: Run) -> None:
    shown = run("alarms", "--period", "2026H1")
    assert "7 日内 5 人以上" in shown and "知悉后 24 小时（本行设定）" in shown
    events = json.loads(run("alarms", "--period", "2026H1", "--json"))["events"]
    late = {event["number"]: event["late"] for event in events}
    assert (late["SJ26010000"], late["SJ26010001"]) == (False, True)
    assert f"报告逾期 {sum(late.values())} 起" in shown
