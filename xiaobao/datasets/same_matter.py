"""Which complaints belong to one matter: the same customer with the same claim, over the whole bank and all periods.

Facts, not verdicts: whether an earlier complaint makes a repeat is a rule of counting, chosen by the bank.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from xiaobao.datasets.catalogue import LEDGER_FACTS

CORE = (
    "complaint_no",
    "unit",
    "nature",
    "accepted",
    "received_on",
    "decided_on",
    "withdrawn_on",
    "customer",
    "claim",
    "content",
    "source",
    "channel",
)
FACTS = LEDGER_FACTS


def claim_key(claim: pd.Series) -> pd.Series:
    """Return claims in the form in which they are compared: NFKC, letters and figures only, case-folded."""
    return claim.astype("str").str.normalize("NFKC").str.replace(r"[\W_]+", "", regex=True).str.casefold()


def customer_key(customer: pd.Series) -> pd.Series:
    """Return customer codes in the form in which they are compared: NFKC, no blanks, upper case."""
    return customer.astype("str").str.normalize("NFKC").str.replace(r"\s+", "", regex=True).str.upper()


def matter_facts(ledger: pd.DataFrame, whole: Callable[[], pd.DataFrame]) -> dict[str, pd.Series]:
    """Return the columns of `FACTS` for every row of `ledger`, which has the columns of `CORE`.

    `whole` gives all columns of the same rows; it is asked only when two rows are alike in the core. Consultations and
    refused complaints are no earlier complaints of anything, and an exact duplicate is none either.
    """
    duplicate_of = _duplicates(ledger, whole)
    customer = _coded(customer_key(ledger["customer"]))
    claim = _coded(claim_key(ledger["claim"]))
    refused = ledger["accepted"].astype("boolean").eq(False).fillna(False).to_numpy(dtype=bool)
    nature = ledger["nature"].fillna("投诉").isin(["投诉", ""]).to_numpy()
    counts = nature & ~refused & duplicate_of.isna().to_numpy() & (customer >= 0)
    order = np.lexsort((_coded(ledger["complaint_no"], ordered=True), _days(ledger["received_on"]), claim, customer))
    facts = _chain(ledger, order[(counts & (claim >= 0))[order]], customer, claim)
    facts["escalated"] = _escalated(ledger, counts, customer)
    matter = _coded(pd.Series(customer.astype("int64") * (int(claim.max(initial=-1)) + 1) + claim, index=ledger.index))
    facts["escalated_claim"] = _escalated(ledger, counts & (claim >= 0), matter)
    facts["duplicate_of"] = duplicate_of
    return facts


def _coded(values: pd.Series, ordered: bool = False) -> np.ndarray:
    codes, _ = pd.factorize(values.where(values != ""), sort=ordered)
    return codes


def _days(values: pd.Series) -> np.ndarray:
    return values.to_numpy(dtype="datetime64[D]").astype("int64")


def _duplicates(ledger: pd.DataFrame, whole: Callable[[], pd.DataFrame]) -> pd.Series:
    """Name the first of rows that agree in everything but the number; rows without customer and claim never do."""
    alike = ["unit", "received_on", "customer", "claim", "content"]
    comparable = ledger["customer"].notna() & (ledger["claim"].notna() | ledger["content"].notna())
    found = pd.Series(index=ledger.index, dtype="str")
    candidates = comparable & ledger.duplicated(alike, keep=False)
    if not candidates.any():
        return found
    rows = whole()[candidates.to_numpy()]
    rows = rows.sort_values("complaint_no", kind="stable")
    compared = rows.drop(columns=[name for name in ("complaint_no", "_file", "_row", *FACTS) if name in rows])
    keys = compared.astype(object).where(compared.notna(), "").astype(str).agg("\x1f".join, axis=1)
    first = rows.groupby(keys, sort=False)["complaint_no"].transform("first")
    later = keys.duplicated(keep="first")
    found.loc[first.index[later]] = first[later].astype("str")
    return found


def _chain(ledger: pd.DataFrame, order: np.ndarray, customer: np.ndarray, claim: np.ndarray) -> dict[str, pd.Series]:
    """Look one complaint back and ahead within each matter, over all and over those not withdrawn."""
    received = ledger["received_on"].to_numpy(dtype="datetime64[D]")[order]
    standing = ledger["withdrawn_on"].isna().to_numpy()[order]
    matter = pd.Series(_matter(customer[order], claim[order]))
    days = pd.Series(received.astype("datetime64[s]"))
    kept = days.where(pd.Series(standing))
    by = matter.to_numpy()
    seen = {
        "earlier_on": days.groupby(by, sort=False).shift(1),
        "earlier_standing_on": kept.groupby(by, sort=False).ffill().groupby(by, sort=False).shift(1),
        "later_on": days.groupby(by, sort=False).shift(-1),
        "later_standing_on": kept.groupby(by, sort=False).bfill().groupby(by, sort=False).shift(-1),
    }
    facts = {}
    for name, values in seen.items():
        filled = np.full(len(ledger), np.datetime64("NaT"), dtype="datetime64[us]")
        filled[order] = values.to_numpy(dtype="datetime64[us]")
        facts[name] = pd.Series(filled, index=ledger.index)
    return facts


def _matter(customer: np.ndarray, claim: np.ndarray) -> np.ndarray:
    """Number the matters of rows that are sorted by customer and claim."""
    if not len(customer):
        return np.zeros(0, dtype="int64")
    changes = (np.diff(customer) != 0) | (np.diff(claim) != 0)
    return np.concatenate(([0], np.cumsum(changes)))


def _escalated(ledger: pd.DataFrame, counts: np.ndarray, customer: np.ndarray) -> pd.Series:
    """Tell who comes again, after a decision, by another way (source, or channel where no source is written).

    `customer`: codes of customers, or of customers with a claim where that is compared. Of one's decided complaints
    only the first, and the first that came by another way than that, matter: whatever is later adds no new answer.
    """
    source, channel = ledger["source"], ledger["channel"]
    way = _coded(source.where(source.notna() & (source != ""), channel))
    received, decided = _days(ledger["received_on"]), _days(ledger["decided_on"])
    usable = counts & (way >= 0)
    decided_rows = np.flatnonzero(usable & ledger["decided_on"].notna().to_numpy())
    decided_rows = decided_rows[np.lexsort((decided[decided_rows], customer[decided_rows]))]
    size = int(customer.max(initial=-1)) + 1
    never = np.iinfo("int64").max
    first_on, first_way, other_on = (np.full(size, fill, dtype="int64") for fill in (never, -1, never))
    heads = decided_rows[np.unique(customer[decided_rows], return_index=True)[1]]
    first_on[customer[heads]], first_way[customer[heads]] = decided[heads], way[heads]
    others = decided_rows[way[decided_rows] != first_way[customer[decided_rows]]]
    seconds = others[np.unique(customer[others], return_index=True)[1]]
    other_on[customer[seconds]] = decided[seconds]
    result = np.zeros(len(ledger), dtype=bool)
    at = np.flatnonzero(usable)
    who = customer[at]
    by_first = (first_on[who] <= received[at]) & (first_way[who] != way[at])
    by_other = (other_on[who] <= received[at]) & (first_way[who] == way[at])
    result[at] = by_first | by_other
    return pd.Series(result, index=ledger.index, dtype="boolean")
