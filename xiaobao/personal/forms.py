"""The forms that personal data take in a narrowed text, one pattern each, with what tells them from business keys.

A form is a pattern and a second look. Amounts, dates, document numbers, business keys, hotlines (95xxx, 400, 12378)
and credit codes of companies are none of these.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property

from msgspec import Struct

Accept = Callable[[str, "re.Match[str]"], bool]


class PersonalForm(Struct, frozen=True, kw_only=True, dict=True):
    """One form: `group` of the pattern is hidden where `accept` agrees.

    `digits` stand close together in every text that holds one, and `hint` stands in it.
    """

    kind: str
    written: str
    accept: Accept
    group: int = 0
    digits: int = 0
    hint: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Compiled when a text first may hold this form: most processes meet few of them, and all are dear."""
        return re.compile(self.written, re.IGNORECASE)

    @cached_property
    def sign(self) -> re.Pattern[str]:
        """The hint, compiled as late."""
        return re.compile(self.hint, re.IGNORECASE)

    def possible(self, text: str, most: int) -> bool:
        """Tell by what is quick to see whether `text` may hold one; `most` digits of it stand together."""
        return self.digits <= most and (not self.hint or self.sign.search(text) is not None)


PROVINCES = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
_START, _END = r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])"
_NOT_FRACTION = r"(?<!\d\.)"
_NO_AMOUNT = r"(?!\.\d)(?![ \t]*(?:元|万|亿|美元|港元|欧元|%|件|笔|户|股|份|人次))"
_FILL = r"(?:号码?|编号|为|是|即|系|[:：=＝#]|[ \t\r\n]|[（(][^（）()\n]{0,8}[)）]|No\.?|[\"“”'‘’「」【\[]|-){0,5}"
_KEY_LABEL = (
    r"(?:(?:流水|单|文|合同|保单|借据|凭证|票|订单|序|批|录像|双录|工|柜员|经理|资质|申请|审批|机构|网点|版本|档案|案|投诉|事件)"
    r"号码?|(?<!证件)(?<!客户)(?:编号|编码|代码)|流水|借据|凭证|序列)[为是:：=# \t]{0,3}$"
)
_AMOUNT_LABEL = r"(?i:金额|余额|合计|总额|本金|规模|人民币|RMB|CNY|USD|[¥￥$])[为是约共计:： \t]{0,3}$"
_DATE = r"(?:19|20)\d\d(?P<gap>[-./年 ]?)(?:0?[1-9]|1[0-2])(?:(?P=gap)|月)(?:0?[1-9]|[12]\d|3[01])(?!\d)"
_DATED = r"20[0-3]\d"


def _before(text: str, place: int) -> str:
    return text[max(0, place - 14) : place]


def is_key(text: str, place: int) -> bool:
    """Tell whether the words before say that a business key or an amount follows."""
    before = _before(text, place)
    return bool(re.search(_KEY_LABEL, before) or re.search(_AMOUNT_LABEL, before))


def _any(text: str, found: re.Match[str]) -> bool:
    return True


def _plain(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


# Resident ID numbers

_GAP = r"[ \t\r\n._/·-]{0,3}"
_DATE4 = rf"(?:1{_GAP}[89]|2{_GAP}0){_GAP}\d{_GAP}\d"
_MONTH_DAY = rf"(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}(?:0{_GAP}[1-9]|[12]{_GAP}\d|3{_GAP}[01])"


def _run(*digits: str) -> str:
    return _GAP.join(digits)


def _digits(count: int) -> str:
    return _run(*[r"\d"] * count)


_AREA = rf"[1-9]{_GAP}{_digits(5)}"
_ID18 = rf"{_START}{_AREA}{_GAP}{_DATE4}{_GAP}{_MONTH_DAY}{_GAP}{_digits(3)}{_GAP}[0-9Xx]{_END}"
# Stuck behind a number or a word (2020-1330106…, sfz330106…) only a true date, province and check digit tell it.
_ID18_STUCK = r"[1-8]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx]"
_ID15 = rf"{_START}{_AREA}{_GAP}{_digits(2)}{_GAP}{_MONTH_DAY}{_GAP}{_digits(3)}{_END}"


def id_checksum(plain: str) -> bool:
    """Tell whether the 18 characters end in their check digit (GB 11643)."""
    from stdnum.iso7064 import mod_11_2  # loads ssl and pydoc, and few texts hold such a number

    return bool(mod_11_2.is_valid(plain))


def _resident(text: str, found: re.Match[str]) -> bool:
    """A plausible date and either a province or a true check digit: a mistyped number is personal too."""
    plain = _plain(found.group())
    return re.match(PROVINCES, plain) is not None or (len(plain) == 18 and id_checksum(plain))


def _stuck_resident(text: str, found: re.Match[str]) -> bool:
    plain = _plain(found.group())
    return re.match(PROVINCES, plain) is not None and id_checksum(plain)


def _old_resident(text: str, found: re.Match[str]) -> bool:
    return _resident(text, found) and not is_key(text, found.start())


# Passports, permits and other papers

_PASSPORT = rf"{_START}(?:[EG](?:[ -]?\d){{8}}|E[A-HJ-NP-Z](?:[ -]?\d){{7}}|[DSP]E(?:[ -]?\d){{7}}){_END}"
_HONG_KONG_ID = rf"{_START}[A-Z]{{1,2}}\d{{6}}[(（][0-9A][)）]"
_SOLDIER = r"[军士文武后装海空政][ ]?字[ ]?第?[ ]?\d{6,8}[ ]?号?"
_PAPER_NAMES = (
    "护照|通行证|回乡证|台胞证|居留证|居住证|军官证|士兵证|警官证|身份证件?|证件|驾驶证|驾照|社保卡|医保卡|passport"
)
_PAPER = rf"(?:{_PAPER_NAMES}){_FILL}([A-Za-z]{{0,3}}[ -]?\d(?:[ -]?[0-9A-Za-z]){{5,19}}){_END}"


def _passport(text: str, found: re.Match[str]) -> bool:
    digits = _plain(found.group()).lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return not re.match(_DATED, digits) and not is_key(text, found.start())


def _paper(text: str, found: re.Match[str]) -> bool:
    written = found.group(1)
    return sum(ch.isdigit() for ch in written) >= 6 and not re.match(_DATE, written)


# Cards and accounts

_SEPARATED = r"[ \t\r\n._/·-]{0,2}"
_CARD = rf"{_START}{_NOT_FRACTION}\d(?:{_SEPARATED}\d){{12,18}}{_END}{_NO_AMOUNT}"
_ACCOUNT_NAMES = "账号|帐号|账户|帐户|卡号|存折|银行卡|储蓄卡|借记卡|信用卡|工资卡|account|a/c"
_ACCOUNT = rf"(?:{_ACCOUNT_NAMES}){_FILL}(\d(?:[ \t-]?\d){{9,22}}){_END}{_NO_AMOUNT}"
_ISSUER = r"62|60|65|81|4|5[1-5]|35|3[0467]|2[2-7][2-9]|9558|9400"
_UNION = r"62\d{14}(?:\d{3})?"
_IN_FOURS = r"\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?"


def _card(text: str, found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found.group())
    if not re.match(_ISSUER, digits) or is_key(text, found.start()) or re.search(_DATE, found.group()):
        return False
    if re.fullmatch(_IN_FOURS, found.group()) or re.fullmatch(_UNION, digits):
        return True  # a mistyped card is personal too, and nobody writes a business key so
    from stdnum import luhn

    return bool(luhn.is_valid(digits))


def _account(text: str, found: re.Match[str]) -> bool:
    return not re.match(_DATE, found.group(1))


# Mobiles and landlines

_STEP = r"[ \t\r\n._/·()（）,*-]{0,3}"
_WORD_BEFORE = r"(?-i:(?<=[A-Za-z][a-z]))"  # ZhangSan138…: keys are written in capitals
_LABELLED_START = (
    rf"(?:{_START}|{_WORD_BEFORE}|(?<=tel)|(?<=phone)|(?<=mobile)|(?<=mob)|(?<=[wv]x)|(?<=qq)|(?<=wechat))"
)
_MOBILE = (
    rf"{_LABELLED_START}{_NOT_FRACTION}[(（]?(?:(?:\+|00)?86{_STEP})?"
    rf"(1{_STEP}[3-9](?:{_STEP}\d){{9}})(?!\d)(?![A-Za-z]+\d){_NO_AMOUNT}"
)
_GROUPINGS = frozenset(
    {
        (11,), (3, 4, 4), (3, 3, 5), (4, 3, 4), (4, 4, 3), (5, 6), (6, 5), (3, 8), (7, 4), (3, 2, 2, 2, 2),
        (2, 3, 3, 3), (3, 3, 3, 2), (1,) * 11,
    }
)  # fmt: skip
_AREA_CODE = (
    r"0(?:10|2[0-9]|3(?:1\d|35|49|5\d|7\d|9[1-8])|4(?:1\d|2[179]|3[1-9]|5[1-9]|6[4789]|7\d|8[23])"
    r"|5(?:1\d|2[37]|3\d|4[36]|5\d|6[1-6]|7\d|80|9[1-9])|6(?:3[1-5]|6[0238]|9[12])"
    r"|7(?:01|1\d|2[248]|3\d|4[3-6]|5\d|6[0236-9]|7\d|9\d)|8(?:1[2-9]|2[5-7]|3\d|40|5[1-9]|7\d|8[3678]|9\d)"
    r"|9(?:0[1-9]|1\d|3\d|41|5[1-5]|7\d|9\d))"
)
_LOCAL = r"[1-9](?:[ \t.·-]?\d){6,7}"
_LANDLINE = (
    rf"{_LABELLED_START}(?<!\d[./-])((?:(?:\+|00)?86[ \t-]{{0,2}})?[(（]?{_AREA_CODE})([)） \t._/·-]{{0,3}})({_LOCAL})"
    rf"(?:(?:-|转|分机|ext\.?)[ ]?\d{{1,5}})?{_END}{_NO_AMOUNT}"
)
_ABROAD = (
    rf"(?<![0-9A-Za-z])(?:(?:\+|00)86[ \t-]{{0,2}}|86[ \t-])[(（]?(?:10|2\d|[3-9]\d\d)[)） \t-]{{0,3}}{_LOCAL}{_END}"
)
_NAMES_OF_LOCAL = "电话|座机|固话|传真|联系方式|致电|拨打|拨|tel"
_NAMED_LOCAL = rf"(?:{_NAMES_OF_LOCAL}){_FILL}({_LOCAL})(?![0-9A-Za-z]|-\d){_NO_AMOUNT}"


def _mobile(text: str, found: re.Match[str]) -> bool:
    written = re.sub(r"[ \t]*\r?\n[ \t]*", "", found.group(1))  # a line broken inside a number parts no group
    sizes = tuple(map(len, re.findall(r"\d+", written)))
    if "," in written and sizes != (3, 4, 4):  # 13,800,138,000 is an amount, 138,0013,8000 is none
        return False
    return sizes in _GROUPINGS and not is_key(text, found.start())


def _landline(text: str, found: re.Match[str]) -> bool:
    """An area code with as many digits as numbers there have; undelimited ones look like serials, so look twice."""
    area, gap, local = found.groups()
    digits = re.sub(r"\D", "", local)
    short = re.sub(r"\D", "", area).removeprefix("86")
    if len(digits) < (8 if len(short) == 3 else 7) or re.match(_DATED, digits):
        return False
    return bool(gap) or "(" in area or "（" in area or not is_key(text, found.start())


def _named_local(text: str, found: re.Match[str]) -> bool:
    digits = re.sub(r"\D", "", found.group(1))
    return not re.match(r"20[0-3]\d(?:0[1-9]|1[0-2])", digits) and not re.match(r"[48]00", digits)


# Mail, plates, chat names, and names and addresses that are said to be such

_MAIL = (
    r"[A-Za-z0-9](?:[A-Za-z0-9_%+-]|\.(?!\.))*[ ]?(?:@|[(\[（【][ ]?at[ ]?[)\]）】])[ ]?"
    r"[A-Za-z0-9-]+(?:[ ]?[.。][ ]?[A-Za-z0-9-]{2,})+"
)
_PROVINCE_SIGNS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = (
    rf"(?<![创更全最刷重])[{_PROVINCE_SIGNS}][ ]?[A-HJ-NP-Z][ ·.•-]{{0,2}}"
    rf"(?:[A-HJ-NP-Z0-9][ ·-]?){{4,5}}[A-HJ-NP-Z0-9挂学警港澳]{_END}"
)
_CHAT = (
    r"(?:微[ ]?信|薇信|威信|v信|加[ ]?v|weixin|wechat|(?<![0-9A-Za-z-])[wv]x)"
    r"(号)?((?:[ \t]|为|是|[:：=]|[（(]|id|[\"“'])*)"
    r"([A-Za-z][A-Za-z0-9_-]{5,19})(?![A-Za-z0-9_-])"
)
_CHAT_ID = r"(?<![0-9A-Za-z])wxid_[0-9a-z]{6,}"
_QQ = r"(?:(?<![0-9A-Za-z])QQ|扣扣)(?:号码?)?[ \t:：为是=]{0,3}([1-9]\d{4,10})(?!\d)"
_NAME = (
    r"(?:姓[ ]?名|户名)[ ]?[:：][ ]?"
    r"([\u4e00-\u9fff](?:[\u4e00-\u9fff·]{0,13}·[\u4e00-\u9fff]+|[\u4e00-\u9fff]{1,3}))(?![\u4e00-\u9fff])"
)
_ADDRESS = (
    r"(?:(?:客户|投诉人|消费者|本人|家庭|居住|户籍|常住|现居住?|通讯|联系|邮寄|收件|身份证)(?:住址|地址)|住址)"
    r"[ ]?(?:为|是|[:：])[ ]?"
    r"([^，,。；;\n]{4,60})"
)


def _plate(text: str, found: re.Match[str]) -> bool:
    tail = re.sub(r"[ ·.•-]", "", found.group())[2:]
    return len(tail) in (5, 6) and sum(ch.isdigit() for ch in tail) >= 3


def _chat(text: str, found: re.Match[str]) -> bool:
    """A name alone may be an ordinary word (微信 WeChatPay); one introduced or with a digit is somebody's."""
    said, between, name = found.groups()
    if found.group().isascii() and not between:  # wxpay2026 is a word of its own
        return False
    return bool(said) or any(ch in between for ch in ":：=为是") or bool(re.search(r"[0-9_-]", name))


_LETTER, _MAIL_SIGN, _CHAT_SIGN = r"[A-Za-z]", r"@|at", r"信|[wv]x|加[ ]?v|weixin|wechat"


FORMS = (  # the surest first
    PersonalForm(kind="证件号", written=_ID18, accept=_resident, digits=17),
    PersonalForm(kind="证件号", written=_ID18_STUCK, accept=_stuck_resident, digits=17),
    PersonalForm(kind="邮箱", written=_MAIL, accept=_any, hint=_MAIL_SIGN),
    PersonalForm(kind="账号", written=_ACCOUNT, accept=_account, group=1, digits=10, hint=_ACCOUNT_NAMES),
    PersonalForm(kind="卡号", written=_CARD, accept=_card, digits=13),
    PersonalForm(kind="证件号", written=_ID15, accept=_old_resident, digits=15),
    PersonalForm(kind="手机号", written=_MOBILE, accept=_mobile, digits=11),
    PersonalForm(kind="证件号", written=_PAPER, accept=_paper, group=1, digits=6, hint=_PAPER_NAMES),
    PersonalForm(kind="电话号", written=_LANDLINE, accept=_landline, digits=11),
    PersonalForm(kind="电话号", written=_ABROAD, accept=_any, digits=11),
    PersonalForm(kind="电话号", written=_NAMED_LOCAL, accept=_named_local, group=1, digits=7, hint=_NAMES_OF_LOCAL),
    PersonalForm(kind="证件号", written=_PASSPORT, accept=_passport, digits=7, hint=_LETTER),
    PersonalForm(kind="证件号", written=_HONG_KONG_ID, accept=_any, digits=6, hint=_LETTER),
    PersonalForm(kind="证件号", written=_SOLDIER, accept=_any, digits=6, hint="字"),
    PersonalForm(kind="车牌号", written=_PLATE, accept=_plate, hint=rf"[{_PROVINCE_SIGNS}][ ]?[A-Za-z]"),
    PersonalForm(kind="微信号", written=_CHAT_ID, accept=_any, hint="wxid"),
    PersonalForm(kind="微信号", written=_CHAT, accept=_chat, group=3, hint=_CHAT_SIGN),
    PersonalForm(kind="QQ号", written=_QQ, accept=_any, group=1, hint="qq|扣扣"),
    PersonalForm(kind="姓名", written=_NAME, accept=_any, group=1, hint="姓|户名"),
    PersonalForm(kind="地址", written=_ADDRESS, accept=_any, group=1, hint="[住地]址"),
)
_CLUSTER = r"\d(?:[^\d\u4e00-\u9fff]{0,4}\d){5,}"
FEWEST_DIGITS = min(form.digits for form in FORMS if not form.hint)  # of the forms that nothing but digits announces
HINTS = "|".join(dict.fromkeys(form.hint for form in FORMS if form.hint))


def possible_forms(text: str) -> Sequence[PersonalForm]:
    """Return the forms that a narrowed text may hold, the surest first."""
    clusters = _cluster().findall(text)
    most = max(len(_no_digit().sub("", cluster)) for cluster in clusters) if clusters else 0
    if most < FEWEST_DIGITS and _any_hint().search(text) is None:  # an amount, a date, a number of a paper
        return ()
    return [form for form in FORMS if form.possible(text, most)]


@cache
def _cluster() -> re.Pattern[str]:
    return re.compile(_CLUSTER)


@cache
def _no_digit() -> re.Pattern[str]:
    return re.compile(r"\D+")


@cache
def _any_hint() -> re.Pattern[str]:
    """Every hint in one look."""
    return re.compile(HINTS, re.IGNORECASE)


MASK_WORDS: Mapping[str, str] = {"name": "【姓名已隐去】", "address": "【地址已隐去】"}
