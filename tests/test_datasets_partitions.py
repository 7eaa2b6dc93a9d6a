"""Each unit gets its own rows and nothing else: same content, same digest; no rows is not no data."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.factories.imported import cut, import_rows, row
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.partitions import read_partition
from xiaobao.errors import InputError


def duty(number: int, unit: str = "0101", day: str = "2026-03-01", **more: str) -> dict[str, str]:
    return row("counter_duty", number, unit=unit, day=day, **more)


def test_a_unit_without_rows_has_an_empty_partition_and_an_absent_dataset_none(tmp_path: Path) -> None:
    """0 rows and 无数据 are two things."""
    made = cut(tmp_path, import_rows(tmp_path, "counter_duty", [duty(1)]))
    assert {key: extract.rows for key, extract in made.items()} == {
        ("0101", "counter_duty"): 1,
        ("0102", "counter_duty"): 0,
    }
    empty = read_partition(made["0102", "counter_duty"].path)
    assert list(empty.columns) == [column.name for column in DATASETS["counter_duty"].columns]


def test_only_the_periods_own_rows_are_cut(tmp_path: Path) -> None:
    """Rows of an earlier import serve look-back alone; later ones are not seen."""
    files = [
        import_rows(tmp_path / "a", "counter_duty", [duty(1, day="2025-12-31")], "2025H2"),
        import_rows(tmp_path / "b", "counter_duty", [duty(2)]),
        import_rows(tmp_path / "c", "counter_duty", [duty(3, day="2026-07-01")], "2026H2"),
    ]
    made = cut(tmp_path, *files)
    assert read_partition(made["0101", "counter_duty"].path)["duty_no"].tolist() == ["K0002"]
    assert cut(tmp_path, files[0]) == {}


def test_months_make_up_a_half_year(tmp_path: Path) -> None:
    """Imports for parts of the period are taken together."""
    files = [
        import_rows(tmp_path / "a", "counter_duty", [duty(1, day="2026-01-05")], "2026-01"),
        import_rows(tmp_path / "b", "counter_duty", [duty(2, day="2026-02-05")], "2026-02"),
    ]
    assert cut(tmp_path, *files)["0101", "counter_duty"].rows == 2


def test_the_same_content_has_the_same_digest_and_one_changed_row_changes_one_unit(tmp_path: Path) -> None:
    """Neither the file's name, its row order nor another unit's rows matter."""
    first = cut(tmp_path / "1", import_rows(tmp_path / "a", "counter_duty", [duty(1), duty(2, "0102")]))
    swapped = cut(tmp_path / "2", import_rows(tmp_path / "b", "counter_duty", [duty(2, "0102"), duty(1)]))
    assert {k: e.sha256 for k, e in first.items()} == {k: e.sha256 for k, e in swapped.items()}
    changed = cut(
        tmp_path / "3", import_rows(tmp_path / "c", "counter_duty", [duty(1), duty(2, "0102", manual_counters="9")])
    )
    assert changed["0101", "counter_duty"].sha256 == first["0101", "counter_duty"].sha256
    assert changed["0102", "counter_duty"].sha256 != first["0102", "counter_duty"].sha256


def test_a_partition_that_is_no_longer_in_force_goes_away(tmp_path: Path) -> None:
    """What lies in the folder is what was cut."""
    imported = import_rows(tmp_path, "counter_duty", [duty(1)])
    other = import_rows(tmp_path / "b", "facilities", [row("facilities", 1)])
    gone = Path(cut(tmp_path, imported, other)["0101", "facilities"].path)
    assert gone.exists()
    cut(tmp_path, imported)
    assert not gone.exists()


def test_a_bank_wide_dataset_is_cut_once(tmp_path: Path) -> None:
    """It belongs to no unit."""
    made = cut(tmp_path, import_rows(tmp_path, "price_list", [row("price_list", 1), row("price_list", 2)]))
    assert list(made) == [("", "price_list")]
    assert Path(made["", "price_list"].path).parent.name == "_bank"


def test_a_row_imported_twice_is_named_with_both_places(tmp_path: Path) -> None:
    """Overlapping imports would count it twice."""
    files = [
        import_rows(tmp_path / "a", "counter_duty", [duty(1)]),
        import_rows(tmp_path / "b", "counter_duty", [duty(7), duty(1, manual_counters="9")], "2026Q1"),
    ]
    with pytest.raises(InputError, match=r"K0001") as caught:
        cut(tmp_path, *files)
    assert "第 2 行" in str(caught.value)
    assert "第 3 行" in str(caught.value)


def test_a_partition_tells_titles_kinds_and_columns_never_delivered(tmp_path: Path) -> None:
    """Checks and papers need no catalogue to print it; a column that no file had is not the same as empty cells."""
    entry = row("complaints", 1, received_on="2026-03-01", accepted="是", reason="")
    made = cut(tmp_path, import_rows(tmp_path, "complaints", [entry]))
    frame = read_partition(made["0101", "complaints"].path)
    assert frame.attrs["titles"]["received_on"] == "受理日期"
    assert "decided_on" in frame.attrs["absent"]
    assert "reason" not in frame.attrs["absent"]
    assert str(frame["received_on"].dtype) == "datetime64[us]"
    assert str(frame["accepted"].dtype) == "boolean"
    assert not [name for name in frame.columns if name.startswith("_")]


def test_a_changed_partition_is_not_read(tmp_path: Path) -> None:
    """The digest frozen for a run decides."""
    extract = cut(tmp_path, import_rows(tmp_path, "counter_duty", [duty(1)]))["0101", "counter_duty"]
    assert len(read_partition(extract.path, extract.sha256)) == 1
    with Path(extract.path).open("ab") as file:
        file.write(b"x")
    with pytest.raises(InputError, match="已被改动"):
        read_partition(extract.path, extract.sha256)


def test_decimals_come_back_exact_and_short(tmp_path: Path) -> None:
    """4.35 is 4.35, not 4.35000000."""
    loan = row("loans", 1, contract_annual_rate="4.350", amount="1000", lent_on="2026-03-01")
    frame = read_partition(cut(tmp_path, import_rows(tmp_path, "loans", [loan]))["0101", "loans"].path)
    assert [str(value) for value in frame.loc[0, ["contract_annual_rate", "amount"]]] == ["4.35", "1000.00"]
    assert pd.isna(frame.at[0, "near_policy_no"])


def test_pseudonyms_of_two_keys_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers would silently never match."""
    from tests.factories import tables

    first = import_rows(tmp_path / "a", "counter_duty", [duty(1)])
    monkeypatch.setattr(tables, "KEY", b"x" * 32)
    second = import_rows(tmp_path / "b", "facilities", [row("facilities", 1)])
    with pytest.raises(InputError, match="化名密钥"):
        cut(tmp_path, first, second)


def test_an_extract_imported_before_the_catalogue_gained_a_column_still_opens(tmp_path: Path) -> None:
    """The new column is one that was never delivered: checks that rest on it say 无数据."""
    file = import_rows(tmp_path, "complaints", [row("complaints", 1, unit="0101", received_on="2026-03-01")])
    table = pq.read_table(file.path)
    pq.write_table(table.drop_columns(["handler"]), file.path)
    frame = read_partition(cut(tmp_path, file)["0101", "complaints"].path)
    assert frame["handler"].isna().all()
    assert "handler" in frame.attrs["absent"]
