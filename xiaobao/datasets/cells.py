"""One cell, read strictly by kind: what cannot be read for sure is refused, never guessed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from xiaobao.datasets.catalogue import Column
from xiaobao.datasets.days import read_moment, read_serial
from xiaobao.datasets.headers import YUAN_PER_UNIT
from xiaobao.datasets.ids import damage, is_id, is_plain, unmarked_id
from xiaobao.model import check_id_text
from xiaobao.personal.cleaning import clean_text

CELL_LIMIT = 32_767
EARLIEST, LATEST = date(1900, 3, 1), date(2099, 12, 31)
CellValue = str | int | bool | date | datetime | Decimal | None

# Full-width forms of ASCII only. NFKC would also turn 2² into 22 and Ⅻ into XII.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_INTEGER = re.compile(r"(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3}){1,4})(?:\.0{1,6})?")
_NUMBER = re.compile(r"-?(?:\d{1,16}|[1-9]\d{0,2}(?:,\d{3}){1,5})(?:\.\d{1,20})?")
_DIGITS = frozenset("0123456789")
_MONEY = re.compile(rf"(?:[¥￥]|RMB|CNY|人民币)?\s*(?P<number>{_NUMBER.pattern})\s*(?P<unit>(?:千|万|百万|亿)?元)?")
_MAY_COMBINE = re.compile("[\u0300-\u1dff\u20d0-\u20ff\ua66f-\uabff\ufb1e\ufe20-\ufe2f\U00010000-\U0001ffff]")
_LEVEL = re.compile(r"(?:P?R|C)?([1-5])级?", re.IGNORECASE)
_TRUE = {"是", "有", "Y", "YES", "1", "TRUE"}
_FALSE = {"否", "无", "N", "NO", "0", "FALSE"}


class NumberText(str):
    """The text of a numeric workbook cell: leading zeros or digits beyond the 15th may be lost."""

    __slots__ = ()


class MoneyText(NumberText):
    """The text of a numeric workbook cell that is shown with a currency mark."""

    __slots__ = ()


class WordedText(NumberText):
    """The text of a numeric workbook cell whose format shows more than is stored: a prefix, hyphens between digits."""

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
    `verbatim` columns hold ids that look damaged and are not; `factors` turn amounts of a column into yuan.
    """

    epoch: date | None = None
    date_format: str = ""
    defines_units: bool = False
    verbatim: frozenset[str] = frozenset()
    factors: Mapping[str, Decimal] = field(default_factory=dict)


def narrow(text: str) -> str:
    """Return `text` with full-width ASCII made narrow and outer blanks gone."""
    return text.translate(_NARROW).strip()


def parse_cell(text: str, column: Column, manner: Manner) -> CellValue:
    """Return the value of one cell, without what nobody sees; None when blank. Raises Unreadable."""
    if isinstance(text, Trouble):
        raise Unreadable(str(text))
    if len(text) > CELL_LIMIT:
        raise Unreadable(f"单元格有 {len(text)} 字，超过上限", f"最多 {CELL_LIMIT} 字")
    if column.name == "unit" and manner.defines_units:
        return _defined_unit(text)
    if type(text) is str and not (text.isascii() and text.isprintable()):
        text, _ = clean_text(text)
    if not text or text.isspace():
        return None
    if is_id(column):
        return _id(text, column, manner)
    return _READERS[column.kind](text, column, manner)


def _defined_unit(text: str) -> CellValue:
    """Read an id where it is defined: it becomes a folder's name, so that nothing inside it is put right."""
    unit = text.strip("\ufeff\u200b\t\r\n")
    if not unit.strip("\ufeff \u3000\t\r\n"):
        return None
    return _unit(unit)


def _unit(unit: str) -> CellValue:
    if reason := check_id_text(unit):
        raise Unreadable(reason, "字母、数字、“-”“_”“.”，首尾为字母或数字，最多 64 字节")
    return str(unit)


def _id(text: str, column: Column, manner: Manner) -> CellValue:
    if type(text) is str and column.name != "unit" and is_plain(text) and not (column.personal and not text.strip("0")):
        return text
    if isinstance(text, NumberText) and len(re.sub(r"\D", "", text)) > 15:
        raise Unreadable("编号以数字存放且超过 15 位，表格软件已丢失末位", "文本格式的编号")
    if isinstance(text, MoneyText):
        raise Unreadable("编号以金额格式存放", "文本格式的编号")
    if isinstance(text, WordedText):
        raise Unreadable("编号的前缀或连字符只在单元格格式里，没有存放在单元格中", "文本格式的完整编号")
    if "\n" in text.strip() and column.name not in manner.verbatim:
        raise Unreadable("一格里有几行，分不清是一个编号还是几个", "一格一个编号，不换行")
    if isinstance(text, NumberText) and not text.isdigit():
        raise Unreadable("编号以小数或负数存放", "文本格式的编号")
    bare = unmarked_id(text if text.isascii() else text.translate(_NARROW))
    if column.name == "unit":
        if any("\u4e00" <= ch <= "\u9fff" for ch in bare):
            raise Unreadable("不是机构号，像是机构名称", "机构号；用 --suggest-map 生成映射，把机构名称对应到机构号")
        return _unit(bare)
    if column.name not in manner.verbatim and (found := damage(bare, column)):
        raise Unreadable(*found)
    _piled_up(bare)
    if len(bare.encode()) > 128:
        raise Unreadable("编号过长，最多 128 字节")
    return bare


def _text(text: str, column: Column, manner: Manner) -> CellValue:
    _piled_up(text)
    return str(text.strip())


def _piled_up(text: str) -> None:
    """Refuse letters buried in combining marks."""
    if text.isascii() or not _MAY_COMBINE.search(text):
        return
    marks = 0
    for ch in text:
        marks = marks + 1 if unicodedata.category(ch) == "Mn" else 0
        if marks > 8:
            raise Unreadable("一个字上叠加的附加符号过多")


def _count(text: str, column: Column, manner: Manner) -> CellValue:
    plain = narrow(text)
    if not plain.isascii() or not _INTEGER.fullmatch(plain):
        raise Unreadable("不是整数", "0 或正整数，最多 15 位，不带单位")
    return int(plain.split(".")[0].replace(",", ""))


def _number(text: str, allowed: str) -> Decimal:
    plain = narrow(text)
    if not plain.isascii() or not _NUMBER.fullmatch(plain):
        raise Unreadable("不是数", allowed)
    return _without_noise(Decimal(plain.replace(",", "")))


def _without_noise(number: Decimal) -> Decimal:
    """Return 0.8 for 0.7999999999999999: how a double was printed, where fifteen digits say the same much shorter."""
    digits = len(number.as_tuple().digits)
    if digits <= 15 or number == number.to_integral_value():
        return number
    rounded = Decimal(format(float(number), ".15g"))
    return rounded if digits - len(rounded.normalize().as_tuple().digits) >= 3 else number


def _amount(text: str, column: Column, manner: Manner) -> CellValue:
    allowed = "以元为单位的数，最多两位小数，不带单位，如 8000.00"
    factor = manner.factors.get(column.name)
    plain, written = _with_unit(narrow(text))
    value = _number(plain, allowed)
    if written and factor not in (None, YUAN_PER_UNIT[written]):
        raise Unreadable("单位与表头或映射写明的不同", "各行单位一致的数")
    factor = YUAN_PER_UNIT[written] if written not in ("", "元") else factor
    if factor is not None:
        value *= factor
    cents = value.quantize(Decimal("0.01"))
    if value != cents:
        raise Unreadable("金额不到分" if isinstance(text, NumberText) or factor else "金额多于两位小数", allowed)
    return cents


def _with_unit(text: str) -> tuple[str, str]:
    """Return an amount without a mark of yuan and without the unit that its own cell writes; and that unit, or ""."""
    if text[:1] in _DIGITS and text[-1:] in _DIGITS:
        return text, ""
    match = _MONEY.fullmatch(text)
    if match is None:
        return text, ""
    return match["number"], match["unit"] or ""


def _decimal(text: str, column: Column, manner: Manner) -> CellValue:
    plain = narrow(text)
    if "百分数" in column.meaning:
        plain = plain.removesuffix("%")
    value = _number(plain, column.meaning or "数，不带单位和百分号")
    if column.minimum is not None and value < column.minimum:
        raise Unreadable("数值过小", f"不小于 {column.minimum}")
    if -value.as_tuple().exponent > 8:  # type: ignore[operator]
        raise Unreadable("小数位过多", "最多 8 位小数")
    return value


def _date(text: str, column: Column, manner: Manner) -> CellValue:
    return _moment(re.sub(r"(?<=[\d日号])\s*(?:上午|下午)\s*$", "", text), manner).date()


def _datetime(text: str, column: Column, manner: Manner) -> CellValue:
    return _moment(text, manner)


def _moment(text: str, manner: Manner) -> datetime:
    allowed = "2025-06-30、2025/6/30、20250630 或 2025年6月30日" + (
        f"，或 {manner.date_format}" if manner.date_format else ""
    )
    plain = narrow(text)
    try:
        moment = _formatted(plain, manner) or read_moment(plain) or read_serial(plain, manner.epoch)
    except (ValueError, OverflowError) as error:
        if "weekday" in str(error):
            raise Unreadable("星期与日期不符", allowed) from None
        raise Unreadable("没有这一天或这一时刻", allowed) from None
    if moment is None:
        blanks = "" if re.search(r"\d", plain) else f'；表示没有的，在映射文件写 blanks: ["{plain[:20]}"]'
        raise Unreadable("日期写法不明确", allowed + blanks)
    if not EARLIEST <= moment.date() <= LATEST:
        raise Unreadable(
            "日期不合常理", f'{EARLIEST} 至 {LATEST} 之间；表示未定或长期的，在映射文件写 blanks: ["{plain[:20]}"]'
        )
    return moment


def _formatted(plain: str, manner: Manner) -> datetime | None:
    if not manner.date_format:
        return None
    try:
        return datetime.strptime(plain, manner.date_format)
    except ValueError:
        return None


def _level(text: str, column: Column, manner: Manner) -> CellValue:
    match = _LEVEL.fullmatch(narrow(text).removesuffix(".0"))
    if not match or (not match.group(0).isascii() and "级" not in match.group(0)):
        raise Unreadable("不是风险等级", "1 至 5（可写作 R3、C3、3级）")
    return int(match.group(1))


def _flag(text: str, column: Column, manner: Manner) -> CellValue:
    plain = narrow(text).upper()
    if plain not in _TRUE | _FALSE:
        raise Unreadable("不是是否", "是、否")
    return plain in _TRUE


def _choice(text: str, column: Column, manner: Manner) -> CellValue:
    """Choices are checked by the schema; here blanks and width are evened out."""
    return re.sub(r"\s+", "", narrow(text))


_READERS: dict[str, Callable[[str, Column, Manner], CellValue]] = {
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
