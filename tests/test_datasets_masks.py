"""Personal numbers never survive in free text; figures, dates and serial numbers always do."""

from __future__ import annotations

import random
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from xiaobao.datasets.personal import birth_date, load_key, pseudonym
from xiaobao.errors import WorkspaceError
from xiaobao.personal import mask

AREAS = ("110101", "310115", "330106", "440305", "510104", "650102", "990100")


def resident(rng: random.Random) -> str:
    born = date(1930, 1, 1) + timedelta(days=rng.randrange(33_000))
    body = f"{rng.choice(AREAS)}{born:%Y%m%d}{rng.randrange(1000):03d}"
    return body + mod_11_2.calc_check_digit(body)


def card(rng: random.Random) -> str:
    body = "62" + "".join(rng.choices("0123456789", k=rng.choice((13, 16))))
    return body + luhn.calc_check_digit(body)


def mobile(rng: random.Random) -> str:
    return f"1{rng.randrange(3, 10)}{rng.randrange(10**9):09d}"


def wide(text: str) -> str:
    return text.translate({code: code + 0xFEE0 for code in range(0x30, 0x5B)})


ID = "11010119490307001" + mod_11_2.calc_check_digit("11010119490307001")
WITH_X = next(
    body + "X"
    for body in map(str, range(11010119490307000, 11010119490307999))
    if mod_11_2.calc_check_digit(body) == "X"
)


@pytest.mark.parametrize(
    "written",
    [
        ID,
        f"{ID[:6]} {ID[6:14]} {ID[14:]}",
        f"{ID[:6]}-{ID[6:14]}-{ID[14:]}",
        wide(ID),
        WITH_X.lower(),
        f"{ID[:10]}\n{ID[10:]}",
        " ".join(ID),
        "110101490307001",
        "13800138000",
        "+8613800138000",
        "+86 138 0013 8000",
        "86-138-0013-8000",
        "138-0013-8000",
        "１３８００１３８０００",
        "13800\n138000",
        "6222 0210 0100 0000 000",
        wide("4111111111111111"),
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
    ],
)
def test_every_written_form_of_a_personal_number_is_masked(written: str) -> None:
    """However it is spaced, widened or broken over lines."""
    if written.startswith("6222"):
        body = written.replace(" ", "")[:-1]
        number = body + luhn.calc_check_digit(body)
        written = " ".join(number[place : place + 4] for place in range(0, len(number), 4))
    hidden = mask(f"客户称{written}，请回复")
    assert "已隐去】" in hidden
    assert hidden.startswith("客户称【")
    assert hidden.endswith("】，请回复")


@pytest.mark.parametrize("number", [10_000])
def test_recall_on_generated_numbers_is_at_least_99_percent(number: int) -> None:
    """Ten thousand numbers of each kind; those left whole are counted."""
    rng = random.Random(7)
    for make in (resident, mobile, card):
        left = sum(value in mask(f"电话或证件{value}。") for value in (make(rng) for _ in range(number)))
        assert left <= number // 100, make.__name__


def test_false_masks_are_at_most_half_a_percent() -> None:
    """Amounts, dates, company codes, document and serial numbers stay whole."""
    rng = random.Random(11)
    plain = []
    for _ in range(2000):
        day = date(2020, 1, 1) + timedelta(days=rng.randrange(2500))
        company = f"91330106MA2{rng.randrange(10**6):06d}"
        plain += [
            f"金额{rng.randrange(10**11)}元",
            f"{rng.randrange(10**13):,}.{rng.randrange(100):02d}元",
            f"{day}办理",
            f"{day:%Y年%m月%d日}",
            f"代码{company}{uscc.calc_check_digit(company)}",
            f"消保〔{day.year}〕{rng.randrange(999)}号",
            f"流水号{day:%Y%m%d}{rng.randrange(10**8):08d}",
            f"借据号{rng.randrange(10**15):015d}",
            f"TS{day:%Y%m%d}{rng.randrange(10**4):04d}",
            f"扣费150 {day} 到账",
        ]
    wrong = [text for text in plain if mask(text) != text]
    assert len(wrong) <= len(plain) // 200, wrong[:10]


@pytest.mark.parametrize(
    "text", ["13800138000元", "13800138000.00", "共 13800138000 万", "91330106MA2CF1234X", "2026-06-30 15:30:00", "无"]
)
def test_what_only_looks_like_a_number_of_a_person_stays(text: str) -> None:
    """Amounts of eleven digits, company codes, moments."""
    assert mask(text) == text


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="0123456789 -\n一二元Xx.，", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    """What a mask leaves needs no second one."""
    assert mask(mask(text)) == mask(text)


def test_a_pseudonym_is_the_same_for_every_writing_and_another_for_every_key() -> None:
    """Blanks, width, case and country code do not make another customer."""
    key = b"k" * 32
    assert pseudonym("c 00１", "customer", key) == pseudonym("C001", "customer", key)
    assert pseudonym("+86 138-0013-8000", "mobile", key) == pseudonym("13800138000", "mobile", key)
    assert pseudonym("C001", "customer", key) != pseudonym("C001", "customer", b"x" * 32)
    assert pseudonym("1", "customer", key)[1:] != pseudonym("1", "mobile", key)[1:]
    assert pseudonym("C001", "customer", key) == "C-" + pseudonym("C001", "customer", key)[2:]
    assert len(pseudonym("C001", "customer", key)) == 14


def test_the_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    """Nobody else may read it, and it never lies beside the data."""
    path = tmp_path / "keys" / "pseudonym.key"
    assert load_key(path) == load_key(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(WorkspaceError, match="data 目录"):
        load_key(tmp_path / "data" / "pseudonym.key")
    path.write_text("abcd")
    with pytest.raises(WorkspaceError, match="长度不对"):
        load_key(path)


def test_the_birth_date_stands_in_the_id_number() -> None:
    """Other papers have none; a false number is said to be one."""
    assert birth_date(ID) == date(1949, 3, 7)
    assert birth_date(wide(ID)) == date(1949, 3, 7)
    assert birth_date("110101490307001") == date(1949, 3, 7)
    assert birth_date("E12345678") is None
    with pytest.raises(ValueError, match="校验位"):
        birth_date(ID[:-1] + ("0" if ID[-1] != "0" else "1"))
