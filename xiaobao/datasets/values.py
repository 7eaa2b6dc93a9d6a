"""One cell, read strictly by kind: what cannot be read for sure is refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from xiaobao.datasets.catalogue import Column
from xiaobao.model import check_id_text

CELL_LIMIT = 32_767
EARLIEST, LATEST = date(1900, 3, 1), date(2099, 12, 31)
Value = str | int | bool | date | datetime | Decimal | None

# Full-width forms of ASCII only. NFKC would also turn 2² into 22 and Ⅻ into XII.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INTEGER = re.compile(r"(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3}){1,4})(?:\.0{1,6})?")
_NUMBER = re.compile(r"-?(?:\d{1,16}|[1-9]\d{0,2}(?:,\d{3}){1,5})(?:\.\d{1,10})?")
_TIME = r"(?:[ T]+(?P<hour>\d{1,2})[:时](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})(?:\.\d{1,6})?秒?|分?))?"
_DAY = re.compile(
    r"(?:(?P<roc>民国)(?P<roc_year>\d{2,3})年|(?P<year>\d{4})(?P<mark>[-/.年]))(?P<month>\d{1,2})"
    r"(?:(?<=\d)(?(mark)(?:(?P=mark)|月)|月))(?P<day>\d{1,2})日?" + _TIME
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?: ?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2}))?"
)
_SERIAL = re.compile(r"\d{1,6}(?:\.\d{1,12})?")
_LEVEL = re.compile(r"(?:P?R|C)?([1-5])级?", re.IGNORECASE)
_TRUE = {"是", "有", "Y", "YES", "1", "TRUE"}
_FALSE = {"否", "无", "N", "NO", "0", "FALSE"}


class NumberText(str):
    """The text of a numeric workbook cell: leading zeros or digits beyond the 15th may be lost."""

    __slots__ = ()


class PaddedText(str):
    """The text of a numeric workbook cell whose format shows leading zeros, such as 001."""

    __slots__ = ()


class Trouble(str):
    """Why a workbook cell has no value that can be used."""

    __slots__ = ()


class Unreadable(Exception):
    """A cell cannot be read for sure: `message` says why, `allowed` what would be."""

    def __init__(self, message: str, allowed: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.allowed = allowed


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How a file is to be read: serial numbers count from `epoch` (workbooks only), `date_format` is the mapping's.

    Where units are defined, their ids are taken exactly; elsewhere a reference to one may be padded or full-width.
    """

    epoch: date | None = None
    date_format: str = ""
    defines_units: bool = False


def narrow(text: str) -> str:
    """Return `text` with full-width ASCII made narrow and outer blanks gone."""
    return text.translate(_NARROW).strip()


def parse_cell(text: str, column: Column, manner: Manner) -> Value:
    """Return the value of one cell; None when blank. Raises Unreadable."""
    if isinstance(text, Trouble):
        raise Unreadable(str(text))
    if len(text) > CELL_LIMIT:
        raise Unreadable(f"单元格有 {len(text)} 字，超过上限", f"最多 {CELL_LIMIT} 字")
    if not text.strip("\ufeff \u3000\t\r\n"):
        return None
    return _READERS[column.kind](text, column, manner)


def _id(text: str, column: Column, manner: Manner) -> Value:
    if isinstance(text, NumberText) and len(re.sub(r"\D", "", text)) > 15:
        raise Unreadable("编号以数字存放且超过 15 位，表格软件已丢失末位", "文本格式的编号")
    if column.name == "unit":
        unit = text if manner.defines_units else narrow(text)
        if reason := check_id_text(unit):
            raise Unreadable(reason, "字母、数字、“-”“_”“.”，首尾为字母或数字，最多 64 字节")
        return str(unit)
    text = text.strip(" \u3000")
    _printable(text, "")
    if len(text.encode()) > 128:
        raise Unreadable("编号过长，最多 128 字节")
    return str(text)


def _text(text: str, column: Column, manner: Manner) -> Value:
    text = text.strip(" \u3000\t\r\n")
    _printable(text, "\n\t\r")
    return str(text)


def _printable(text: str, spared: str) -> None:
    """Refuse control, direction and private marks by code point, and letters buried in combining marks."""
    if text.isprintable() and "Mn" not in map(unicodedata.category, text):
        return
    marks = 0
    for ch in text:
        category = unicodedata.category(ch)
        if ch not in spared and category in {"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"} and ch not in "\u200d\ufe0f":
            raise Unreadable(f"含不可见字符 U+{ord(ch):04X}")
        marks = marks + 1 if category == "Mn" else 0
        if marks > 8:
            raise Unreadable("一个字上叠加的附加符号过多")


def _count(text: str, column: Column, manner: Manner) -> Value:
    plain = narrow(text)
    if not plain.isascii() or not _INTEGER.fullmatch(plain):
        raise Unreadable("不是整数", "0 或正整数，最多 15 位，不带单位")
    return int(plain.split(".")[0].replace(",", ""))


def _number(text: str, allowed: str) -> Decimal:
    plain = narrow(text)
    if not plain.isascii() or not _NUMBER.fullmatch(plain):
        raise Unreadable("不是数", allowed)
    return Decimal(plain.replace(",", ""))


def _amount(text: str, column: Column, manner: Manner) -> Value:
    allowed = "以元为单位的数，最多两位小数，不带单位，如 8000.00"
    value = _number(text, allowed)
    if isinstance(text, NumberText) and value != value.quantize(Decimal("0.01")):
        raise Unreadable("金额不到分", allowed)
    if value != value.quantize(Decimal("0.01")):
        raise Unreadable("金额多于两位小数", allowed)
    return value.quantize(Decimal("0.01"))


def _decimal(text: str, column: Column, manner: Manner) -> Value:
    plain = narrow(text)
    if "百分数" in column.meaning:
        plain = plain.removesuffix("%")
    value = _number(plain, column.meaning or "数，不带单位和百分号")
    if column.minimum is not None and value < column.minimum:
        raise Unreadable("数值过小", f"不小于 {column.minimum}")
    if -value.as_tuple().exponent > 8:  # type: ignore[operator]
        raise Unreadable("小数位过多", "最多 8 位小数")
    return value


def _date(text: str, column: Column, manner: Manner) -> Value:
    return _moment(text, manner).date()


def _datetime(text: str, column: Column, manner: Manner) -> Value:
    return _moment(text, manner)


def _moment(text: str, manner: Manner) -> datetime:
    allowed = "2025-06-30、2025/6/30、20250630 或 2025年6月30日" + (
        f"，或 {manner.date_format}" if manner.date_format else ""
    )
    plain = narrow(text)
    try:
        moment = _formatted(plain, manner) or _written(plain) or _serial(plain, manner)
    except (ValueError, OverflowError):
        raise Unreadable("没有这一天或这一时刻", allowed) from None
    if moment is None:
        raise Unreadable("日期写法不明确", allowed)
    if not EARLIEST <= moment.date() <= LATEST:
        raise Unreadable("日期不合常理", f"{EARLIEST} 至 {LATEST} 之间")
    return moment


def _formatted(plain: str, manner: Manner) -> datetime | None:
    if not manner.date_format:
        return None
    try:
        return datetime.strptime(plain, manner.date_format)
    except ValueError:
        return None


def _written(plain: str) -> datetime | None:
    match = (_DAY.fullmatch(plain) or _COMPACT.fullmatch(plain)) if plain.replace("年", "").isprintable() else None
    if not match:
        return None
    part = match.groupdict()
    year = int(part["year"]) if part["year"] else int(part["roc_year"]) + 1911
    hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    return datetime(year, int(part["month"]), int(part["day"]), hour, minute, second)


def _serial(plain: str, manner: Manner) -> datetime | None:
    """Read a day number of a workbook. The 1900 system has a 29 February 1900 that never was: refuse up to it."""
    if manner.epoch is None or not _SERIAL.fullmatch(plain):
        return None
    return serial_moment(Decimal(plain), manner.epoch)


def serial_moment(number: Decimal, epoch: date) -> datetime:
    """Return the moment that a workbook's serial number stands for. Raises ValueError on a day that never was."""
    if number < 1 or (epoch.year < 1904 and number < 61):
        raise ValueError("no such day")
    whole = int(number)
    seconds = int(((number - whole) * 86_400).to_integral_value())
    return datetime.combine(epoch, time()) + timedelta(days=whole, seconds=seconds)


def _level(text: str, column: Column, manner: Manner) -> Value:
    match = _LEVEL.fullmatch(narrow(text).removesuffix(".0"))
    if not match or (not match.group(0).isascii() and "级" not in match.group(0)):
        raise Unreadable("不是风险等级", "1 至 5（可写作 R3、C3、3级）")
    return int(match.group(1))


def _flag(text: str, column: Column, manner: Manner) -> Value:
    plain = narrow(text).upper()
    if plain not in _TRUE | _FALSE:
        raise Unreadable("不是是否", "是、否")
    return plain in _TRUE


def _choice(text: str, column: Column, manner: Manner) -> Value:
    """Choices are checked by the schema; here blanks and width are evened out."""
    _printable(text.strip(), "")
    return re.sub(r"\s+", "", narrow(text))


_READERS: dict[str, Callable[[str, Column, Manner], Value]] = {
    "id": _id,
    "text": _text,
    "note": _text,
    "date": _date,
    "datetime": _datetime,
    "amount": _amount,
    "decimal": _decimal,
    "count": _count,
    "level": _level,
    "flag": _flag,
    "choice": _choice,
}
