"""Facts that reach across units and periods are computed once, before the bank's rows are cut by unit."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest

from tests.factories.imported import cut, import_rows, looked_back, row
from xiaobao.datasets.look_back import age_on


def days(*texts: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("1961-06-15", "2026-06-14", 64),
        ("1961-06-15", "2026-06-15", 65),
        ("1961-06-15", "2026-06-16", 65),
        ("1960-02-29", "2025-02-28", 64),
        ("1960-02-29", "2025-03-01", 65),
        ("1960-02-29", "2024-02-29", 64),
        ("2026-06-15", "2026-06-15", 0),
    ],
)
def test_age_turns_on_the_birthday(born: str, day: str, age: int) -> None:
    """The 65th birthday counts as 65; born on 29 February, one is older on 1 March of a common year."""
    assert age_on(days(born), days(day)).tolist() == [age]


def test_age_of_nobody_is_nothing(tmp_path: Path) -> None:
    """Without a birth date or an ID number there is no age."""
    frame = looked_back(tmp_path, "product_sales", {"product_sales": [row("product_sales", 1)]})
    assert pd.isna(frame.at["K0001", "age"])


def test_age_comes_from_the_id_number_when_no_birth_date_is_given(tmp_path: Path) -> None:
    """And neither of the two travels to the unit's partition."""
    sale = row("product_sales", 1, id_number="110101196106150010", sold_on="2026-06-15")
    frame = looked_back(tmp_path, "product_sales", {"product_sales": [sale]})
    assert frame.at["K0001", "age"] == 65
    assert not {"id_number", "birth_date"} & set(frame.columns)


def test_the_assessment_before_a_sale_is_found_at_another_unit(tmp_path: Path) -> None:
    """Same day counts as before; the last of several on that day wins; the next one after is told too."""
    tests = [
        row("risk_assessments", n, customer="张三", unit="0102", assessed_at=at, level=level)
        for n, (at, level) in enumerate(
            [
                ("2026-01-05 09:00:00", "1"),
                ("2026-03-10 09:00:00", "2"),
                ("2026-03-10 16:00:00", "4"),
                ("2026-05-01 10:00:00", "5"),
            ]
        )
    ]
    sales = [
        row("product_sales", 1, customer="张三", sold_on="2026-03-10"),
        row("product_sales", 2, customer="张三", sold_on="2026-01-04"),
        row("product_sales", 3, customer="李四", sold_on="2026-03-10"),
    ]
    frame = looked_back(tmp_path, "product_sales", {"risk_assessments": tests, "product_sales": sales})
    assert str(frame.at["K0001", "assessed_on"].date()) == "2026-03-10"
    assert frame.at["K0001", "assessed_level"] == 4
    assert str(frame.at["K0001", "assessed_after_on"].date()) == "2026-05-01"
    assert pd.isna(frame.at["K0002", "assessed_on"])
    assert str(frame.at["K0002", "assessed_after_on"].date()) == "2026-01-05"
    assert frame.loc["K0003", ["assessed_on", "assessed_after_on", "assessed_level"]].isna().all()


def test_assessments_are_counted_over_units_channels_and_periods(tmp_path: Path) -> None:
    """Twelve months end on the day: the same day of the year before is out, the day after it is in."""
    earlier = [
        row("risk_assessments", 1, customer="张三", assessed_at="2025-06-10 09:00:00", level="2"),
        row("risk_assessments", 2, customer="张三", assessed_at="2025-06-11 09:00:00", level="2", unit="0102"),
    ]
    now = [
        row("risk_assessments", 3, customer="张三", assessed_at="2026-06-10 09:00:00", level="3", channel="手机银行"),
        row("risk_assessments", 4, customer="张三", assessed_at="2026-06-10 11:00:00", level="3", unit="0102"),
        row("risk_assessments", 5, customer="李四", assessed_at="2026-06-10 11:00:00", level="1"),
    ]
    files = [
        import_rows(tmp_path / "a", "risk_assessments", earlier, "2025H1"),
        import_rows(tmp_path / "b", "risk_assessments", now),
    ]
    made = cut(tmp_path, *files)
    frame = pd.concat([read(made["0101", "risk_assessments"].path), read(made["0102", "risk_assessments"].path)])
    frame = frame.set_index("assessment_no")
    assert sorted(frame.index) == ["K0003", "K0004", "K0005"]
    assert frame["count_day"].to_dict() == {"K0003": 1, "K0004": 2, "K0005": 1}
    assert frame["count_12_months"].to_dict() == {"K0003": 2, "K0004": 3, "K0005": 1}
    assert frame["previous_level"].dropna().to_dict() == {"K0003": 2, "K0004": 3}


def read(path: str) -> pd.DataFrame:
    from xiaobao.datasets.partitions import read_partition

    return read_partition(path)


def test_a_device_counts_its_customers_of_the_day(tmp_path: Path) -> None:
    """One customer twice is one; an assessment without a device has no count."""
    tests = [
        row("risk_assessments", 1, customer="甲", device="PAD1", assessed_at="2026-03-01 09:00:00"),
        row("risk_assessments", 2, customer="甲", device="PAD1", assessed_at="2026-03-01 10:00:00", unit="0102"),
        row("risk_assessments", 3, customer="乙", device="PAD1", assessed_at="2026-03-01 11:00:00"),
        row("risk_assessments", 4, customer="乙", device="PAD1", assessed_at="2026-03-02 11:00:00"),
        row("risk_assessments", 5, customer="丙", assessed_at="2026-03-01 11:00:00"),
    ]
    counts = looked_back(tmp_path, "risk_assessments", {"risk_assessments": tests})["device_day_customers"]
    assert counts.dropna().to_dict() == {"K0001": 2, "K0003": 2, "K0004": 1}


def test_a_repeated_claim_names_the_first_complaint(tmp_path: Path) -> None:
    """Same customer, same claim but for width and marks; the first one stays empty; another unit's counts."""
    rows = [
        row("complaints", 1, customer="甲", claim="退还 手续费！", received_on="2026-02-01", unit="0102"),
        row("complaints", 2, customer="甲", claim="退还手续费", received_on="2026-03-01"),
        row("complaints", 3, customer="乙", claim="退还手续费", received_on="2026-03-01"),
        row("complaints", 4, claim="退还手续费", received_on="2026-03-02"),
    ]
    frame = looked_back(tmp_path, "complaints", {"complaints": rows})
    assert frame["first_complaint_no"].dropna().to_dict() == {"K0002": "K0001"}


def test_a_transfer_is_matched_to_the_ledger_of_the_whole_bank(tmp_path: Path) -> None:
    """Case does not matter; a number that the ledger lacks stays empty."""
    ledger = [row("complaints", 1, complaint_no="TS-001", unit="0102", received_on="2026-03-02")]
    transfers = [
        row("transfers", 1, complaint_no="ts-001"),
        row("transfers", 2, complaint_no="TS-9"),
        row("transfers", 3),
    ]
    frame = looked_back(tmp_path, "transfers", {"complaints": ledger, "transfers": transfers})
    assert frame["registered_no"].dropna().to_dict() == {"K0001": "TS-001"}
    assert str(frame.at["K0001", "registered_on"].date()) == "2026-03-02"


def test_an_account_shows_where_its_holder_stands_at_the_periods_end(tmp_path: Path) -> None:
    """Left, moved, still here, unknown."""
    staff = [
        row("staff", 1, employee="E1", from_date="2020-01-01", to_date="2026-03-01", status="离职"),
        row("staff", 2, employee="E2", from_date="2020-01-01", to_date="2026-04-01", status="调离"),
        row("staff", 3, employee="E2", unit="0102", from_date="2026-04-01", status="在岗"),
        row("staff", 4, employee="E3", from_date="2020-01-01"),
        row("staff", 5, employee="E4", from_date="2020-01-01", to_date="2026-09-01"),
        row("staff", 6, employee="E5", from_date="2026-07-01"),
    ]
    accounts = [row("accounts", n, employee=f"E{n}") for n in range(1, 6)]
    frame = looked_back(tmp_path, "accounts", {"staff": staff, "accounts": accounts})
    assert frame["staff_status"].dropna().to_dict() == {
        "K0001": "离职",
        "K0002": "在岗",
        "K0003": "在岗",
        "K0004": "在岗",
    }
    assert frame["staff_unit"].dropna().to_dict() == {
        "K0001": "0101",
        "K0002": "0102",
        "K0003": "0101",
        "K0004": "0101",
    }
    assert {k: str(v.date()) for k, v in frame["left_on"].dropna().items()} == {
        "K0001": "2026-03-01",
        "K0002": "2026-04-01",
    }


def test_the_nearest_policy_of_the_borrower_has_signed_days(tmp_path: Path) -> None:
    """Before the loan is negative; on a tie the earlier policy is named."""
    policies = [
        row("bancassurance", 1, customer="甲", sold_on="2026-03-08", unit="0102"),
        row("bancassurance", 2, customer="甲", sold_on="2026-03-12"),
        row("bancassurance", 3, customer="乙", sold_on="2026-03-11"),
    ]
    loans = [row("loans", n, customer=who, lent_on="2026-03-10") for n, who in enumerate(["甲", "乙", "丙"], 1)]
    frame = looked_back(tmp_path, "loans", {"bancassurance": policies, "loans": loans})
    assert frame["near_policy_no"].dropna().to_dict() == {"K0001": "K0001", "K0002": "K0003"}
    assert frame["near_policy_days"].dropna().to_dict() == {"K0001": -2, "K0002": 1}


def test_look_ups_are_counted_by_teller_over_the_bank_in_the_period(tmp_path: Path) -> None:
    """The median is over tellers, exact."""
    rows = [row("credit_lookups", n, teller="T1", unit=("0101", "0102")[n % 2]) for n in range(4)]
    rows += [row("credit_lookups", 9, teller="T2")]
    frame = looked_back(tmp_path, "credit_lookups", {"credit_lookups": rows})
    assert frame["teller_count"].to_dict() == {"K0000": 4, "K0002": 4, "K0009": 1}
    assert set(frame["peer_median"]) == {Decimal("2.5")}


def test_an_opt_out_before_the_send_is_found_by_customer_or_mobile(tmp_path: Path) -> None:
    """A later opt-out does not count; the latest before does."""
    opts = [
        row("sms_opt_outs", 1, mobile="13800138000", opted_out_at="2026-01-01 08:00:00"),
        row("sms_opt_outs", 2, customer="甲", opted_out_at="2026-02-01 08:00:00"),
        row("sms_opt_outs", 3, customer="甲", opted_out_at="2026-05-01 08:00:00"),
    ]
    sends = [
        row("sms_sends", 1, customer="甲", mobile="13800138000", sent_at="2026-03-01 09:00:00"),
        row("sms_sends", 2, mobile="+86 138-0013-8000", sent_at="2026-01-02 09:00:00"),
        row("sms_sends", 3, customer="甲", sent_at="2026-02-01 07:59:00"),
        row("sms_sends", 4, customer="乙", sent_at="2026-03-01 09:00:00"),
    ]
    frame = looked_back(tmp_path, "sms_sends", {"sms_opt_outs": opts, "sms_sends": sends})
    found = {key: str(day.date()) for key, day in frame["opted_out_on"].dropna().items()}
    assert found == {"K0001": "2026-02-01", "K0002": "2026-01-01"}


def test_services_newly_opened_on_one_day_are_listed_together(tmp_path: Path) -> None:
    """Over the whole bank, in a fixed order."""
    rows = [
        row("special_services", 1, customer="甲", service="开通短信", served_on="2026-03-01"),
        row("special_services", 2, customer="甲", service="开卡", served_on="2026-03-01", unit="0102"),
        row("special_services", 3, customer="甲", service="开卡", served_on="2026-03-02"),
        row("special_services", 4, customer="乙", service="挂失", served_on="2026-03-01"),
    ]
    frame = looked_back(tmp_path, "special_services", {"special_services": rows})
    assert frame["same_day_services"].dropna().to_dict() == {"K0001": "开卡、开通短信", "K0003": "开卡"}


def test_what_a_customer_put_into_one_product_adds_up_over_units(tmp_path: Path) -> None:
    """Two purchases of one day count together; another product and a later day do not."""
    rows = [
        row("product_sales", 1, customer="甲", product="S1", amount="100000.10", sold_on="2026-03-01", unit="0102"),
        row("product_sales", 2, customer="甲", product="S1", amount="199999.90", sold_on="2026-03-05"),
        row("product_sales", 3, customer="甲", product="S1", amount="0.01", sold_on="2026-03-05"),
        row("product_sales", 4, customer="甲", product="S2", amount="5.00", sold_on="2026-03-05"),
        row("product_sales", 5, customer="甲", product="S1", amount="1.00", sold_on="2026-03-06"),
        row("product_sales", 6, customer="乙", product="S1", amount="7.00", sold_on="2026-03-06"),
    ]
    totals = looked_back(tmp_path, "product_sales", {"product_sales": rows})["product_total"]
    both = Decimal("300000.01")
    assert totals.to_dict() == {"K0002": both, "K0003": both, "K0004": 5, "K0005": both + 1, "K0006": 7}


def test_a_seller_is_certified_from_the_first_to_the_last_day(tmp_path: Path) -> None:
    """A certificate for insurance does not help with wealth products; one without an end holds on."""
    papers = [
        row("qualifications", 1, teller="T1", kind="理财", valid_from="2026-03-02", valid_to="2026-03-04"),
        row("qualifications", 2, teller="T2", kind="保险", valid_from="2020-01-01"),
        row("qualifications", 3, teller="T3", kind="理财", valid_from="2020-01-01"),
    ]
    days = {1: "2026-03-01", 2: "2026-03-02", 3: "2026-03-04", 4: "2026-03-05"}
    sales = [row("product_sales", n, teller="T1", sold_on=day) for n, day in days.items()]
    sales += [row("product_sales", 7 + n, teller=f"T{n}", sold_on="2026-03-02") for n in (2, 3)]
    frame = looked_back(tmp_path, "product_sales", {"qualifications": papers, "product_sales": sales})
    assert frame["certificate_no"].dropna().to_dict() == {"K0002": "K0001", "K0003": "K0001", "K0010": "K0003"}


def test_a_recording_is_found_in_any_units_list(tmp_path: Path) -> None:
    listed = [row("recordings", 1, recording_no="R1", recorded_on="2026-03-02", unit="0102")]
    sales = [row("product_sales", 1, recording_no="R1"), row("product_sales", 2, recording_no="R2")]
    frame = looked_back(tmp_path, "product_sales", {"recordings": listed, "product_sales": sales})
    assert {key: str(day.date()) for key, day in frame["recorded_on"].dropna().items()} == {"K0001": "2026-03-02"}


def test_a_teller_counts_customers_of_the_day_and_an_assessment_knows_the_one_before(tmp_path: Path) -> None:
    tests = [
        row("risk_assessments", 1, customer="甲", teller="T1", assessed_at="2026-03-01 09:00:00", unit="0102"),
        row("risk_assessments", 2, customer="乙", teller="T1", assessed_at="2026-03-01 10:00:00"),
        row("risk_assessments", 3, customer="甲", teller="T1", assessed_at="2026-03-02 10:00:00"),
        row("risk_assessments", 4, customer="甲", assessed_at="2026-03-02 11:00:00"),
    ]
    frame = looked_back(tmp_path, "risk_assessments", {"risk_assessments": tests})
    assert frame["teller_day_customers"].dropna().to_dict() == {"K0002": 2, "K0003": 1}
    assert {key: str(day.date()) for key, day in frame["previous_on"].dropna().items()} == {
        "K0003": "2026-03-01",
        "K0004": "2026-03-02",
    }


def test_the_policyholders_last_assessment_is_found_at_another_unit(tmp_path: Path) -> None:
    tests = [row("risk_assessments", 1, customer="甲", assessed_at="2026-03-01 16:00:00", unit="0102")]
    days = {1: "2026-02-28", 2: "2026-03-01"}
    policies = [row("bancassurance", n, customer="甲", sold_on=day) for n, day in days.items()]
    frame = looked_back(tmp_path, "bancassurance", {"risk_assessments": tests, "bancassurance": policies})
    assert {key: str(day.date()) for key, day in frame["assessed_on"].dropna().items()} == {"K0002": "2026-03-01"}


def test_the_usual_rate_of_a_layer_needs_five_loans_of_the_bank(tmp_path: Path) -> None:
    """Four of a layer have no median; the fifth, at another unit, makes one, exact."""
    four = ("3.45", "3.55", "3.65", "3.75")
    lent = [*(("甲", rate, "0101") for rate in four), ("甲", "9.90", "0102"), *(("乙", rate, "0101") for rate in four)]
    loans = [
        row("loans", n, product="消费贷", customer_layer=layer, contract_annual_rate=rate, unit=unit)
        for n, (layer, rate, unit) in enumerate(lent)
    ]
    usual = looked_back(tmp_path, "loans", {"loans": loans})["layer_rate"].dropna()
    assert usual.to_dict() == {f"K000{n}": Decimal("3.65") for n in range(4)}


def test_customers_under_one_consent_are_counted_over_the_bank(tmp_path: Path) -> None:
    rows = [
        row("credit_lookups", 1, customer="甲", authorisation_no="Q1"),
        row("credit_lookups", 2, customer="甲", authorisation_no="Q1"),
        row("credit_lookups", 3, customer="乙", authorisation_no="Q1", unit="0102"),
        row("credit_lookups", 4, customer="丙", authorisation_no="Q2"),
        row("credit_lookups", 5, customer="丁"),
    ]
    counts = looked_back(tmp_path, "credit_lookups", {"credit_lookups": rows})["authorisation_customers"]
    assert counts.dropna().to_dict() == {"K0001": 2, "K0002": 2, "K0004": 1}
