"""Count a complaint ledger by hand, as it were: from the rows of the extract, with nothing of xiaobao.

What our own reports say is held against these counts; the check of figures takes its facts from the code that writes
the reports, and would find every fault of it true.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from statistics import median

Row = Mapping[str, str]  # by the Chinese heads of the extract
Table = Sequence[Sequence[str]]
_FACETS = {"来源": "投诉来源", "渠道": "业务办理渠道", "业务类别": "业务大类", "原因": "投诉原因", "地区": "地区"}
_PARENTS = {"移动客户端": "电子渠道"}  # what the sample bank writes of sub-channels
_DAY = re.compile(r"(\d{4})\D+(\d{1,2})\D+(\d{1,2})\D*")


@dataclass(frozen=True, kw_only=True)
class Held:
    """How many numbers of a report were held against the count, and which of them were wrong."""

    numbers: int
    wrong: tuple[str, ...]


def day(text: str) -> date | None:
    """Read 2026年1月6日, 2026-01-06 …; None where nothing is written."""
    match = _DAY.fullmatch(text.strip())
    return date(int(match[1]), int(match[2]), int(match[3])) if match else None


def _round(value: Decimal, places: int = 2) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _share(part: int, whole: int) -> str:
    return f"{_round(Decimal(100 * part) / whole)}" if whole else "—"


@dataclass(frozen=True, kw_only=True)
class Count:
    """What is counted of one period: `valid` are complaints that are neither repeated nor withdrawn."""

    new: Sequence[Row]
    valid: Sequence[Row]
    repeats: int
    withdrawn: int

    def by(self, column: str) -> Counter[str]:
        """Return the valid complaints by the value of a column."""
        values = [row.get(column, "").strip() for row in self.valid]
        return Counter(_PARENTS.get(value, value) or "未填写" for value in values)

    def by_month(self) -> Counter[str]:
        """Return the valid complaints by the month in which they were received, as 2026年2月."""
        days = [received for row in self.valid if (received := day(row["受理日期"]))]
        return Counter(f"{one.year}年{one.month}月" for one in days)

    def took(self) -> list[int]:
        """Return the days that each closed complaint took, less those in mediation on paper, both ends counted."""
        found = []
        for row in self.new:
            start, end = day(row["受理日期"]), day(row["处理决定日期"])
            if start and end and not row.get("撤诉日期", "").strip():
                first, last = day(row.get("调解开始日期", "")), day(row.get("调解结束日期", ""))
                mediated = (last - first).days + 1 if first and last and row["调解文书号"] else 0
                found.append((end - start).days - mediated)
        return found


def count(rows: Sequence[Row]) -> Count:
    """Count the rows of one period."""
    new = [row for row in rows if row["工单性质"] == "投诉" and row.get("是否受理") != "否"]
    withdrawn = [row for row in new if row.get("撤诉日期", "").strip()]
    valid = [row for row in new if row not in withdrawn]
    claims = Counter((row["客户号"], row["诉求"], row["被投诉人工号"]) for row in valid if row.get("诉求"))
    return Count(new=new, valid=valid, repeats=sum(many - 1 for many in claims.values()), withdrawn=len(withdrawn))


def hold(tables: Sequence[Table], text: str, now: Count, before: Count) -> Held:
    """Hold the tables and the sentences of a complaint report against the count."""
    found = [*_sentences(text, now, before)]
    for table in tables:
        head = table[0][0]
        if list(table[0][1:3]) != ["件数", "占比（%）"] or (head not in _FACETS and head != "月份"):
            continue
        ours = now.by_month() if head == "月份" else now.by(_FACETS[head])
        theirs = before.by_month() if head == "月份" else before.by(_FACETS[head])
        found += _rows(table, head, ours, theirs, len(now.valid))
    wrong = tuple(f"{name}：报告 {said}，数得 {counted}" for name, said, counted in found if said != counted)
    return Held(numbers=len(found), wrong=wrong)


def _rows(
    table: Table, head: str, ours: Counter[str], theirs: Counter[str], total: int
) -> Iterator[tuple[str, str, str]]:
    shown: Counter[str] = Counter()
    for name, number, share, *_ in table[1:-1]:
        if number != "0" and name not in ours:
            yield f"{head} {name}", number, "没有这一项"
        shown[name] = int(number)
        yield f"{head} {name}", number, str(ours[name])
        yield f"{head} {name} 占比", share, _share(ours[name], total)
    for name in ours:  # nothing is left out
        if name not in shown:
            yield f"{head} {name}", "没有写", str(ours[name])
    yield f"{head} 合计", table[-1][1], str(total)
    for name, number, _, *moved in table[1:-1]:
        if head == "月份" or len(moved) < 3:
            continue
        gap = int(number) - theirs[name]
        yield f"{head} {name} 对比期", moved[0], str(theirs[name])
        yield f"{head} {name} 增减", moved[1], str(gap)
        yield f"{head} {name} 增幅", moved[2], _share(gap, theirs[name])


def _sentences(text: str, now: Count, before: Count) -> Iterator[tuple[str, str, str]]:
    took = now.took()
    mean = _round(Decimal(sum(took)) / len(took)) if took else None
    satisfied = Counter(row.get("满意度", "") for row in now.new)
    known: dict[str, Callable[[], tuple[str, ...]]] = {
        r"本期新增投诉(\d+)件，其中重复(\d+)件、撤诉(\d+)件，有效投诉(\d+)件": lambda: tuple(
            map(str, (len(now.new), now.repeats, now.withdrawn, len(now.valid)))
        ),
        r"对比期（\w+）(\d+)件，本期(\d+)件": lambda: (str(len(before.valid)), str(len(now.valid))),
        r"用时平均([\d.]+)天，中位数([\d.]+)天，最长(\d+)天": lambda: (
            f"{mean}",
            f"{Decimal(str(median(took))).normalize():f}",
            str(max(took)),
        ),
        r"回访中表态的(\d+)件，满意(\d+)件，满意率([\d.]+)%": lambda: (
            str(satisfied["满意"] + satisfied["基本满意"] + satisfied["不满意"]),
            str(satisfied["满意"] + satisfied["基本满意"]),
            _share(
                satisfied["满意"] + satisfied["基本满意"],
                satisfied["满意"] + satisfied["基本满意"] + satisfied["不满意"],
            ),
        ),
    }
    for pattern, counted in known.items():
        match = re.search(pattern, text)
        if match is None:
            yield pattern, "没有写", "应当写"
            continue
        yield from ((pattern, said, one) for said, one in zip(match.groups(), counted(), strict=True))
