"""The quick look at a whole column never passes over a text that the mask would change."""

from __future__ import annotations

import random

from tests.factories.poison import PERSONAL
from xiaobao.datasets.importing import maybe_personal
from xiaobao.personal import mask

AROUND = ("", "客户", "客户2月4日来行，金额27619.00元，", "Re: ", "１２３", "编号", "三月", "\u200b", "\n")


def test_every_form_of_personal_data_is_looked_at_wherever_it_stands_in_a_text() -> None:
    texts = [before + form + after for form in PERSONAL.values() for before in AROUND for after in AROUND]
    changed = [text for text in texts if mask(text) != text]
    assert len(changed) > len(texts) * 0.8
    for number in range(len(PERSONAL)):  # in small columns too: one hidden character does not decide for others
        some = changed[number :: len(PERSONAL)]
        assert set(some) <= set(maybe_personal(some))


def test_no_made_up_text_is_passed_over_that_the_mask_would_change() -> None:
    rng = random.Random(20261129)
    pieces = [
        "138",
        "0013",
        "8000",
        "33010619900101",
        "123",
        "幺三八",
        "１３９",
        "零",
        "0571",
        "8765",
        "4321",
        "62220202",
    ]
    pieces += [
        *" -./(）:：",
        "电话",
        "卡号",
        "账号",
        "存折",
        "姓名",
        "张三",
        "微信",
        "qQ",
        "a@b.com",
        "字第",
        "京A",
        "沪b",
    ]
    pieces += ["客户", "62220202", "元", "年", "月", "住址", "为", "是", "证件", "E", "G1", "护照", "tel", "京A", "沪b"]
    texts = ["".join(rng.choices(pieces, k=rng.randrange(3, 12))) for _ in range(4_000)]
    looked = set(maybe_personal(texts))
    assert [text for text in texts if text not in looked and mask(text) != text] == []
    assert sum(mask(text) != text for text in texts) > 500


def test_texts_of_daily_work_are_not_looked_at_twice() -> None:
    plain = [f"客户{n % 12 + 1}月来行办理业务，排队{n}分钟，金额{n * 37}.50元，流水{n:06}" for n in range(500)]
    assert maybe_personal([*plain, "请拨打 13800138000"]) == ["请拨打 13800138000"]
    assert maybe_personal([]) == []
