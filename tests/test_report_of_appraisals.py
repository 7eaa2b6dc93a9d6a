"""Random appraisals: each score, rank and count in the Word and Excel files of the circular is computed anew here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.factories.documents import FEW, Number, Written, assert_figures, cover, half_up, mean, middle, percent, shown
from tests.factories.ledgers import AS_OF, PERIOD
from tests.factories.reports import action, finding, scheme
from xiaobao.features.appraisal.report import KIND as APPRAISAL
from xiaobao.model import Disposition, Nature, Severity, Unit
from xiaobao.report_figures import Inspected, appraisal_figures, inspection_figures
from xiaobao.scorecard import OverviewRow, overview

SIXTY = Decimal("60.00")
SCORES = st.integers(0, 10_000).map(lambda hundredths: half_up(Decimal(hundredths) / 100))
CHECKED = [Unit(id=f"0{number}", name=f"{number}号支行", level="branch") for number in range(1, 7)]
ROWS = st.lists(
    st.builds(
        lambda unit, total, previous, domain, open_leads: OverviewRow(
            unit=unit,
            total=total,
            before=total,
            grade="B" if total is not None else "",
            rank=None,
            previous=previous,
            domains={"complaints": domain},
            open_leads=open_leads,
            high_findings=0,
            findings=0,
            provisional=False,
            comparable=True,
            coverage=None if total is None else SIXTY,
        ),
        st.sampled_from(CHECKED),
        st.none() | SCORES,
        st.none() | SCORES,
        st.none() | SCORES,
        st.integers(0, 9),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row.unit.id,
)
FOUND = st.lists(
    st.builds(
        lambda unit, nature, severity: finding(unit=unit.id, nature=nature, severity=severity),
        st.sampled_from(CHECKED),
        st.sampled_from(list(Nature)),
        st.sampled_from(list(Severity)),
    ),
    max_size=8,
)
LEADS = st.lists(st.none() | st.sampled_from(list(Disposition)), max_size=12)
STATES = ("open", "done", "verified", "closed")
DUE = {"in": AS_OF + dt.timedelta(3), "past": AS_OF - dt.timedelta(3)}
MEASURES = st.lists(st.tuples(st.sampled_from(STATES), st.sampled_from(sorted(DUE))), max_size=8)


def score_numbers(prefix: str, values: Sequence[Decimal], scored: str) -> dict[str, Number]:
    return {
        f"{prefix}·{scored}": len(values),
        f"{prefix}·平均分": mean(values),
        f"{prefix}·中位数": None if not values else half_up(middle(values) or Decimal(0)),
        f"{prefix}·最高分": max(values, default=None),
        f"{prefix}·最低分": min(values, default=None),
    }


@FEW
@given(rows=ROWS, found=FOUND, leads=LEADS, measures=MEASURES)
def test_every_score_rank_and_count_of_the_appraisal(
    rows: list[OverviewRow], found: list[Any], leads: list[Any], measures: list[tuple[str, str]], tmp_path: Path
) -> None:
    actions = [action(id=f"A{place}", status=state, due=DUE[due]) for place, (state, due) in enumerate(measures)]
    whole = overview("甲行", PERIOD.code, scheme(), rows)
    inspected = Inspected(
        as_of=AS_OF,
        overviews=(whole,),
        cards={},
        findings=tuple(found),
        leads=tuple(leads),
        actions=tuple(actions),
        earlier=tuple(one for one in actions if one.status == "open"),
    )
    made = inspection_figures(inspected) | appraisal_figures(inspected)
    written = Written(APPRAISAL.document(cover("appraisal"), made, None, {}, ()), made, "appraisal.docx", tmp_path)
    totals = [row.total for row in rows if row.total is not None]
    closed = sum(state == "closed" for state, _ in measures)
    expected: dict[str, Any] = {
        "检查·批次": 1,
        "检查·机构": len(rows),
        **score_numbers("检查", totals, "有得分机构"),
        "检查·未检查机构": len(rows) - len(totals),
        "检查·覆盖不足机构": 0,
        **dict.fromkeys(("检查·保留·未更新", "检查·保留·草稿", "检查·保留·旧数据"), 0),
        "检查·等级·良好": len(totals),
        "检查·发现": len(found),
        "检查·发现机构": len({one.unit for one in found}),
        "检查·疑点": len(leads),
        **{f"检查·定性·{word}": sum(one.nature.value == code for one in found) for code, word in NATURES.items()},
        **{f"检查·风险·{word}": sum(one.severity.value == code for one in found) for code, word in RISKS.items()},
        **{
            f"检查·疑点·{word}": sum(one is not None and one.value == code for one in leads)
            for code, word in SAID.items()
        },
        "检查·疑点·未认定": leads.count(None),
        "检查·一票否决": 0,
        "整改·措施": len(measures),
        **{f"整改·{word}": sum(state == code for state, _ in measures) for code, word in MOVES.items()},
        "整改·销号率": percent(closed, len(measures)),
        "整改·逾期": sum(state == "open" and due == "past" for state, due in measures),
        "整改·往期·未完成": sum(state == "open" for state, _ in measures),
        "整改·往期·逾期": sum(state == "open" and due == "past" for state, due in measures),
        **score_numbers(
            "检查·得分·投诉处理", [v for row in rows if (v := row.domains["complaints"]) is not None], "参评机构"
        ),
    }
    if found:
        high = sum(one.severity is Severity.HIGH for one in found)
        expected |= {"检查·发现·投诉处理·项数": len(found), "检查·发现·投诉处理·高风险": high}
        expected["检查·发现·投诉处理·机构"] = len({one.unit for one in found})
    ranked = [row for row in rows if row.total is not None]  # the others are a list of their own
    for row in ranked:
        expected |= {
            f"考核·{row.unit.name}（{row.unit.id}）·{name}": value for name, value in unit_numbers(row, totals).items()
        }
    assert_figures(written, expected, ("检查·", "整改·", "考核·"))
    assert_rank_tables(written, ranked, totals)
    apart = {line[1]: line[2] for line in written.table("层级", "机构", "状态")} if len(ranked) < len(rows) else {}
    assert apart == {f"{row.unit.name}（{row.unit.id}）": "未检查" for row in rows if row.total is None}


NATURES = {"violation": "违规", "irregularity": "不规范", "design_flaw": "制度缺陷", "suggestion": "建议"}
RISKS = {"high": "高", "medium": "中", "low": "低"}
SAID = {"confirmed": "属实", "partly": "部分属实", "refuted": "不属实"}
MOVES = {"open": "整改中", "done": "待验证", "verified": "待销号", "closed": "已销号"}


def unit_numbers(row: OverviewRow, totals: Sequence[Decimal]) -> dict[str, Any]:
    scored = row.total is not None
    moved = None if row.total is None or row.previous is None else row.total - row.previous
    return {
        "名次": 1 + sum(value > row.total for value in totals) if row.total is not None else None,
        "得分": row.total,
        "评分覆盖": SIXTY,
        "上期得分": row.previous,
        "较上期": moved,
        "检查发现": 0 if scored else None,
        "高风险发现": 0 if scored else None,
        "待认定疑点": row.open_leads if scored else None,
    }


def assert_rank_tables(written: Written, rows: Sequence[OverviewRow], totals: Sequence[Decimal]) -> None:
    """Word prints rank, score, change and open leads; Excel holds them as numbers."""
    if not rows:
        assert "各机构考核结果" not in written.sheets
        return
    word = {line[2]: line for line in written.table("层级", "名次", "机构")}
    lines = written.sheets["各机构考核结果"]
    excel = {line[2]: dict(zip(lines[0], line, strict=False)) for line in lines[1:]}
    for row in rows:
        name, numbers = f"{row.unit.name}（{row.unit.id}）", unit_numbers(row, totals)
        printed = [
            shown(numbers["名次"]),
            shown(numbers["得分"], 2),
            shown(numbers["较上期"], 2),
            shown(numbers["待认定疑点"]),
        ]
        assert [word[name][place] for place in (1, 3, 6, 8)] == printed
        for head, field in (("名次", "名次"), ("得分", "得分"), ("较上期", "较上期"), ("待认定疑点", "待认定疑点")):
            cell = excel[name][head]
            assert cell == "—" if numbers[field] is None else Decimal(str(cell)) == numbers[field]
