"""Random ledgers: each number in Word and Excel of the complaint analysis is what a plain count gives here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.documents import FEW, TEXT, Number, Written, assert_figures, cover, mean, middle, percent, shown
from tests.factories.ledgers import AS_OF, figures
from xiaobao.features.complaints import with_comparison
from xiaobao.features.complaints.report import KIND as COMPLAINTS
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.model import Period, Unit
from xiaobao.publishing.reports import draw_charts
from xiaobao.settings import Counting

Row = Mapping[str, Any]
UNITS = {
    unit: Unit(id=unit, name=f"{unit}支行", level="branch", region=region)
    for unit, region in (("01", "城区"), ("02", "郊区"))
}
SOURCES = {"来信": "来信", "12345政务热线": "12345政务热线", "没有这个来源": "未归类"}
CHANNELS = {"营业现场": "营业现场", "手机银行": "电子渠道", "店外": "未归类", None: "未填写"}
CLASSES = {"贷款": "贷款", "自营理财": "自营理财", "柜面": "未归类"}
REASONS = {"定价收费": "定价收费", "资金安全": "消费者资金安全", None: "未填写"}


def values(count: int, share: Decimal | None, before: int | None) -> dict[str, Number]:
    moved = None if before is None else count - before
    rate = None if before is None or moved is None else percent(moved, before)
    return {"件数": count, "占比": share, "对比期": before, "增减": moved, "增幅": rate}


def ledger_rows(year: int, size: int) -> st.SearchStrategy[list[dict[str, Any]]]:
    row = st.fixed_dictionaries(
        {
            "unit": st.sampled_from(sorted(UNITS)),
            "source": st.sampled_from(list(SOURCES)),
            "channel": st.sampled_from(list(CHANNELS)),
            "business_class": st.sampled_from(list(CLASSES)),
            "reason": st.sampled_from(list(REASONS)),
            "received_on": st.sampled_from([dt.date(year, 1, 5), dt.date(year, 3, 2), dt.date(year - 1, 12, 31)]),
            "days": st.integers(0, 40),
            "end": st.sampled_from(("decided", "withdrawn", "open")),
            "satisfaction": st.sampled_from((None, "满意", "不满意")),
        }
    )
    return st.lists(row, max_size=size)


def as_ledger(rows: Sequence[Row]) -> list[dict[str, Any]]:
    made = []
    for row in rows:
        end = row["received_on"] + dt.timedelta(row["days"])
        plain = {key: value for key, value in row.items() if key not in ("days", "end")}
        made.append(plain | ({} if row["end"] == "open" else {f"{row['end']}_on": end}))
    return made


FACETS: Mapping[str, tuple[str, Callable[[Row], str]]] = {
    "来源": ("投诉来源情况", lambda row: SOURCES[row["source"]]),
    "渠道": ("投诉渠道情况", lambda row: CHANNELS[row["channel"]]),
    "业务类别": ("投诉业务类别情况", lambda row: CLASSES[row["business_class"]]),
    "原因": ("投诉原因情况", lambda row: REASONS[row["reason"]]),
    "地区": ("投诉地区情况", lambda row: UNITS[row["unit"]].region),
    "月份": ("投诉月份情况", lambda row: f"{row['received_on']:%Y}年{row['received_on'].month}月"),
    "机构": ("投诉机构情况", lambda row: f"{UNITS[row['unit']].name}（{row['unit']}）"),
}


def of_year(rows: Sequence[Row], year: int) -> tuple[list[Row], list[Row]]:
    """Return new and valid complaints of the half-year."""
    new = [row for row in rows if row["received_on"].year == year]
    return new, [row for row in new if row["end"] != "withdrawn"]


def facet_numbers(
    written: Written, title: str, of: Callable[[Row], str], new: Sequence[Row], before: Sequence[Row]
) -> dict[str, Number]:
    """Expect, for the rows that the file has, what is counted here; rows with complaints must all be there."""
    prefix = f"投诉·{title}·"
    valid = [row for row in new if row["end"] != "withdrawn"]
    every, counted = Counter(map(of, new)), Counter(map(of, valid))
    old = Counter(of(row).replace("2025年", "2026年") for row in before)
    names = {name.removeprefix(prefix).rsplit("·", 1)[0] for name in written.figures if name.startswith(prefix)}
    assert set(every) <= names
    rows = {name: values(counted[name], percent(counted[name], len(valid)), old[name]) for name in names - {"合计"}}
    shares = [row["占比"] for row in rows.values() if row["占比"] is not None]
    rows["合计"] = {"件数": len(valid), "占比": sum(shares, Decimal(0)) if len(valid) else None}
    for name, row in rows.items():
        whole, kept = (len(new), len(valid)) if name == "合计" else (every[name], counted[name])
        row |= {"新增": whole, "重复": 0, "撤诉": whole - kept, "有效": kept}
    return {f"{prefix}{name}·{field}": value for name, row in rows.items() for field, value in row.items()}


def times_numbers(new: Sequence[Row]) -> dict[str, Number]:
    decided = [row["days"] for row in new if row["end"] == "decided"]
    open_days = [(AS_OF - row["received_on"]).days for row in new if row["end"] == "open"]
    on_time = sum(days <= 15 for days in decided)
    made: dict[str, Number] = {
        "件数": len(new),
        "按期办结": on_time,
        "超期办结": len(decided) - on_time,
        "在办未超期": sum(days <= 15 for days in open_days),
        "在办超期": sum(days > 15 for days in open_days),
        "撤诉": sum(row["end"] == "withdrawn" for row in new),
        "数据有误": 0,
        "按期办结率": percent(on_time, len(decided)),
        "平均天数": mean(decided),
        "中位天数": middle(decided),
        "最长天数": max(decided, default=None),
    }
    return {f"时限·全部·{name}": value for name, value in made.items()}


def total_numbers(
    rows: Sequence[Row], new: Sequence[Row], valid: Sequence[Row], before: Sequence[Row]
) -> dict[str, Any]:
    decided = sum(row["end"] == "decided" for row in new)
    happy, sad = (sum(row["satisfaction"] == word for row in new) for word in ("满意", "不满意"))
    moved = len(valid) - len(before)
    by_unit = sorted((sum(row["unit"] == unit for row in valid) for unit in UNITS), reverse=True)
    made = {
        "新增": len(new),
        "重复": 0,
        "撤诉": len(new) - len(valid),
        "有效": len(valid),
        "件数": len(valid),
        "升级": 0,
        "撤诉后再投诉": 0,
        "台账行数": len(rows),
        "对比期件数": len(before),
        "增减件数": moved,
        "增幅": percent(moved, len(before)),
        "核查申请": 0,
        "核查按期": 0,
        "核查超期": 0,
        "核查在办": 0,
        "核查按期率": None,
        "首诉办结": decided,
        "首诉处理结案": decided,
        "首诉处理结案率": percent(decided, decided),
        "回访表态": happy + sad,
        "回访满意": happy,
        "回访满意率": percent(happy, happy + sad),
        "网点数": None,
        "每网点月均": None,
        "客户数": None,
        "每万名客户": None,
        "无投诉机构": by_unit.count(0),
        "机构投诉中位数": Decimal(sum(by_unit)) / 2,
        "半数投诉集中机构": 0 if not valid else 1 if 2 * by_unit[0] >= len(valid) else 2,
        "前1家机构": by_unit[0],
        "前1家机构占比": percent(by_unit[0], len(valid)),
    }
    return {f"投诉·{name}": value for name, value in made.items()}


@FEW
@given(rows=ledger_rows(2026, 30), earlier=ledger_rows(2025, 12))
def test_every_count_share_rate_and_total_of_the_complaint_analysis(
    rows: list[Row], earlier: list[Row], tmp_path: Path
) -> None:
    now = figures(as_ledger(rows), units=UNITS)
    old = figures(as_ledger(earlier), Period.parse("2025H1"), dt.date(2025, 7, 5), UNITS)
    made = complaint_figures(with_comparison(now, old, Counting()))
    written = Written(
        COMPLAINTS.document(cover("complaints"), made, TEXT, draw_charts(made), ()), made, "complaints.docx", tmp_path
    )
    (new, valid), (_, before) = of_year(rows, 2026), of_year(earlier, 2025)
    expected = total_numbers(rows, new, valid, before) | times_numbers(new)
    facets = {title: facet_numbers(written, title, of, new, before) for title, (_, of) in FACETS.items()}
    outside = len(rows) - len(new)
    excluded = {"投诉·不计入·受理日期不在 2026H1": outside} if outside else {}
    everything = {**expected, **{name: value for facet in facets.values() for name, value in facet.items()}, **excluded}
    elsewhere = ("投诉·升高", "投诉·前台业务渠道", "投诉·分行及直属机构", "投诉·复杂程度", "投诉·业务小类", "时限·")
    rest = {name for name in written.figures if not name.startswith(elsewhere) or name.startswith("时限·全部·")}
    assert rest == set(everything)
    assert_figures(written, everything, sorted(everything))
    for title, (sheet, _) in FACETS.items():
        assert_facet_tables(written, title, sheet, facets[title])
    gone = len(new) - len(valid)
    told = (
        f"本期新增投诉{len(new)}件，其中重复0件、撤诉{gone}件，有效投诉{len(valid)}件。"
        if new
        else "本期没有新增投诉。"
    )
    assert told in written.text
    decided, on_time = (expected[f"时限·全部·{name}"] for name in ("超期办结", "按期办结"))
    if new and (decided or on_time):
        rate = shown(expected["时限·全部·按期办结率"], 2)
        assert f"已办结投诉中，按期办结{on_time}件，超期办结{decided}件，按期办结率{rate}%。" in written.text


def assert_facet_tables(written: Written, title: str, sheet: str, expected: Mapping[str, Number]) -> None:
    """The table of a facet in Word and its sheet in Excel hold the same numbers, cell by cell."""
    fields = ("件数", "占比", "对比期", "增减", "增幅", "新增", "重复", "撤诉", "有效")
    lines = written.sheets[sheet][1:]
    for line in lines:
        for field, cell in zip(fields, line[1:], strict=True):
            value = expected.get(f"投诉·{title}·{line[0]}·{field}", "")
            if value == "":
                assert not cell
            else:
                assert cell == "—" if value is None else Decimal(str(cell)) == value
    assert {str(line[0]) for line in lines} == {name.split("·")[2] for name in expected}
    for row in written.table(title):
        for field, cell in zip(fields[:5], row[1:], strict=True):
            value = expected.get(f"投诉·{title}·{row[0]}·{field}", "")
            assert cell == ("" if value == "" else shown(value, 2 if field in ("占比", "增幅") else None))
