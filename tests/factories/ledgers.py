"""Complaint ledgers as tests want them: a published one, and one of a few rows in which each row says what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from msgspec import convert

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.importing import read_extract
from xiaobao.datasets.mapping import load_mapping
from xiaobao.features.complaints import LedgerFigures, LedgerScope, analyse, with_comparison
from xiaobao.model import Period, Unit
from xiaobao.policies import Counting

FOLDER = Path(__file__).parent.parent / "ledgers"
PUBLISHED = FOLDER / "suining-2023.csv"
MAPPING = FOLDER / "suining-2023.yaml"
GROUPS = {
    "business_class": {"中间业务和自营理财": ("其他中间业务", "自营理财")},
    "reason": {
        "消费者信息安全、资金安全": ("消费者信息安全", "消费者资金安全"),
        "信息披露、营销、催收": ("信息披露", "营销方式和手段", "债务催收方式和手段"),
    },
}
RULES = convert({"share_places": 1, "groups": GROUPS, "prior_totals": {"2022": 141}}, Counting)
PERIOD, AS_OF = Period.parse("2026H1"), date(2026, 7, 5)
_DTYPES = {"date": "datetime64[us]", "flag": "boolean"}


def published(rules: Counting = RULES) -> LedgerFigures:
    """Return the figures of the published ledger, the year before typed by hand."""
    period = Period.parse("2023")
    imported = read_extract(
        [PUBLISHED], "complaints", key=b"k" * 32, mapping=load_mapping(MAPPING), period=period, known_units=["SN01"]
    )
    figures = analyse(imported.frame, period, rules, date(2024, 1, 5), LedgerScope(name="示例银行"))
    return with_comparison(figures, None, rules, rules.prior_totals["2022"])


def frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return a ledger; a row says only what matters, the rest is a complaint of unit 01 on 2026-03-02."""
    plain = {"unit": "01", "nature": "投诉", "received_on": "2026-03-02"}
    made = [{"complaint_no": f"T{number:03d}"} | plain | dict(row) for number, row in enumerate(rows, 1)]
    columns = DATASETS["complaints"].columns
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [row.get(column.name) for row in made],
                dtype=_DTYPES.get(column.kind, "str"),  # type: ignore[call-overload]
            )
            for column in columns
        }
    )


def figures(
    rows: Sequence[Mapping[str, Any]],
    period: Period = PERIOD,
    as_of: date = AS_OF,
    units: Mapping[str, Unit] | None = None,
    working: bool = False,
    **rules: Any,
) -> LedgerFigures:
    """Return the figures of a few rows under the rules given."""
    return analyse(frame(rows), period, convert(rules, Counting), as_of, LedgerScope(name="甲行", units=units), working)
