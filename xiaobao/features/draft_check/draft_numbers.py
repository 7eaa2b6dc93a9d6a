"""Numbers in Chinese text: 1,108件, 一百一十五笔, 0.0105万件, 三成, 三分之一, 近30%, 98%以上; with what they bound.

Dates, article and document numbers, telephone numbers, list numbers, codes and time limits are no figures.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from xiaobao.numbers import half_up

EXACT, ABOUT, ABOVE, AT_LEAST, NEAR, BELOW, AT_MOST = "exact", "about", "above", "at_least", "near", "below", "at_most"
POINTS = "个百分点"
COMPLAINT_UNITS = ("件", "笔", "起", "宗", "例", "单", "件次")
LOOSE_UNITS = ("",)
DAY_UNITS = ("天", "日", "个自然日", "自然日", "个工作日", "工作日")
MONEY_UNITS = ("元", "亿元")
PEOPLE_UNITS = ("人次", "人", "名", "位", "户", "户次")
_TENTH, _HALF = Decimal(10), Decimal(5)

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_LARGE = {"": 1, "百": 100, "千": 1000, "万": 10_000, "亿": 100_000_000}
_HAN = "零〇一二两三四五六七八九十百千"
_UNIT = (
    r"%|‰|个百分点|百分点|pcts?|pp|PCT|件次|件|笔|起(?![来源草])|宗|例(?!如)|单(?![位项])|人次|人|名|位(?![列居])|"
    r"户次|户|场次|场|"
    r"次(?!数)|家次|家|个(?:工作日|自然日|月|季度)|工作日|自然日|天|日|小时|分钟|个(?!人)|项次|项|条|份|课时|学时|"
    r"批次|批|期|篇|"
    r"倍|元|分(?![钟之行支公析别类布])|册|幅|块|台|周|年"
)
_BEFORE = (
    r"超过|超出|高于|多于|大于|突破|逾|超|不低于|不少于|至少|将近|接近|近|不足|不到|低于|少于|小于|不超过|不高于|"
    r"不多于|至多|约为|约占|约|大约|大概"
)
_AFTER = r"以上|及以上|以下|及以下|左右|上下|余|多(?![元样])|\+"
_ARABIC = r"[+\-±]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_NUMBER = re.compile(
    rf"(?P<before>{_BEFORE})?\s*(?:为|达到|达)?\s*"
    rf"(?:(?<![\d.A-Za-z_/\-])(?P<arabic>{_ARABIC})\s*(?P<more>[余多])?\s*(?P<large>[万亿]|[百千](?=[件笔起户人万]))?"
    rf"(?P<most>[余多])?\s*(?P<unit>{_UNIT})?"
    rf"|百分之(?P<percent>[{_HAN}]+(?:点[{_HAN}]+)?)"
    rf"|(?P<whole>[{_HAN}]+)分之(?P<part>[{_HAN}]+)"
    rf"|(?P<tenths>[一二两三四五六七八九]|\d(?:\.\d)?)成(?![功果立为员本绩都效交人年长就熟分])(?P<half>半|[一二三四五六七八九])?"
    rf"|(?P<middle>过半数?|一半(?!以内)|半数)"
    rf"|(?P<han>[{_HAN}]+万?[{_HAN}]*)(?P<over>[余多])?(?P<hanunit>{_UNIT}))"
    rf"(?P<after>{_AFTER})?"
)
_HALVES = {"过半": ABOVE, "过半数": ABOVE}
_BOUNDS = {
    **dict.fromkeys(("超过", "超出", "高于", "多于", "大于", "突破", "逾", "超"), ABOVE),
    **dict.fromkeys(("不低于", "不少于", "至少", "以上", "及以上", "余", "多", "+"), AT_LEAST),
    **dict.fromkeys(("将近", "接近", "近"), NEAR),
    **dict.fromkeys(("不足", "不到", "低于", "少于", "小于"), BELOW),
    **dict.fromkeys(("不超过", "不高于", "不多于", "至多", "以下", "及以下"), AT_MOST),
    **dict.fromkeys(("约", "约为", "约占", "大约", "大概", "左右", "上下"), ABOUT),
}
_ADDED_UP = (
    rf"(?:\d+|[{_HAN}]+)\s*(?:个机构|家机构|家支行|家分行|个地区|个渠道|个|大|种|类|项|家|市|县|者)?\s*"
    r"(?:分行|支行|类投诉|类业务|地区)?\s*(?=合计|共计|总计|之和|累计占|共占|合占|相加)"
)
# Each is looked for in the whole text; a number that lies inside is none.
_NO_FIGURE = tuple(
    re.compile(pattern)
    for pattern in (
        r"20\d\d\s*年?\s*[Hh][12]|20\d\d\s*年?\s*[Qq][1-4]",
        r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?(?!\d)|\d{1,2}:\d{2}(?::\d{2})?",
        r"(?:19|20)\d\d\s*(?:年|[-—至~]\s*(?:19|20)\d\d\s*年?)",
        r"(?<!\d)\d{1,2}\s*(?:月\s*)?(?:[-—~至]|、)?\s*(?:\d{1,2}\s*)?月(?:份)?(?:\s*\d{1,2}\s*[日号])?",
        rf"[{_HAN}]{{1,3}}月(?:份|底|初|末)?(?:[{_HAN}]{{1,3}}[日号])?|[{_HAN}]{{4}}年",
        rf"第\s*(?:\d+|[{_HAN}]+)\s*[^\d\s]?|[〔\[【(]\s*20\d\d\s*[〕\]】)]\s*\d*\s*号?",
        r"\d+\s*号(?!线)|\d{1,2}·\d{1,2}|[“\"]\d\.\d{1,2}[”\"]|\d\.15(?=国际|消费|宣传|活动|期间|主题)",
        r"(?<!\d)(?:12345|12378|12363|12315|968133|95\d{3}|96\d{3,4})(?!\s*[件笔起宗例户人元%.,\d])",
        r"(?<!\d)1[3-9]\d{9}(?!\d)|(?:400|800)-?\d{3}-?\d{4}|0\d{2,3}-\d{7,8}",
        r"(?<![\d.,])0\d+(?![\d.])|[A-Za-z_]+\d[\dA-Za-z_\-]*|\d+(?:\.\d+)+\.\d+",
        rf"^\s*(?:\d{{1,3}}(?:[.、](?!\d)|\)\s)|[{_HAN}]+、|[(]\s*(?:\d+|[{_HAN}]+)\s*[)])",
        rf"[(]\s*[{_HAN}]{{1,3}}\s*[)]",
        r"(?:法定|规定|监管要求|制度要求)(?:的|为|期限|时限|办理期限|办理时限)*\s*\d+\s*(?:个工作日|个自然日|工作日|天|日)",
        r"\d+\s*(?:个工作日|个自然日|工作日|天|日)的?(?:法定|规定|监管|办理|处理|办结)*(?:期限|时限|限期)",
        r"\d+\s*(?:个工作日|工作日|天|日|小时|年|个月|分钟|周)\s*(?:之内|以内|内|前|起(?!诉))",
        rf"[{_HAN}]+(?:个工作日|工作日|天|日|小时|年|个月|周)(?:之内|以内|内|前)",
        rf"前\s*(?:\d+|[{_HAN}]+)\s*(?:家|位|名|个|项|大|类|天|日)?",
        rf"[后末头]\s*(?:\d+|[{_HAN}]+)\s*个月",
        rf"近\s*(?:\d+|[{_HAN}]+)\s*(?:个月|年|天|日)",
        _ADDED_UP,
        (
            rf"[、和及与][^、,，。;；\d]{{1,12}}?(?:[{_HAN}]+|\d{{1,2}})\s*[家个](?:分行|支行|分理处|机构|网点)"
            r"(?=投诉|分别|各|均|依次|共|合)"
        ),
        rf"(?:\d+|[{_HAN}]+)\s*(?:个|大|种|类)\s*(?:来源|渠道|地区|区域|类别|业务|方面|原因|环节|维度|要素|条线)",
        rf"(?:这|上述|以上|其余|其他)(?:\d+|[{_HAN}]+)(?:个|类|项|家|市|者|种)",
        r"(?<![\d.])[一二三四五六七八九十]+(?:市|者|是|方面|线|道防线|级|体|站式|次性|一对应|定|直|般|致|律|经|旦|同|样|并)",
        r"(?<![\d十百千])一(?:个|项|家|次|条|批|份|名|位|人|种|步|对一|期|年|天|日|周|场|幅|台|块|分)",
        r"百分之百(?![\d])|千分之|万分之|百余|千余|数[十百千]",
        r"7\s*[×xX*]\s*24|24\s*小时(?=服务|热线|受理|值守)|\d+\s*[×]\s*\d+",
        r"\d{1,3}\s*(?:周)?岁",
        rf"每\s*(?:\d+|[{_HAN}]+)\s*[件笔起宗户人万百千]",
    )
)
# 二者之比为4:1, 之比约为46:29:30: no time of day.
RATIO_WRITTEN = re.compile(
    r"比(?:例|值)?\s*(?:约为|约|为|是|达到|达)?\s*(?P<sides>\d+(?:\.\d+)?(?:\s*:\s*\d+(?:\.\d+)?)+)(?![\d:])"
)
_LIST_MARK = re.compile(r"^\s*(?:[、,]|和|及|与|以及)\s*$")


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number as written. `value` is in `unit` (scales like 万 are multiplied out); `step` is one in its last place.

    `bound` is what the words around it make of it: exactly, about, above, near … `spoken`: 三成, 三分之一, 半数.
    `places` are the decimal places to print and compare with.
    """

    start: int
    end: int
    text: str
    value: Decimal
    step: Decimal
    places: int
    unit: str = ""
    bound: str = EXACT
    spoken: bool = False
    scale: int = 1

    @property
    def signed(self) -> bool:
        """Whether the draft wrote a sign, so that the number itself says which way it went."""
        return self.text.lstrip()[:1] in "+-"

    def written(self, value: Decimal | None = None) -> str:
        """Return the value, or another one at the same place, as the draft would write it."""
        shown = self.value if value is None else half_up(value / self.scale, self._at()) * self.scale
        plain = shown / self.scale
        digits = max(self._at(), 0)
        scale = {10_000: "万", 100_000_000: "亿", 100: "百", 1000: "千"}.get(self.scale, "")
        return f"{plain:.{digits}f}{scale}{self.unit}"

    def _at(self) -> int:
        return self.places

    def holds(self, exact: Decimal) -> str:
        """Tell how the number stands to the exact value: "agrees", "rounding" or "differs"."""
        if self.bound != EXACT:
            return "agrees" if self._bounds(exact) else "differs"
        if self.spoken:
            return "agrees" if abs(exact - self.value) <= self.step / 2 else "differs"
        if half_up(exact / self.scale, self.places) * self.scale == self.value:
            return "agrees"
        full = self.unit in ("%", POINTS) and self.value == 100
        slip = self.places > 0 and not full and abs(self.value - exact) < self.step
        even = half_up(exact / self.scale, self.places) * self.scale == exact
        return "rounding" if slip and not even else "differs"

    def _bounds(self, exact: Decimal) -> bool:
        wide = max(self.step, abs(self.value) / 10)
        if (
            self.spoken and self.bound == ABOUT
        ):  # 约四成 is nearer to four tenths than to three, 约四分之一 to a quarter
            return abs(exact - self.value) <= min(max(self.step / 2, abs(self.value) / 10), abs(self.value) / 6)
        if self.bound == ABOVE:
            return exact > self.value
        if self.bound == AT_LEAST:
            return exact >= self.value
        if self.bound == NEAR:
            return self.value - wide <= exact <= self.value
        if self.bound == BELOW:
            return exact < self.value
        if self.bound == AT_MOST:
            return exact <= self.value
        return abs(exact - self.value) <= (self.step if self.places else max(self.step, abs(self.value) / 20))


def plain_text(text: str) -> str:
    """Return text with half-width figures and marks, so that １０８件 and 108 件 are one."""
    return unicodedata.normalize("NFKC", text).replace("−", "-").replace("\u200b", "")


def numbers(text: str) -> tuple[Number, ...]:
    """Return the figures of a plain text in order. A number without a unit in a list takes that of the next one."""
    ratios = [match.span("sides") for match in RATIO_WRITTEN.finditer(text)]
    hidden = [match.span() for pattern in _NO_FIGURE for match in pattern.finditer(text)]
    hidden = [one for one in hidden if not any(start <= one[0] < end for start, end in ratios)]
    found = [one for match in _NUMBER.finditer(text) if (one := _read(match, hidden)) is not None]
    for place in range(len(found) - 2, -1, -1):
        one, after = found[place], found[place + 1]
        if not one.unit and after.unit and _LIST_MARK.match(text[one.end : after.start]):
            found[place] = _with_unit(one, after)
    return tuple(found)


def _with_unit(one: Number, after: Number) -> Number:
    same = one.scale == 1 and after.scale != 1 and after.text.find("万") >= 0
    scale = after.scale if same else one.scale
    ratio = Decimal(scale) / one.scale
    return Number(
        start=one.start,
        end=one.end,
        text=one.text,
        value=one.value * ratio,
        step=one.step * ratio,
        places=one.places,
        unit=after.unit,
        bound=one.bound,
        scale=scale,
    )


def _read(match: re.Match[str], hidden: list[tuple[int, int]]) -> Number | None:
    group = next(name for name in ("arabic", "percent", "part", "tenths", "middle", "han") if match[name])
    first = match.start("whole") if group == "part" else match.start(group)
    if any(start <= first < end for start, end in hidden):
        return None
    value, step, places, unit, spoken, scale = _value(match, group)
    words = [match["before"], match["after"], match["more"], match["most"], match["over"]]
    bound = next((_BOUNDS[word] for word in words if word), EXACT)
    if group == "middle":
        bound = _HALVES.get(match["middle"], bound)
    start = match.start("before") if match["before"] else first
    return Number(
        start=start,
        end=match.end(),
        text=match.string[first : match.end()],
        value=value,
        step=step,
        places=places,
        unit=unit,
        bound=bound,
        spoken=spoken,
        scale=scale,
    )


def _value(match: re.Match[str], group: str) -> tuple[Decimal, Decimal, int, str, bool, int]:
    if group == "arabic":
        number = match["arabic"].replace(",", "").lstrip("±")
        places = len(number.partition(".")[2])
        scale = _LARGE[match["large"] or ""]
        unit = _unit(match["unit"] or "")
        return Decimal(number) * scale, Decimal(1).scaleb(-places) * scale, places, unit, False, scale
    if group == "percent":
        whole, _, rest = match["percent"].partition("点")
        places = len(rest)
        value = Decimal(f"{han_number(whole)}.{''.join(str(_DIGITS[c]) for c in rest) or 0}")
        return value, Decimal(1).scaleb(-places), places, "%", False, 1
    if group == "part":
        part, whole = han_number(match["part"]), han_number(match["whole"])
        value = half_up(Decimal(100 * part) / whole, 2) if whole else Decimal(0)
        return value, min(Decimal(5), 2 * _apart(part, whole)), 2, "%", True, 1
    if group == "tenths":
        tenths = Decimal(match["tenths"]) if match["tenths"][0].isdigit() else Decimal(han_number(match["tenths"]))
        half = match["half"]
        more = _HALF if half == "半" else Decimal(_DIGITS[half]) if half else Decimal(0)
        return tenths * 10 + more, _TENTH if not half else Decimal(2), 0, "%", True, 1
    if group == "middle":
        return Decimal(50), _HALF, 0, "%", True, 1
    return Decimal(han_number(match["han"])), Decimal(1), 0, _unit(match["hanunit"]), False, 1


def _apart(part: int, whole: int) -> Decimal:
    """Return half the way from a fraction up to the next one that people say, in percent: 六分之一 to 五分之一."""
    if part != 1 or whole < 2:
        return _HALF / 2
    return half_up(50 * (Decimal(1) / (whole - 1) - Decimal(1) / whole), 2)


def _unit(unit: str) -> str:
    return POINTS if unit in {"百分点", "pct", "pcts", "pp", "PCT"} else unit


def han_number(text: str) -> int:
    """Read 一百零五, 二〇二六, 两千三百, 一万二千."""
    if "万" in text:
        high, low = text.split("万", 1)
        return han_number(high) * 10_000 + (han_number(low) if low else 0)
    if not set(text) & set(_SCALES):
        return int("".join(str(_DIGITS[c]) for c in text) or 0)
    total = digit = 0
    for char in text:
        if char in _SCALES:
            total += (digit or 1) * _SCALES[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit
