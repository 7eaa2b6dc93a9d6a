"""Facts that no single unit's rows can show, computed once over the whole bank and all periods up to this one.

A day without a time of day leaves the order within the day open: what happened on the same day counts as before.
Whoever is born on 29 February comes of age on 1 March of a common year.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

import numpy as np
import pandas as pd

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.same_matter import CORE, claim_key, matter_facts
from xiaobao.labels import LEVELS
from xiaobao.model import Period

Derived = Mapping[str, pd.Series]
_NEW_SERVICES = ("开卡", "开通手机银行", "开通短信")
_PEERS_AT_LEAST = 5


class History(Protocol):
    """Rows of a dataset up to the end of the period; registers as of the period. Empty when never imported."""

    period: Period

    def rows(self, dataset: str, *columns: str) -> pd.DataFrame:
        """Return these columns of every row up to the period's end, of all units and earlier periods."""

    def current(self, dataset: str) -> pd.Series:
        """Tell which of `rows` are the period's own, on the same index; all of them in a register."""


def age_on(born: pd.Series, day: pd.Series) -> pd.Series:
    """Return full years of age (Int64, missing where either day is): the birthday itself counts."""
    before = (day.dt.month * 100 + day.dt.day) < (born.dt.month * 100 + born.dt.day)
    years = day.dt.year - born.dt.year - before.astype("int64")
    return years.where(born.notna() & day.notna()).astype("Int64")


def _sale_facts(history: History) -> Derived:
    sales = history.rows(
        "product_sales", "customer", "sold_on", "birth_date", "product", "amount", "teller", "recording_no"
    )
    tests = history.rows("risk_assessments", "customer", "assessed_at", "level", "assessment_no")
    tests = tests.assign(day=tests["assessed_at"].dt.normalize()).sort_values(["assessed_at", "assessment_no"])
    before = _nearest(sales, "sold_on", tests, "day", ["level"], "backward")
    after = _nearest(sales, "sold_on", tests, "day", [], "forward", same_day=False)
    return {
        "age": age_on(sales["birth_date"], sales["sold_on"]),
        "assessed_on": before["day"],
        "assessed_level": before["level"],
        "assessed_after_on": after["day"],
        "product_total": _running_total(sales),
        "certificate_no": _certificate(history, sales),
        "recorded_on": _recorded_on(history, sales["recording_no"]),
    }


def _running_total(sales: pd.DataFrame) -> pd.Series:
    """Add up, in cents, what a customer put into one product up to and with each day."""
    cents = (pd.to_numeric(sales["amount"]) * 100).round()
    dated = sales.assign(cents=cents).sort_values("sold_on", kind="stable")
    by_day = dated.groupby(["customer", "product", "sold_on"], sort=True)["cents"].sum()
    total = by_day.groupby(level=[0, 1]).cumsum()
    asked = total.reindex(pd.MultiIndex.from_frame(sales[["customer", "product", "sold_on"]])).to_numpy()
    exact = [None if value != value else Decimal(int(value)) / 100 for value in asked]
    return pd.Series(exact, index=sales.index, dtype=object)


def _certificate(history: History, sales: pd.DataFrame) -> pd.Series:
    """Find a certificate for wealth products that the teller held on the day; first and last day count."""
    held = history.rows("qualifications", "teller", "kind", "valid_from", "valid_to", "certificate_no")
    held = held[held["kind"] == "理财"].drop(columns="kind")
    asked = sales[["teller", "sold_on"]].dropna().reset_index(names="_place").merge(held, on="teller")
    late = asked["sold_on"] > asked["valid_to"]
    valid = asked[(asked["valid_from"] <= asked["sold_on"]) & ~late].sort_values(["_place", "certificate_no"])
    return valid.drop_duplicates("_place").set_index("_place")["certificate_no"].reindex(sales.index).astype("str")


def _recorded_on(history: History, numbers: pd.Series) -> pd.Series:
    listed = history.rows("recordings", "recording_no", "recorded_on").drop_duplicates("recording_no")
    days = listed.set_index("recording_no")["recorded_on"]
    return days.reindex(numbers).set_axis(numbers.index).astype("datetime64[us]")


def _nearest(
    left: pd.DataFrame,
    left_day: str,
    right: pd.DataFrame,
    right_day: str,
    carried: list[str],
    direction: str,
    same_day: bool = True,
    by: str = "customer",
) -> pd.DataFrame:
    """Match each row to the nearest row of the same customer; `right` is sorted, the last of equals wins."""
    asked = left[[by, left_day]].dropna().sort_values(left_day, kind="stable")
    held = right[[by, right_day, *carried]].dropna(subset=[by, right_day])
    found = pd.merge_asof(
        asked.reset_index(names="_place"),
        held,
        left_on=left_day,
        right_on=right_day,
        by=by,
        direction=direction,  # type: ignore[arg-type]
        allow_exact_matches=same_day,
    ).set_index("_place")
    return found[[right_day, *carried]].reindex(left.index)


def _assessment_facts(history: History) -> Derived:
    tests = history.rows("risk_assessments", "customer", "assessed_at", "level", "device", "teller", "assessment_no")
    order = tests.sort_values(["customer", "assessed_at", "assessment_no"], kind="stable")
    day = order["assessed_at"].dt.normalize()
    groups = order.groupby("customer", sort=False)
    return {
        "count_day": (order.groupby(["customer", day], sort=False).cumcount() + 1).reindex(tests.index).astype("Int64"),
        "count_12_months": _within_a_year(order, day).reindex(tests.index),
        "previous_level": groups["level"].shift().reindex(tests.index).astype("Int64"),
        "previous_on": day.groupby(order["customer"], sort=False).shift().reindex(tests.index).astype("datetime64[us]"),
        "device_day_customers": _customers_of_the_day(tests, "device"),
        "teller_day_customers": _customers_of_the_day(tests, "teller"),
    }


def _within_a_year(order: pd.DataFrame, day: pd.Series) -> pd.Series:
    """Count, for each row, the customer's rows after the same day of the year before, itself included."""
    if order.empty:
        return pd.Series(dtype="Int64")
    customer = order.groupby("customer", sort=False).ngroup().to_numpy(dtype="int64") * 1_000_000
    ordinal = (day - pd.Timestamp(1900, 1, 1)).dt.days.to_numpy(dtype="int64")
    start = ((day - pd.DateOffset(years=1)) - pd.Timestamp(1900, 1, 1)).dt.days.to_numpy(dtype="int64")
    first = np.searchsorted(customer + ordinal, customer + start, side="right")
    return pd.Series(np.arange(len(order)) - first + 1, index=order.index).astype("Int64")


def _customers_of_the_day(tests: pd.DataFrame, by: str) -> pd.Series:
    """Count the customers of one device or teller on one day, over the whole bank."""
    known = tests[tests[by].notna()]
    counts = known.groupby([by, known["assessed_at"].dt.normalize()])["customer"].transform("nunique")
    return counts.reindex(tests.index).astype("Int64")


def _policy_facts(history: History) -> Derived:
    policies = history.rows("bancassurance", "customer", "birth_date", "sold_on")
    tests = history.rows("risk_assessments", "customer", "assessed_at")
    tests = tests.assign(day=tests["assessed_at"].dt.normalize()).sort_values("day")
    before = _nearest(policies, "sold_on", tests, "day", [], "backward")
    return {"age": age_on(policies["birth_date"], policies["sold_on"]), "assessed_on": before["day"]}


def _service_facts(history: History) -> Derived:
    services = history.rows("special_services", "customer", "birth_date", "served_on", "service")
    new = services[services["customer"].notna() & services["service"].isin(_NEW_SERVICES)]
    together = new.groupby(["customer", "served_on"])["service"].agg(
        lambda kinds: "、".join(kind for kind in _NEW_SERVICES if kind in set(kinds))
    )
    asked = pd.MultiIndex.from_frame(services[["customer", "served_on"]])
    same_day = pd.Series(together.reindex(asked).to_numpy(dtype=object), index=services.index, dtype="str")
    return {"age": age_on(services["birth_date"], services["served_on"]), "same_day_services": same_day}


def _complaint_facts(history: History) -> Derived:
    """The first complaint of a claim stays empty, so that whatever is filled is a repeat."""
    ledger = history.rows("complaints", *CORE)
    claim = claim_key(ledger["claim"])
    known = ledger.assign(_claim=claim)[ledger["customer"].notna() & claim.notna() & (claim != "")]
    order = known.sort_values(["received_on", "complaint_no"], kind="stable")
    first = order.groupby(["customer", "_claim"], sort=False)["complaint_no"].transform("first")
    whole = [column.name for column in DATASETS["complaints"].columns]
    return {
        "first_complaint_no": first.where(first != order["complaint_no"]).reindex(ledger.index).astype("str"),
        "reviewed_by": _reviewed_by(history),
        **matter_facts(ledger, lambda: history.rows("complaints", *whole)),
    }


def _reviewed_by(history: History) -> pd.Series:
    """Name who reviews a decision (3号令第二十条): whom the ledger names, else the superior in the register."""
    ledger = history.rows("complaints", "unit", "review_unit", "review_requested_on")
    units = history.rows("units", "unit", "parent").drop_duplicates("unit").set_index("unit")["parent"]
    superior = ledger["unit"].map(units)
    named = ledger["review_unit"].where(ledger["review_unit"].notna(), superior)
    return named.where(ledger["review_requested_on"].notna()).astype("str")


def _answered_by(name: str) -> Callable[[History], Derived]:
    """Return who answers for each row of a register: its unit, or the nearest above of a level that is asked."""

    def facts(history: History) -> Derived:
        asked = {LEVELS[level] for level in DATASETS[name].answered_at}
        register = history.rows("units", "unit", "level", "parent").drop_duplicates("unit")
        tree = {unit: (level, parent) for unit, level, parent in register.itertuples(index=False, name=None)}
        units = history.rows(name, "unit")["unit"]
        return {"answered_by": units.map(lambda unit: _answering(unit, tree, asked)).astype("str")}

    return facts


def _answering(unit: str, tree: Mapping[str, tuple[str, str]], asked: set[str]) -> str | None:
    """Climb from `unit` to one that is asked. One the register does not know answers for itself."""
    seen: set[str] = set()
    at = unit
    while at in tree and at not in seen:
        seen.add(at)
        level, parent = tree[at]
        if level in asked:
            return at
        at = parent
    return unit


def _transfer_facts(history: History) -> Derived:
    transfers = history.rows("transfers", "complaint_no")
    ledger = history.rows("complaints", "complaint_no", "received_on").drop_duplicates("complaint_no")
    ledger = ledger.set_index(ledger["complaint_no"].str.casefold())
    asked = transfers["complaint_no"].str.casefold()
    return {
        "registered_no": asked.map(ledger["complaint_no"], na_action="ignore").astype("str"),
        "registered_on": asked.map(ledger["received_on"], na_action="ignore").astype("datetime64[us]"),
    }


def _account_facts(history: History) -> Derived:
    """Say where the account's holder stands at the period's end, and when they left the account's unit."""
    accounts = history.rows("accounts", "employee", "unit")
    staff = history.rows("staff", "employee", "unit", "from_date", "to_date", "status")
    end = pd.Timestamp(history.period.end)
    staff = staff[staff["from_date"] <= end]
    gone = staff["status"].isin(["调离", "离职"]) & (staff["to_date"].isna() | (staff["to_date"] <= end))
    staff = staff.assign(here=~gone & ~(staff["to_date"] <= end)).sort_values(
        ["here", "from_date", "unit"], kind="stable"
    )
    last = staff.drop_duplicates("employee", keep="last").set_index("employee")
    status = last["status"].where(last["status"].isin(["调离", "离职"]), "离职").where(~last["here"], "在岗")
    holder = accounts["employee"]
    posts = staff[~staff["here"]].drop_duplicates(["employee", "unit"], keep="last").set_index(["employee", "unit"])
    from_here = posts["to_date"].reindex(pd.MultiIndex.from_frame(accounts)).set_axis(accounts.index)
    anywhere = holder.map(last["to_date"].where(~last["here"])).astype("datetime64[us]")
    still_here = holder.map(last["here"]).eq(True) & holder.map(last["unit"]).eq(accounts["unit"])
    left = from_here.astype("datetime64[us]").fillna(anywhere).mask(still_here)
    return {
        "left_on": left,
        "staff_unit": holder.map(last["unit"]).astype("str"),
        "staff_status": holder.map(status).astype("str"),
    }


def _loan_facts(history: History) -> Derived:
    """Find the policy of the same customer nearest in days; days are signed, after the loan is positive."""
    loans = history.rows("loans", "customer", "lent_on", "product", "customer_layer", "contract_annual_rate")
    policies = history.rows("bancassurance", "customer", "policy_no", "sold_on").sort_values(["sold_on", "policy_no"])
    before = _nearest(loans, "lent_on", policies, "sold_on", ["policy_no"], "backward")
    after = _nearest(loans, "lent_on", policies, "sold_on", ["policy_no"], "forward")
    since = (before["sold_on"] - loans["lent_on"]).dt.days
    until = (after["sold_on"] - loans["lent_on"]).dt.days
    later = until.notna() & (since.isna() | (until < -since))
    return {
        "near_policy_no": before["policy_no"].mask(later, after["policy_no"]).astype("str"),
        "near_policy_days": since.mask(later, until).astype("Int64"),
        "layer_rate": _layer_rate(loans[history.current("loans")]).reindex(loans.index),
    }


def _layer_rate(loans: pd.DataFrame) -> pd.Series:
    """Return the median rate of loans of one product to one layer in this period; of fewer than five there is none."""
    known = loans.dropna(subset=["product", "customer_layer", "contract_annual_rate"])
    rates = pd.to_numeric(known["contract_annual_rate"]).groupby([known["product"], known["customer_layer"]])
    medians = rates.transform("median").where(rates.transform("size") >= _PEERS_AT_LEAST)
    exact = [None if value != value else Decimal(str(round(value, 6))) for value in medians]
    return pd.Series(exact, index=known.index, dtype=object)


def _lookup_facts(history: History) -> Derived:
    """Counts are of this period alone and of the whole bank: a teller may look up at several units."""
    lookups = history.rows("credit_lookups", "teller", "authorisation_no", "customer")
    authorised = lookups[lookups["authorisation_no"].notna()].groupby("authorisation_no")["customer"]
    tellers = lookups["teller"][history.current("credit_lookups")]
    counts = tellers.value_counts()
    median = Decimal(str(counts.median())) if len(counts) else None
    return {
        "teller_count": lookups["teller"].map(counts).astype("Int64"),
        "peer_median": pd.Series([median] * len(lookups), index=lookups.index, dtype=object),
        "authorisation_customers": authorised.transform("nunique").reindex(lookups.index).astype("Int64"),
    }


def _sms_facts(history: History) -> Derived:
    """Take the latest opt-out before the send, by customer number or by mobile."""
    sends = history.rows("sms_sends", "customer", "mobile", "sent_at")
    opts = history.rows("sms_opt_outs", "customer", "mobile", "opted_out_at").sort_values("opted_out_at")
    found = [
        _nearest(sends, "sent_at", opts, "opted_out_at", [], "backward", by=by)["opted_out_at"]
        for by in ("customer", "mobile")
    ]
    return {"opted_out_on": pd.concat(found, axis=1).max(axis=1).dt.normalize()}


LOOK_BACK: Mapping[str, Callable[[History], Derived]] = {
    "product_sales": _sale_facts,
    "risk_assessments": _assessment_facts,
    "bancassurance": _policy_facts,
    "special_services": _service_facts,
    "complaints": _complaint_facts,
    "transfers": _transfer_facts,
    "accounts": _account_facts,
    "loans": _loan_facts,
    "credit_lookups": _lookup_facts,
    "sms_sends": _sms_facts,
    **{dataset.name: _answered_by(dataset.name) for dataset in DATASETS.values() if dataset.answered_at},
}
