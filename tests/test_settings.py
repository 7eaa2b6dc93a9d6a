"""The settings of a workspace are read as they were meant, or refused with every wrong key, in Chinese."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from xiaobao.errors import InputError
from xiaobao.model import Severity
from xiaobao.settings import Settings, load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "xiaobao.toml"
    path.write_text(text, "utf-8")
    return path


def refused(folder: Path, text: str) -> dict[str, str]:
    """Return wrong setting → what is said of it."""
    with pytest.raises(InputError) as caught:
        load_settings(written(folder, text))
    return {fault.setting: str(fault) for fault in caught.value.faults}


def test_an_empty_file_leaves_the_usual_settings(tmp_path: Path) -> None:
    assert load_settings(written(tmp_path, "")) == Settings()


def test_settings_are_read_exactly(tmp_path: Path) -> None:
    """Numbers with a point are no floats, a day is a day whether quoted or not."""
    text = """
    bank = "某某农商银行"
    as_of = 2026-07-05
    action_days = {high = 10}
    [policies]
    partly_counts = 0.1
    office_hours = [08:00:00, "17:30"]
    [counting]
    groups = {channel = {"来电" = ["客服热线"]}}
    base_changed_on = "2025-01-01"
    [alarms.by_grade."重大"]
    first = 2
    """
    found = load_settings(written(tmp_path, text))
    assert (found.bank, found.as_of, found.action_days) == ("某某农商银行", date(2026, 7, 5), {Severity.HIGH: 10})
    assert found.policies.partly_counts == Decimal("0.1")
    assert found.policies.office_hours == (time(8), time(17, 30))
    assert found.counting.groups == {"channel": {"来电": ("客服热线",)}}
    assert found.counting.base_changed_on == date(2025, 1, 1)
    assert found.alarms.report_hours("重大")["首报"] == 2


def test_every_wrong_setting_is_named_by_its_path_with_what_is_allowed(tmp_path: Path) -> None:
    said = refused(
        tmp_path,
        """
        bank = 5
        cut_off_days = -1
        action_days = {high = 0, urgent = 3}
        [policies]
        high_risk = 3
        days = "work"
        [limits]
        memory_megabytes = "much"
        [filings."Bad Code"]
        title = "月报"
        every = "month"
        [alarms.by_grade."大"]
        first = 3
        """,
    )
    for setting, words in {
        "bank": "请加引号",
        "cut_off_days": "不能小于 0",
        "action_days.high": "不能小于 1",
        "action_days.urgent": "应为：high、medium、low",
        "policies.high_risk": "不认识的键“high_risk”，是否想写 high_risk_level",
        "policies.days": "是否想写 working（读到 work）；应为：calendar、working",
        "limits.memory_megabytes": "不是普通数字（读到 much）",
        "filings.Bad Code": "应为：小写字母、数字和连字符",
        "alarms.by_grade.大": "不认识的键“大”，是否想写 重大、较大",
    }.items():
        assert words in said.pop(setting)
    assert not said


@pytest.mark.parametrize("text", ['bank = "', "bank = 1\nbank = 2", "[policies", "as_of = 2026-02-30"])
def test_a_file_that_is_no_toml_is_named_by_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"文件 xiaobao\.toml，第 \d 行：设置文件不是有效的 TOML"):
        load_settings(written(tmp_path, text))


def test_another_encoding_is_said_plainly(tmp_path: Path) -> None:
    path = tmp_path / "xiaobao.toml"
    path.write_bytes('bank = "某行"'.encode("gbk"))
    with pytest.raises(InputError, match="不是 UTF-8"):
        load_settings(path)
