"""A day or a moment as people write it: every writing that has one meaning is read, all others are refused."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

_DIGITS = {ord(word): str(number) for number, words in enumerate(("〇○零", *"一二三四五六七八九")) for word in words}
_WEEKDAYS = {
    word: number for number, words in enumerate(("一", "二", "三", "四", "五", "六", "日天")) for word in words
}
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_FORENOON, _AFTERNOON = ("上午", "早上", "早晨", "清晨", "凌晨", "AM"), ("下午", "午后", "傍晚", "晚上", "晚", "PM")
_PART = rf"(?P<part>{'|'.join((*_FORENOON[:-1], '中午', *_AFTERNOON[:-1]))})?"
_CLOCK = (
    rf"(?:{_PART} ?(?:(?P<hour>\d{{1,2}})(?:[:时点](?P<minute>\d{{1,2}})"
    r"(?:[:分](?P<second>\d{1,2})(?:[.:,]\d{1,9})?秒?|分?)"
    r"|[时点](?P<rest>半|整)?)| ?(?P<dotted>\d{2}\.\d{2}\.\d{2})(?:\.\d{1,9})?) ?(?P<meridiem>AM|PM)?)"
)
_ZONE = r"(?: ?(?P<zone>Z|GMT\+0?8(?::?00)?|[+-]\d{2}:?\d{2}))?"
_DATE = (
    r"(?:(?:(?P<roc>民国)(?P<roc_year>\d{2,3})年|(?P<year>\d{4})(?P<mark>[-/.年]))(?P<month>\d{1,2})"
    r"(?:(?<=\d)(?(mark)(?:(?P=mark)|月)|月))(?P<day>\d{1,2})[日号]?"
    r"|(?P<day_first>\d{1,2})[- ](?P<name>[A-Za-z]{3,9})[- ,]+(?P<year_last>\d{4}))"
)
_MOMENT = re.compile(
    rf"{_DATE}(?:(?:[ T]+|(?<=[日号])|-(?=\d{{2}}\.\d{{2}}\.\d{{2}})|(?=[上下早清凌中傍晚午])){_CLOCK}{_ZONE})?",
    re.IGNORECASE,
)
_COMPACT = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:[ T]?(?P<hour>\d{2}):?(?P<minute>\d{2}):?(?P<second>\d{2}))?"
)
_CHINESE = re.compile(
    r"([〇○零一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})[日号]"
)
_WEEKDAY = re.compile(
    r" ?(?:[(（\[]? ?(?:星期|周|礼拜)([一二三四五六日天]) ?[)）\]]?|[(（\[]([一二三四五六日])[)）\]]) ?"
)
_MERIDIEM_FIRST = re.compile(r"(?<=\d )(AM|PM) ?(\d{1,2}:\d{2}(?::\d{2})?)$", re.IGNORECASE)
_OPEN_FORMS = (
    (re.compile(r"^'(?=\d)"), ""),  # the mark by which Excel keeps a text
    (re.compile(r"^(\d{4})([ \\])(\d{1,2})\2(\d{1,2})(?= |$)"), r"\1-\3-\4"),
    (re.compile(r"^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})(?= |$)"), r"\2-\1-\3"),
)
_BLANKS = re.compile(r"\s+")
_BETWEEN_WORDS = re.compile(r"(?<=[年月日号时分点]) (?=\d)|(?<=\d) (?=[年月日号时分秒点])")
_SERIAL = re.compile(r"\d{1,6}(?:\.\d{1,12})?")
_BEIJING = timedelta(hours=8)


def read_moment(plain: str) -> datetime | None:
    """Return what `plain` says (ASCII narrow), None where its writing is unclear. Raises ValueError on no such day.

    A weekday beside must be that of the day. A stated zone other than Beijing's is reckoned into Beijing time.
    """
    text = _BETWEEN_WORDS.sub("", _BLANKS.sub(" ", plain)).strip()
    for pattern, written in _OPEN_FORMS:
        text = pattern.sub(written, text)
    text = _MERIDIEM_FIRST.sub(r"\2 \1", text)
    weekday = _WEEKDAY.search(text, 4)
    if weekday:
        text = f"{text[: weekday.start()]} {text[weekday.end() :]}".strip()
    text = _CHINESE.sub(_in_digits, text)
    if not text.isascii() and not re.fullmatch(r"[\x20-\x7e年月日号时分秒点半整民国上下早清凌中午傍晚晨后]*", text):
        return None
    moment = _parse(text)
    if moment and weekday and moment.weekday() != _WEEKDAYS[weekday[1] or weekday[2]]:
        raise ValueError("weekday")
    return moment


def _parse(text: str) -> datetime | None:
    if match := _COMPACT.fullmatch(text):
        return datetime(*(int(match[name] or 0) for name in ("year", "month", "day", "hour", "minute", "second")))  # type: ignore[arg-type]
    if not (match := _MOMENT.fullmatch(text)):
        return None
    part = match.groupdict()
    if part["name"]:
        month = _MONTHS.get(part["name"][:3].lower())
        if month is None:
            return None
        day = date(int(part["year_last"]), month, int(part["day_first"]))
    else:
        year = int(part["year"]) if part["year"] else int(part["roc_year"]) + 1911
        day = date(year, int(part["month"]), int(part["day"]))
    clock = _clock(part)
    if clock is None:
        return None
    moment = datetime.combine(day, clock)
    return moment - _offset(part["zone"]) + _BEIJING if part["zone"] else moment


def _clock(part: dict[str, str | None]) -> time | None:
    """Return the time of day, midnight where none is written; None where 12 may mean noon or midnight."""
    if part["dotted"]:
        hour, minute, second = map(int, part["dotted"].split("."))
    else:
        hour, minute, second = (int(part[name] or 0) for name in ("hour", "minute", "second"))
    if part["rest"] == "半":
        minute = 30
    said = part["part"] or (part["meridiem"] or "").upper()
    if part["part"] and part["meridiem"]:
        return None
    if said in _FORENOON and hour >= 12:
        if hour > 12 or said not in ("凌晨", "AM"):
            return None
        hour = 0
    elif said in _AFTERNOON and hour <= 12:
        if hour == 0 or (hour == 12 and said not in ("下午", "午后", "PM")):
            return None
        hour = hour % 12 + 12
    elif said == "中午":
        if hour not in (11, 12, 13, 1):
            return None
        hour = 13 if hour == 1 else hour
    return time(hour, minute, second)


def _offset(zone: str) -> timedelta:
    if zone.upper() == "Z":
        return timedelta()
    if zone.upper().startswith("GMT"):
        return _BEIJING
    sign = -1 if zone[0] == "-" else 1
    return sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))


def _in_digits(match: re.Match[str]) -> str:
    year = "".join(_DIGITS[ord(ch)] for ch in match[1])
    return f"{year}年{_tens(match[2])}月{_tens(match[3])}日"


def _tens(words: str) -> int:
    """Return what 五, 十二, 三十一 count; 0 for what counts nothing."""
    tens, mark, ones = words.rpartition("十")
    if not mark:
        return int(_DIGITS[ord(words)]) if len(words) == 1 else 0
    if len(tens) > 1 or len(ones) > 1 or "十" in tens:
        return 0
    return (int(_DIGITS[ord(tens)]) if tens else 1) * 10 + (int(_DIGITS[ord(ones)]) if ones else 0)


def read_serial(plain: str, epoch: date | None) -> datetime | None:
    """Read a day number of a workbook. The 1900 system has a 29 February 1900 that never was: refuse up to it."""
    if epoch is None or not _SERIAL.fullmatch(plain):
        return None
    return serial_moment(Decimal(plain), epoch)


def serial_moment(number: Decimal, epoch: date) -> datetime:
    """Return the moment that a workbook's serial number stands for. Raises ValueError on a day that never was."""
    if number < 1 or (epoch.year < 1904 and number < 61):
        raise ValueError("no such day")
    whole = int(number)
    seconds = int(((number - whole) * 86_400).to_integral_value())
    return datetime.combine(epoch, time()) + timedelta(days=whole, seconds=seconds)
