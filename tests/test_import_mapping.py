"""A bank's own headers and values are renamed by a mapping file; what it does not list is never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import tables
from xiaobao.datasets.importing import Imported, read_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.errors import InputError
from xiaobao.model import Period

PERIOD = Period.parse("2016-10-01..2020-01-31")
EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "cfpb-mapping.yaml"
HEADER = ("date_received", "product", "issue", "state", "date_sent_to_company")
ROWS = (
    ("2016-10-03", "Debt collection", "Contact, or sharing", "AZ", "2016-10-06"),
    ("2019-01-08", "Credit reporting", "Wrong information", "FOO", "2019-01-08"),
    ("2019-01-09", "Mortgage", "Closing", "", "2019-03-22"),
    ("2019-01-09", "Mortgage", "Closing", "", "2019-03-22"),
)


def foreign(folder: Path, *rows: tuple[str, ...]) -> Path:
    return tables.write_csv(folder, (HEADER, *(rows or ROWS)))


def take(path: Path, mapping: Path = EXAMPLE) -> Imported:
    units = {"P-DEBT", "P-REPORT", "P-MORTGAGE"}
    return read_extract(
        [path], "complaints", key=tables.KEY, period=PERIOD, known_units=units, mapping=load_mapping(mapping)
    )


def mapping(folder: Path, text: str) -> Path:
    return tables.write(folder / "映射.yaml", text.encode())


def test_the_worked_example_reads_a_ledger_with_foreign_headers(tmp_path: Path) -> None:
    """Products become units, rows get numbers, the day of forwarding is not a decision."""
    imported = take(foreign(tmp_path))
    frame = imported.frame
    assert frame["complaint_no"].tolist() == ["CFPB-2", "CFPB-3", "CFPB-4", "CFPB-5"]
    assert frame["unit"].tolist() == ["P-DEBT", "P-REPORT", "P-MORTGAGE", "P-MORTGAGE"]
    assert frame["region"].tolist()[0] == "亚利桑那州"
    assert (frame["forwarded_on"] - frame["received_on"]).dt.days.tolist() == [3, 0, 72, 72]
    assert frame["decided_on"].isna().all()
    assert "decided_on" in imported.absent
    assert set(frame["nature"]) == {"投诉"}


def test_values_not_listed_blanks_and_twins_are_named(tmp_path: Path) -> None:
    """By value and row, in notices."""
    notices = "\n".join(take(foreign(tmp_path)).notices)
    assert "“FOO”不在映射之列，按空白读取（第 3 行）" in notices
    assert "“投诉人地区”为空（第 4、5 行）" in notices
    assert "第 5 行与第 4 行完全相同" in notices


def test_a_product_that_no_unit_stands_for_refuses_the_file(tmp_path: Path) -> None:
    """unlisted: refuse."""
    path = foreign(tmp_path, ROWS[0], ("2019-01-09", "Crypto", "x", "CA", "2019-01-09"))
    with pytest.raises(InputError) as caught:
        take(path)
    assert "第 3 行，列“机构号”：值不在映射之列（读到 Crypto）" in str(caught.value)


def test_blanks_and_an_own_date_format_are_honoured(tmp_path: Path) -> None:
    """31/12/2025 is clear once the bank says so; 9999-12-31 may mean nothing."""
    text = (
        "dataset: staff\ncolumns: {工号: id, 到岗日期: start, 离岗日期: end}\n"
        "date_format: '%d/%m/%Y'\nblanks: [9999-12-31]\n"
    )
    cells = (("id", "机构号", "岗位", "start", "end"), ("0007", "0101", "柜员", "31/12/2019", "9999-12-31"))
    imported = read_extract(
        [tables.write_csv(tmp_path, cells)], "staff", key=tables.KEY, mapping=load_mapping(mapping(tmp_path, text))
    )
    assert str(imported.frame.at[0, "from_date"].date()) == "2019-12-31"
    assert imported.frame["to_date"].isna().all()
    assert imported.frame["employee"].tolist() == ["0007"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("dataset: nothing", ["没有数据集“nothing”"]),
        ("dataset: units\ncolumns: {编码: x, 名: y}", ["没有列“编码”", "没有列“名”"]),
        ("dataset: units\nkolumns: {}", ["第 2 行", "不认识的键“kolumns”，是否想写 columns"]),
        ("dataset: units\ndataset: staff", ["第 2 行", "重复"]),
        ("a: &x 1\nb: *x", ["第 1 行", "不能用锚点", "第 2 行", "不能用引用"]),
        ("dataset: !!python/object:os.system x", ["标签"]),
        ("dataset: units\ncolumns: {<<: {a: b}}", ["第 2 行", "不能用合并键"]),
        ("dataset: units\nvalues: {region: {a: {b: {c: {d: {e: {f: g}}}}}}}", ["第 2 行", "“a”应为一个值"]),
        ("dataset: [", ["YAML 写法有误"]),
        ("", ["文件是空的"]),
        ("dataset: units\nunlisted: {region: guess}", ["“region”的值不认识（读到 guess）；应为：blank、refuse"]),
        ("dataset: units\ndate_format: '%d/%m'", ["date_format"]),
        ("dataset: complaints\nnumber_rows: X", ["{row}"]),
        ("kolumns: {}\nconfirmed: 也许\nblanks: 无", ["“dataset”没有写", "“confirmed”的值不认识", "“blanks”应为列表"]),
    ],
)
def test_a_faulty_mapping_is_refused_with_its_place(tmp_path: Path, text: str, told: list[str]) -> None:
    """All faults at once, none executed."""
    with pytest.raises(InputError) as caught:
        load_mapping(mapping(tmp_path, text))
    assert "文件 映射.yaml" in str(caught.value)
    for part in told:
        assert part in str(caught.value)


def test_scalars_of_a_mapping_stay_as_written(tmp_path: Path) -> None:
    """no is not false, 001 is not 1."""
    text = "dataset: units\nvalues:\n  机构号: {no: 001, 010: 1:30}\n"
    assert load_mapping(mapping(tmp_path, text)).values["unit"] == {"no": "001", "010": "1:30"}


def test_a_mapping_of_another_dataset_is_refused(tmp_path: Path) -> None:
    """It would rename the wrong columns."""
    with pytest.raises(InputError, match="不是 staff"):
        read_extract([foreign(tmp_path)], "staff", key=tables.KEY, mapping=load_mapping(EXAMPLE))
