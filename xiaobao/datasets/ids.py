"""Numbers of persons, accounts, contracts and records: kept by every digit, or refused because digits were lost.

One rule for every dataset: width and blanks fold, what nobody sees goes out, leading zeros count. What a spreadsheet
made of an id (1.2E+15, 12345.0, ￥12,345, a date, ####) is refused, since two people may have become one by it. A bank
whose ids are really written so says it in the mapping (`verbatim`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from xiaobao.datasets.shape import Column
from xiaobao.model import folded_id

# Letters of other alphabets that print like Latin ones: an id may not differ from another by these alone.
_LOOKALIKES = str.maketrans(
    "АВЕКМНОРСТХІЈЅаеорсухіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο‐‑‒–—―−﹣", "ABEKMHOPCTXIJSaeopcyxijsABEZHIKMNOPTYXo--------"
)
PLACEHOLDERS = frozenset(
    [
        "无",
        "没有",
        "暂无",
        "空",
        "未知",
        "不详",
        "不明",
        "不清楚",
        "未提供",
        "未登记",
        "未填",
        "待补",
        "待定",
        "匿名",
        "匿名客户",
        "无客户号",
        "N/A",
        "NA",
        "NULL",
        "NONE",
        "NIL",
        "NAN",
        "NAT",
    ]
)
# What a person's column holds where the ledger knows nobody, and what stands there for the row above.
NOBODY = PLACEHOLDERS | frozenset(
    [
        "待查", "待核实", "待补录", "无客户", "无此客户", "非客户", "非本行客户",
        "非我行客户", "他行客户", "未开户", "无账户", "无账号", "新客户", "路人", "散客", "保密", "拒绝提供", "不提供",
        "不愿提供", "不愿透露", "不适用", "其他", "本人", "客户", "投诉人", "消费者", "空白", "TEST", "测试",
    ]
)  # fmt: skip
_AS_ABOVE = frozenset(["同上", "同前", "见上", "如上", "上同", "同上行", "〃", "″"])
_TEXT_WANTED = "按原样逐位写出的编号；请在来源系统按文本格式重新导出"
_WRAPPED = re.compile(r"""="(.*)"|['‘’`](?=[0-9A-Za-z])(.*)""")
_DAMAGE = (
    (
        re.compile(r"[-+]?\d(?:\.\d+)?E\+\d{1,3}|[-+]?\d\.\d+E-?\d{1,3}", re.IGNORECASE),
        "编号成了科学计数，后面的位数已丢失",
    ),
    (re.compile(r"\d+\.0+"), "编号带小数，是按数字导出的痕迹"),
    (re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"), "编号带千分位，是按数字导出的痕迹"),
    (re.compile(r"-?[¥￥$€£].*|-?[\d,.]+元"), "编号带货币符号，是按金额导出的痕迹"),
    (re.compile(r"[\d.]+%"), "编号带百分号，是按数字导出的痕迹"),
    (
        re.compile(
            r"(?:19|20)\d{2}(?:-(?:0?[1-9]|1[0-2])-|/(?:0?[1-9]|1[0-2])/|年(?:0?[1-9]|1[0-2])月)(?:0?[1-9]|[12]\d|3[01])日?"
            r"(?:T?\d{1,2}:\d{2}(?::\d{2})?)?|\d{1,2}月\d{1,2}日|\d{1,2}-(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
            r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-\d{2}",
            re.IGNORECASE,
        ),
        "编号成了日期",
    ),
    (re.compile(r"TRUE|FALSE", re.IGNORECASE), "编号成了是否值"),
    (
        re.compile(r"#+|#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)", re.IGNORECASE),
        "编号没有导出，只有错误值或列宽不足的标记",
    ),
)
_PLAIN = re.compile(r"[A-Za-z]{0,4}\d{1,40}", re.ASCII)  # most ids: nothing was done to them
_FRACTION = re.compile(r"\d+\.\d+")
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")
_CURRENCY = re.compile(r"(?:RMB|CNY|HKD|USD|人民币)-?[\d,.]+元?|[\d,.]+(?:RMB|CNY)", re.IGNORECASE)
_SEVERAL = re.compile(r"[0-9A-Za-z-]{5,}(?:[,;/|、，；和及]+[0-9A-Za-z-]{5,})+")
_BRACKETED = re.compile(r"[<(\[{【《](.*)[>)\]}】》]")
_COVERED = re.compile(r"[*＊]{2,}|[xX×]{3,}(?=.*\d)|\d[xX×]{3,}")
_LONG = re.compile(r"\d{16,30}")
_CERTAIN = 15  # digits that a spreadsheet keeps


def is_id(column: Column) -> bool:
    """Tell the columns whose values name a person, an account, a contract or a record."""
    return column.kind == "id" or column.personal == "pseudonym" or column.name == "id_number"


def is_plain(text: str) -> bool:
    """Tell the ids that most are: some letters and digits, as they were given out."""
    return _PLAIN.fullmatch(text) is not None


def unmarked_id(text: str) -> str:
    """Return an id (ASCII narrow already) without blanks and without the marks that exports put around it."""
    if text.isalnum():
        return text
    bare = "".join(text.split())
    if match := _WRAPPED.fullmatch(bare):
        bare = "".join((match[1] if match[1] is not None else match[2]).split())
    return bare


def damage(bare: str, column: Column) -> tuple[str, str] | None:
    """Return what was done to a folded id and what is wanted instead, None for one that is whole."""
    if _PLAIN.fullmatch(bare):
        return _nobody(bare) if column.personal and not bare.strip("0") else None
    for pattern, message in _DAMAGE:
        if pattern.fullmatch(bare):
            return message, _TEXT_WANTED
    if column.personal and _FRACTION.fullmatch(bare):
        return "编号带小数，是按数字导出的痕迹", _TEXT_WANTED
    if column.personal and (found := _no_person(bare)):
        return found
    if column.personal and _COVERED.search(bare):
        return "编号有一部分被遮盖，不同的人会成为同一个", "完整的编号（导入时替换为化名）"
    if bare.upper() in PLACEHOLDERS or not any(ch.isalnum() for ch in bare):
        return _nobody(bare)
    return None


def _nobody(bare: str) -> tuple[str, str]:
    return "不是编号，只是表示没有的写法", "留空，或在映射文件写 blanks: " + f'["{bare[:20]}"]'


def _no_person(bare: str) -> tuple[str, str] | None:
    """Return why the column of a person names none, or more than one: those who share it would become one person."""
    inner = match[1] if (match := _BRACKETED.fullmatch(bare)) else bare
    if inner in _AS_ABOVE:
        return "不是编号，说的是与上一行相同", "逐行填写编号"
    if inner.upper() in NOBODY:
        return _nobody(bare)
    if _TIME.fullmatch(bare):
        return "编号成了时间", _TEXT_WANTED
    if _CURRENCY.fullmatch(bare):
        return "编号带货币符号，是按金额导出的痕迹", _TEXT_WANTED
    if _SEVERAL.fullmatch(bare):
        return "一格里有不止一个编号", "一行一个编号；涉及多人的，只填投诉人或签约人"
    return None


def cut_to_fifteen(values: Iterable[str]) -> frozenset[str]:
    """Return the ids that a spreadsheet has rounded, seen together: too many end in zeros from the 16th digit on.

    One in ten ids of 16 digits ends so by chance, one in 10,000 of 19; twenty times as many are no chance.
    """
    long = [value for value in values if _LONG.fullmatch(value)]
    rounded = [value for value in long if not value[_CERTAIN:].strip("0")]
    expected = sum(0.1 ** (len(value) - _CERTAIN) for value in long)
    by_chance = 0.1 ** sum(len(value) - _CERTAIN for value in long) if len(rounded) == len(long) < 40 else 1.0
    if rounded and (len(rounded) > max(1.0, 20 * expected) or by_chance < 1e-6):
        return frozenset(rounded)
    return frozenset()


def look_alike_twins(values: AbstractSet[str], *, caseless: bool = False) -> list[tuple[str, str]]:
    """Return pairs of ids that differ by case, look-alike letters or dashes alone. They stay two ids.

    `caseless`: of persons, whose stand-in is the same whatever the case, so that c1 and C1 are no pair.
    """
    if all(map(str.isascii, values)) and len({value.casefold() for value in values}) == len(values):
        return []
    first: dict[str, str] = {}
    pairs = []
    for value in sorted(value for value in values if not value.isdigit()):
        other = first.setdefault(compared(value), value)
        if other != value and not (caseless and _even(other) == _even(value)):
            pairs.append((other, value))
    return pairs


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()


def compared(text: str) -> str:
    """Return the form in which ids are compared: width, case, accents' form, look-alike letters and dashes even."""
    return folded_id(text if text.isascii() else unicodedata.normalize("NFC", text).translate(_LOOKALIKES))


def zero_twins(values: AbstractSet[str]) -> list[tuple[str, str]]:
    """Return pairs of ids that differ by leading zeros alone, the shorter first. They stay two ids."""
    by_number: dict[str, set[str]] = {}
    for value in values:
        if value[:1] == "0" and value.isascii() and value.isdigit():
            by_number.setdefault(value.lstrip("0"), set()).add(value)
    pairs = []
    for number, alike in by_number.items():
        found = sorted(alike | ({number} if number in values else set()), key=len)
        pairs += [(found[0], other) for other in found[1:]]
    return pairs
