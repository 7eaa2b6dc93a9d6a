"""Every form of personal data is found however it is written; amounts, dates, keys and hotlines never are."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.factories.poison import CARD, ID, MOBILE, PERSONAL, clean
from tests.factories.store import make_score
from xiaobao.model import Response
from xiaobao.personal import find_personal, mask, state_public
from xiaobao.personal.finding import hide
from xiaobao.personal.values import masked, masked_plain


@pytest.fixture(autouse=True)
def nothing_public() -> Iterator[None]:
    """Whatever a test states as public, the next one starts from nothing."""
    state_public(())
    yield
    state_public(())


@pytest.mark.parametrize("form", PERSONAL)
def test_each_form_is_hidden_and_nothing_else_of_the_text(form: str) -> None:
    """The words before and after stay; of the number not a digit."""
    hidden = mask(f"客户称{PERSONAL[form]}，请回复")
    assert hidden.startswith("客户称")
    assert hidden.endswith("】，请回复")
    assert not any(ch.isdigit() for ch in hidden)
    assert "@" not in hidden
    assert "zhang" not in hidden


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("13800138000,13900139000", "【手机号已隐去】,【手机号已隐去】"),
        ("电话，13800138000。", "电话，【手机号已隐去】。"),
        ("138\n0013\n8000", "【手机号已隐去】"),
        ("tel13800138000", "tel【手机号已隐去】"),
        ("010-87654321转801", "【电话号已隐去】"),
        ("057187654321", "【电话号已隐去】"),
        ("+86 571 8765 4321", "【电话号已隐去】"),
        ("zhang san(at)qq.com", "zhang 【邮箱已隐去】"),
        ("E12345678", "【证件号已隐去】"),
        ("通行证H1234567800", "通行证【证件号已隐去】"),
        ("wxid_abcdef123", "【微信号已隐去】"),
        ("加v：zhang_san1", "加v：【微信号已隐去】"),
        ("QQ 123456789", "QQ 【QQ号已隐去】"),
        ("姓名：张三", "姓名：【姓名已隐去】"),
        ("家庭住址：杭州市西湖区文三路1号，已核实", "家庭住址：【地址已隐去】，已核实"),
        ("张三13800138000", "张三【手机号已隐去】"),
        (f"张三{ID}", "张三【证件号已隐去】"),
        (f"2020-1{ID}", "2020-1【证件号已隐去】"),
        (f"sfz{ID}abc", "sfz【证件号已隐去】abc"),
        ("ZhangSan13800138000", "ZhangSan【手机号已隐去】"),
        ("138,0013,8000", "【手机号已隐去】"),
        ("138*0013*8000", "【手机号已隐去】"),
        ("010-12345678", "【电话号已隐去】"),
        ("6217001234567890123", "【卡号已隐去】"),
        ("1234 5678 9012 3456", "1234 5678 9012 3456"),
        ("zhang.san＠example。com", "【邮箱已隐去】"),
        ("WeChat: zhang_san88", "WeChat: 【微信号已隐去】"),
        ("v信zhangsan88", "v信【微信号已隐去】"),
        ("客户地址：杭州市文三路1号", "客户地址：【地址已隐去】"),
        ("①③⑧⓪⓪①③⑧⓪⓪⓪", "【手机号已隐去】"),
        ("𝟏𝟑𝟖𝟎𝟎𝟏𝟑𝟖𝟎𝟎𝟎", "【手机号已隐去】"),
    ],
)
def test_further_writings(written: str, left: str) -> None:
    """Lists, broken lines, words stuck to numbers, other papers, chat names, labelled names and addresses."""
    assert mask(written) == left


@pytest.mark.parametrize(
    "text",
    [
        "13800138000元",
        "金额13800138000",
        "13800138000.00",
        "流水号13800138000",
        "91330106MA2CF1234X",
        "扣费150 2026-06-30 到账",
        "2026.01.01-2026.06.30",
        "2026-06-30 15:30:00",
        "客服电话 95533",
        "电话：400-812-3456",
        "12345热线",
        "电话回访2026-06-30",
        "账户2026-06-30销户",
        "证件有效期至2026-06-30",
        "工号E12345678",
        "机构0101-2026-0001",
        "微信银行",
        "微信WeChatPay支付",
        "创新A12345产品",
        "云A股",
        "京银保监发〔2020〕310号",
        "C-vxabcdefg234",
        "IP 192.168.100.200",
        "0f3a13800138000bcd",
        "95%~98%",
        "3.1415926535897932",
        "138.00138000",
        "4111.111111111111",
        "13,800,138,000",
        "流水号6222021234567890123",
        "TS13800138000",
        "编号12330106199013411239",
        "网点地址：城关街1号",
    ],
)
def test_what_only_looks_personal_stays(text: str) -> None:
    """The other side of each limit."""
    assert mask(text) == text


def test_of_ten_thousand_clean_values_at_most_half_a_percent_is_masked() -> None:
    """Amounts, dates, document numbers, business keys, hotlines, as tables hold them."""
    texts = clean(10_000)
    wrong = [text for text in texts if find_personal(text)]
    assert len(texts) == 10_000
    assert len(wrong) <= 50, wrong[:20]


def test_what_the_bank_states_as_public_passes_by_its_exact_value() -> None:
    """However it is written; another number of the same place does not pass."""
    state_public(["0571-87654321", "xiaobao@bank.example", "13800138000"])
    assert mask("网点电话（0571）8765 4321") == "网点电话（0571）8765 4321"
    assert mask("请来信 XIAOBAO@bank.example") == "请来信 XIAOBAO@bank.example"
    assert mask(MOBILE) == MOBILE
    assert mask("0571-87654322") == "【电话号已隐去】"
    state_public(())
    assert mask("0571-87654321") == "【电话号已隐去】"


def test_found_places_are_those_of_the_text_as_it_was_written() -> None:
    """What is invisible inside a number is hidden with it; what stands around it is not."""
    spread = "\u200b".join(ID)
    text = f"甲\u200b乙\u200b{spread}\u200b丙"
    [one] = find_personal(text)
    assert text[one.start : one.end].replace("\u200b", "") == ID
    assert hide(text) == "甲\u200b乙\u200b【证件号已隐去】\u200b丙"
    assert mask(text) == "甲乙【证件号已隐去】丙"


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="0123456789 -\n一二元Xx.，@aE京号（）\u200b１", max_size=60))
def test_masking_twice_changes_nothing_more(text: str) -> None:
    """What a mask leaves needs no second one."""
    assert mask(mask(text)) == mask(text)


def test_a_value_is_masked_field_by_field_but_for_what_names_things() -> None:
    """Ids and authors stay; a value without personal data is the very same one."""
    answer = Response(item_id=MOBILE, note=f"打{MOBILE}", evidence=(f"{MOBILE}.jpg",), author=MOBILE)
    hidden = masked(answer)
    assert (hidden.item_id, hidden.author) == (MOBILE, MOBILE)
    assert (hidden.note, hidden.evidence) == ("打【手机号已隐去】", ("【手机号已隐去】.jpg",))
    plain = Response(item_id="c-1", note="正常")
    assert masked(plain) is plain


def test_numbers_kept_as_text_are_never_masked() -> None:
    """Decimals are texts in JSON: a sum of eleven digits must come back as it went."""
    plain = {"amount": MOBILE, "share": f"0.{ID[:17]}", "note": f"打{MOBILE}", "id": MOBILE}
    assert masked_plain(plain) == {**plain, "note": "打【手机号已隐去】"}
    assert masked_plain([MOBILE, "正常"]) == [MOBILE, "正常"]


def test_an_exact_share_that_holds_the_digits_of_a_card_or_a_mobile_is_no_personal_data() -> None:
    """A total over many domains is assessed to a share of twenty digits: hidden, the card could not be opened again."""
    score = replace(make_score(), coverage=Decimal("92.31"), assessed=f"{CARD}/{CARD[:-1]}9")
    assert masked(score) is score
    assert masked_plain({"assessed": score.assessed, "resolved": {"after": {"c-1": score.assessed}}}) == {
        "assessed": score.assessed,
        "resolved": {"after": {"c-1": score.assessed}},
    }
    assert score.share == Fraction(int(CARD), int(f"{CARD[:-1]}9"))
    for hidden in ("【卡号已隐去】", "12/【卡号已隐去】"):
        assert replace(score, assessed=hidden).share == Fraction(9231, 10000), "what was hidden before is known roughly"


def test_a_digest_that_happens_to_hold_eleven_digits_is_nobodys_number() -> None:
    """A store names each payload and file by one; cut short or written together with more it is a text like others."""
    digest = "643546d0d18e0561fc601347c7abcb13812345678" + "ab12" * 5 + "abc"
    assert len(digest) == 64
    assert mask(digest) == digest
    assert mask(f"摘要 {digest}，电话13812345678") == f"摘要 {digest}，电话【手机号已隐去】"
    assert "13812345678" not in mask(digest[:41])
