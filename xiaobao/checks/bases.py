"""What a check takes from each article it cites: whom the article binds, on what, from which day, but for what.

Columns are of two kinds. A `Governs` column decides whether an article governs a row at all: an empty cell is not
judged and counted (未判). A `Proviso` is a circumstance that the unit has to prove: without its column the row is still
a lead, which says so and asks for proof.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from xiaobao.model import Value

# The first day in force of each document that checks cite; a test holds it against the register of regulations.
IN_FORCE: Mapping[str, date | None] = {
    "9号令": date(2023, 3, 1),
    "5号令": date(2020, 11, 1),
    "3号令": date(2020, 3, 1),
    "适当性办法": date(2026, 2, 1),
    "110号": None,
    "54号": date(2017, 11, 1),
    "2号令": date(2024, 3, 1),
    "银发2018-106": None,
    "银发2018-243": None,
    "银发2019-316": date(2020, 1, 25),
    "广告法": date(2015, 9, 1),
    "个保法": date(2021, 11, 1),
    "消保法": None,
    "消保法实施条例": date(2024, 7, 1),
    "人行令2025-3": date(2025, 6, 30),
    "人行令2025-4": date(2025, 8, 1),
    "征信业管理条例": date(2013, 3, 15),
    "征信业务管理办法": date(2022, 1, 1),
    "反洗钱法": date(2025, 1, 1),
    "明码标价规定": date(2022, 7, 1),
    "老年人权益保障法": date(2013, 7, 1),
    "无障碍环境建设法": date(2023, 9, 1),
    "民法典": date(2021, 1, 1),
    "银发2015-392": None,
    "金规2026-2": date(2026, 8, 1),
}


class Governs(Value):
    """A column that decides whether an article governs a row: only these `values` are governed. `says` why.

    `unsure` values tell as little as an empty cell.
    """

    column: str
    values: tuple[str, ...]
    says: str
    unsure: tuple[str, ...] = ()


class Proviso(Value):
    """An exception of the article. `columns` register it; `ask` words what the unit may prove where they are absent.

    Without `ask` it needs no proof: the check itself leaves such rows out, or the article only explains.
    """

    says: str
    columns: tuple[str, ...] = ()
    ask: str = ""


class Basis(Value):
    """One article as a check uses it. `days` are the columns that `in_force` is held against, else the check's own day.

    `but` are its exceptions; an empty one is printed as 无例外, so it has to be meant. `unverified`: its text was not
    read, so that no number is printed and a lead says that it only suggests.
    """

    document: str
    article: str
    binds: str
    start: str
    in_force: date | None
    but: tuple[Proviso, ...]
    governs: tuple[Governs, ...] = ()
    days: tuple[str, ...] = ()
    unverified: bool = False

    @property
    def name(self) -> str:
        return self.document + ("" if self.unverified else self.article)


NONE: tuple[Proviso, ...] = ()  # 无例外
UNREAD = "待核"  # the article of a document whose text was not read
SCOPE5 = (
    Proviso(says="只及利率、人民币、外汇、黄金、国库、支付清算、反洗钱、征信及相关营销、信息中的自然人（5号令第二条）"),
)
INVESTMENT = Governs(
    column="product_type",
    values=("自营理财", "代销理财", "代销信托"),
    unsure=("其他",),
    says="只及可能损失本金的投资型产品；代销基金执行证券期货投资者适当性规定，国债、贵金属、存款不在内",
)
PERSONAL_PAYER = Governs(column="payer_kind", values=("个人",), says="只及个人消费者")
PERSONAL_LOAN = Governs(column="borrower_kind", values=("个人",), unsure=("个体工商户",), says="只及自然人借款")
PERSONAL_SUBJECT = Governs(column="subject_kind", values=("个人",), says="只及个人信用信息")


def on(
    document: str,
    article: str,
    *,
    binds: str,
    start: str,
    but: tuple[Proviso, ...],
    governs: tuple[Governs, ...] = (),
    days: tuple[str, ...] = (),
) -> Basis:
    """Declare an article, `UNREAD` where its text was not: `binds` the bearer of the duty, `start` what counts from."""
    return Basis(
        document=document,
        article=article,
        binds=binds,
        start=start,
        in_force=IN_FORCE[document],
        but=but,
        governs=governs,
        days=days,
        unverified=article == UNREAD,
    )
