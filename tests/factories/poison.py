"""What must never get through: personal data in 25 forms, 9 of markup, 12 of formulas; and what must always pass."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta

from stdnum import luhn
from stdnum.iso7064 import mod_11_2


def _wide(text: str) -> str:
    return text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


_ID_BODY = "33010619900101123"
ID = _ID_BODY + mod_11_2.calc_check_digit(_ID_BODY)
_CARD_BODY = "622202021000001234"
CARD = _CARD_BODY + luhn.calc_check_digit(_CARD_BODY)
MOBILE = "13800138000"

PERSONAL: Mapping[str, str] = {
    "证件号": ID,
    "证件号分段": f"{ID[:6]} {ID[6:14]} {ID[14:]}",
    "证件号全角": _wide(ID),
    "证件号夹零宽字符": "\u200b".join(ID),
    "十五位证件号": "330106900101123",
    "手机": MOBILE,
    "手机加国家号": "+86 138-0013-8000",
    "手机夹空格": "138 0013 8000",
    "手机全角": _wide(MOBILE),
    "手机夹不可见字符": "138\u20600013\u00ad8000",
    "手机用汉字写": "幺三八零零幺三八零零零",
    "手机用点分": "138.0013.8000",
    "座机": "0571-87654321",
    "座机带括号": "（0571）8765 4321",
    "座机不写区号": "电话87654321",
    "银行卡": CARD,
    "银行卡分组": " ".join(CARD[place : place + 4] for place in range(0, len(CARD), 4)),
    "信用卡": "4111-1111-1111-1111",
    "账号": "账号：1202020209900123456",
    "护照": "护照号 EA1234567",
    "邮箱": "zhang.san@example.com",
    "邮箱全角": _wide("zhangsan@qq.com"),
    "车牌": "浙A·12345",
    "新能源车牌": "浙AD12345",
    "微信号": "微信号：zhang_san88",
}
MARKUP: tuple[str, ...] = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href='javascript:alert(1)'>点</a>",
    "<iframe src='//example.com'></iframe>",
    "</td></tr></table><h1>假</h1>",
    "<!-- 藏 -->",
    "<style>*{display:none}</style>",
    "&lt;b&gt;",
)
FORMULAS: tuple[str, ...] = (
    "=1+1",
    "=HYPERLINK(\"http://example.com\",\"点\")",
    "+1+1",
    "-1+1",
    "@SUM(1,1)",
    "=cmd|' /C calc'!A0",
    "\t=1+1",
    "=IMPORTXML(\"http://example.com\",\"//a\")",
    "＝1+1",
    "=DDE(\"a\",\"b\")",
    "{=1+1}",
    "'=1+1",
)  # fmt: skip


def clean(number: int, seed: int = 11) -> list[str]:
    """Return `number` amounts, dates, document numbers, business keys and hotlines, as tables hold them."""
    rng = random.Random(seed)
    made: list[str] = []
    while len(made) < number:
        day = date(2018, 1, 1) + timedelta(days=rng.randrange(3300))
        many = rng.randrange
        made += [
            f"{many(10**8)}.{many(100):02d}",
            f"{many(10**11):,}.{many(100):02d}",
            f"金额{many(10**11)}元",
            f"{many(10**6)}元",
            f"{day}",
            f"{day:%Y年%m月%d日}",
            f"{day:%Y%m%d}",
            f"{day:%Y/%m/%d} {many(24):02d}:{many(60):02d}:{many(60):02d}",
            f"{day}至{day + timedelta(days=90)}",
            f"银发〔{day.year}〕{many(999)}号",
            f"（{day.year}）浙01民终{many(9999)}号",
            f"TS{day:%Y%m%d}{many(10**4):04d}",
            f"流水号{day:%Y%m%d}{many(10**8):08d}",
            f"{day:%Y%m%d}{many(10**8):08d}",
            f"HT-{day.year}-{many(10**6):06d}",
            f"柜员号{many(10**6):06d}",
            f"95{many(1000):03d}",
            f"400-{many(1000):03d}-{many(10**4):04d}",
            "12378",
            "12345",
        ]
    return made[:number]
