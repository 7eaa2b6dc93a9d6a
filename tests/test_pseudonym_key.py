"""The pseudonym key is looked at before an import reads anything: other pseudonyms would fit nothing of before."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import inspections as tiny
from xiaobao.errors import WorkspaceError
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.workspace import KEY_FILE


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tiny.tiny_workspace(tmp_path / "bank")


def take(home: Path) -> int:
    path = home / "fees.csv"
    path.write_text(
        "收费流水号,机构号,收费日期,收费项目代码,收费金额,客户号\nF1,0101,2026-03-01,001,5.00,C1\n", "utf-8"
    )
    return import_extract(tiny.workbench(home), "fee_entries", [path], tiny.PERIOD).rows


def test_the_same_key_goes_on(home: Path) -> None:
    """The other side of the limit."""
    assert take(home) == 1


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda key: key.write_text("ab" * 32 + "\n"), "化名密钥与已导入数据所用的不同，没有导入"),
        (lambda key: key.write_text("ab" * 31 + "\n"), "化名密钥长度不对，可能已损坏"),
        (lambda key: key.write_bytes(b"\xff\x00"), "化名密钥无法读取或已损坏"),
        (lambda key: key.unlink(), "化名密钥不见了，没有导入"),
    ],
)
def test_a_replaced_damaged_or_lost_key_is_refused_at_import(home: Path, spoil: object, said: str) -> None:
    """Nothing is stored, no new key is made, and the message says what to do."""
    key = home / KEY_FILE
    before = key.read_bytes()
    spoil(key)  # type: ignore[operator]
    with pytest.raises(WorkspaceError, match=said) as caught:
        take(home)
    assert "放回 secrets 文件夹" in str(caught.value)
    assert key.exists() != ("不见了" in said)
    assert [record.dataset for record in tiny.workbench(home).store.imports()] == ["units"]
    key.write_bytes(before)
    assert take(home) == 1


def test_a_workspace_without_imports_makes_its_key_on_first_use(tmp_path: Path, home: Path) -> None:
    """As long as nothing was imported, no key can be wrong."""
    wb = tiny.workbench(home)
    with wb.store.engine.begin() as connection:
        connection.exec_driver_sql("update imports set withdrawn = 1")
    (home / KEY_FILE).unlink()
    path = home / "again.csv"
    path.write_text("机构号,机构名称,层级\n0101,城关支行,支行\n", "utf-8")
    assert import_extract(wb, "units", [path], tiny.PERIOD).rows == 1
    assert (home / KEY_FILE).exists()
