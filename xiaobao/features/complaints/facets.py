"""The four facets of a complaint, as lists. Channel, class and reason follow JR/T 0169-2018, without digit codes.

The standard's digit codes are not written here: no text of them was at hand, and none are invented. A source says who
passed a complaint on; it is a facet of its own, never a channel. What stands in no list stays visible as 未归类.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from xiaobao.model import Value

if TYPE_CHECKING:
    from xiaobao.datasets.suggesting import ValueList

Tree = Mapping[str, "Tree"]
UNCLASSIFIED, MISSING = "未归类", "未填写"
FRONT_OFFICE, BACK_OFFICE = "前台业务渠道", "中、后台业务渠道"
PEOPLES_BANK = "人民银行转办"
REGULATOR = "金融监管转办"


def _flat(*names: str) -> Tree:
    return {name: {} for name in names}


_SOURCES: Tree = _flat(
    "12345政务热线",
    REGULATOR,
    PEOPLES_BANK,
    "消保调解中心",
    "信访",
    "省联社客服",
    "本行客服热线",
    "营业现场",
    "来信",
    "网络",
    "意见簿",
    "媒体",
    "其他",
)
_CHANNELS: Tree = {
    FRONT_OFFICE: {
        "营业现场": {},
        "自助机具": {},
        "电子渠道": _flat("网银", "电话", "移动客户端", "网络公众平台", "短信", "其他"),
        "第三方渠道": {},
        "其他": {},
    },
    BACK_OFFICE: {},
}
_CLASSES: Tree = {
    "人民币储蓄": {},
    "贷款": _flat("个人住房贷款", "个人汽车消费贷款", "教育助学贷款", "其他消费贷款", "个人生产经营性贷款", "其他"),
    "银行卡": {
        "借记卡": _flat("账户管理", "收费及挂失", "使用", "市场活动及增值服务", "盗刷", "其他"),
        "信用卡": _flat(
            "申请开卡及换卡",
            "使用和还款",
            "账单服务",
            "市场活动积分及增值服务",
            "挂失及注销",
            "盗刷",
            "个人信用信息",
            "其他",
        ),
        "准贷记卡等其他卡类": {},
    },
    "自营理财": {},
    "支付结算": _flat(
        "账户管理",
        "资金汇划",
        "票据",
        "联网核查",
        "电子支付",
        "非银行支付机构网络支付",
        "汇兑业务",
        "多用途预付费卡",
        "其他",
    ),
    "人民币管理": _flat("残损污损币兑换", "假币鉴定与收缴", "小面额兑换", "纪念币(钞)", "其他"),
    "外汇": _flat("个人结售汇", "个人外汇汇款", "个人外汇交易", "个人外汇储蓄", "外汇账户管理", "其他"),
    "贵金属": _flat("自营实物", "自营账户", "代理交易", "其他"),
    "个人金融信息": _flat("信用信息采集", "信用信息使用", "异议处理", "信用信息之外的收集与使用", "其他"),
    "银行代理业务": _flat("保险", "证券", "期货", "信托", "基金", "他行业务", "其他"),
    "其他中间业务": _flat("个人资信证明", "保险箱", "代收代付", "其他"),
    "债务催收": _flat("信用卡催收", "贷款催收", "其他"),
    "国库": _flat("国债", "税收与行政事业性收费", "资金拨付", "其他"),
    "其他": _flat("功能类业务", "其他银行业务", "呼叫服务", "其他"),
}
_REASONS: Tree = _flat(
    "服务态度及服务质量",
    "服务设施、设备、业务系统",
    "管理制度、业务规则与流程",
    "营销方式和手段",
    "信息披露",
    "自主选择权",
    "定价收费",
    "产品收益",
    "合同条款",
    "消费者资金安全",
    "消费者信息安全",
    "债务催收方式和手段",
    "其他",
)
# Other spellings of the very same thing; a wider or narrower word is no alias.
_ALIASES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "source": {
        "12345政务热线": ("12345", "12345转办", "12345热线", "政务热线", "政务服务便民热线"),
        REGULATOR: (
            "监管转办",
            "金融监管局转办",
            "金融监管总局转办",
            "12378",
            "12378转办",
            "银保监会转办",
            "银保监局转办",
            "银保监会系统转来",
        ),
        PEOPLES_BANK: ("人行转办", "人行系统转来", "12363", "12363转办", "人行"),
        "消保调解中心": ("968133", "调解中心", "消保中心"),
        "信访": ("国家信访系统转来", "信访转办"),
        "省联社客服": ("省联社转办", "省联社客服转办"),
        "本行客服热线": ("客服热线", "客服", "电话", "客服电话", "电话-客服系统", "客服中心", "客服转办"),
        "营业现场": ("现场", "网点现场", "柜面", "总分支行现场"),
        "来信": ("信件", "来函", "书信"),
        "网络": ("官网", "网上留言", "邮箱", "电子邮件"),
        "意见簿": ("客户意见簿", "意见箱"),
        "媒体": ("舆情", "新闻媒体"),
    },
    "channel": {
        BACK_OFFICE: ("中后台", "中台、后台业务渠道", "后台业务渠道"),
        FRONT_OFFICE: ("前台",),
        "营业现场": ("网点", "柜面", "营业网点"),
        "自助机具": ("自助设备", "自助渠道"),
        "电子渠道": ("线上渠道",),
        "移动客户端": ("手机银行", "APP"),
        "网银": ("网上银行",),
        "电话": ("电话银行",),
        "第三方渠道": ("第三方",),
    },
    "business_class": {
        "人民币储蓄": ("储蓄",),
        "个人金融信息": ("个人金融信息保护",),
        "银行代理业务": ("银行代理",),
        "其他中间业务": ("中间业务",),
        "保险": ("代理保险", "银行代理保险"),
        "基金": ("代理基金", "代销基金"),
        "信托": ("代理信托", "代销信托"),
        "纪念币(钞)": ("纪念币", "纪念钞"),
    },
    "reason": {
        "服务设施、设备、业务系统": ("服务设施设备及业务系统",),
        "管理制度、业务规则与流程": ("管理制度业务规则和流程",),
        "营销方式和手段": ("营销方式及手段",),
        "定价收费": ("价格收费",),
        "消费者资金安全": ("资金安全",),
        "消费者信息安全": ("信息安全",),
        "债务催收方式和手段": ("债务催收", "催收方式和手段"),
        "自主选择权": ("消费者自主选择权",),
    },
}
# Said this way only below their own class: 信用卡 alone is the card, below 债务催收 it is the collecting.
_WITHIN: Mapping[str, str] = {"信用信息使用": "使用", "信用卡催收": "信用卡", "贷款催收": "贷款"}
_SEPARATORS = re.compile(r"[-—–/\\>＞:|]+")


def _plain(text: str) -> str:
    """Return the form in which values are compared: NFKC, no blanks, brackets or punctuation, case-folded."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).casefold()


class FacetNode(Value):
    """One value of a facet. `path` leads from the top class down to it; `parent` is −1 at the top."""

    name: str
    parent: int
    path: tuple[str, ...]


class Facet(Value, dict=True, gc=True):
    """One way to sort complaints by: `tree` has each listed value with those below it, in the order of the list."""

    name: str
    title: str
    tree: Tree

    @cached_property
    def nodes(self) -> tuple[FacetNode, ...]:
        """Return all values, each after its parent, in the order of the list."""
        found: list[FacetNode] = []

        def grow(tree: Tree, parent: int, path: tuple[str, ...]) -> None:
            for name, below in tree.items():
                found.append(FacetNode(name=name, parent=parent, path=(*path, name)))
                grow(below, len(found) - 1, (*path, name))

        grow(self.tree, -1, ())
        return tuple(found)

    @cached_property
    def _places(self) -> Mapping[str, tuple[int, ...]]:
        places: dict[str, list[int]] = {}
        for place, node in enumerate(self.nodes):
            for word in (node.name, *_ALIASES[self.name].get(node.name, ())):
                for key in self._spellings(word):
                    places.setdefault(key, []).append(place)
            for start in range(len(node.path) - 1):  # 借记卡盗刷 and 银行卡借记卡盗刷, written together
                places.setdefault(_plain("".join(node.path[start:])), []).append(place)
        return {key: tuple(dict.fromkeys(found)) for key, found in places.items()}

    def _spellings(self, word: str) -> Iterator[str]:
        yield _plain(word)
        if self.name == "reason":
            yield _plain(f"金融机构{word}")
        if self.name == "business_class" and not word.endswith("业务"):
            yield _plain(f"{word}业务")

    def find(self, text: str, within: int = -1) -> int:
        """Return the place of the value that `text` means, below `within` if given; −1 when it is not certain.

        Of equal names the higher one counts when the others lie below its class; else none is certain: 账户管理 alone
        is neither the card's nor the payment's.
        """
        key = _plain(text)
        if self.name == "reason":
            key = re.sub(r"^因", "", re.sub(r"引起的(投诉)?$", "", key))
        places = self._places.get(key, ())
        if within >= 0:
            places = self._below(within, key, places)
        if not places:
            return self._by_path(text, within)
        highest = min(places, key=lambda p: len(self.nodes[p].path))
        above = self.nodes[highest].path[:-1]
        sure = all(p == highest or self.nodes[p].path[: len(above)] == above for p in places)
        alone = sum(len(self.nodes[p].path) == len(above) + 1 for p in places) == 1
        return highest if sure and alone else -1

    def _below(self, within: int, key: str, places: tuple[int, ...]) -> tuple[int, ...]:
        top = self.nodes[within].path
        below = [p for p, node in enumerate(self.nodes) if node.path[: len(top)] == top and p != within]
        local = [p for p in below if _plain(_WITHIN.get(self.nodes[p].name, "")) == key]
        local += [p for p in below if p not in local and key in self._without_prefix(self.nodes[p])]
        return tuple(p for p in below if p in places) or tuple(local)

    def _without_prefix(self, node: FacetNode) -> set[str]:
        """Return a name without the words that its class says already: 外汇账户管理 below 外汇 is 账户管理."""
        name = _plain(node.name)
        prefixes = [*map(_plain, node.path[:-1]), "个人", *(f"个人{_plain(word)}" for word in node.path[:-1])]
        return {name.removeprefix(prefix) for prefix in prefixes if name.startswith(prefix) and name != prefix}

    def _by_path(self, text: str, within: int) -> int:
        """Read 银行卡-借记卡-盗刷, each part below the one before."""
        parts = [part for part in _SEPARATORS.split(unicodedata.normalize("NFKC", text)) if part.strip()]
        if len(parts) < 2:
            return -1
        place = within
        for part in parts:
            place = self.find(part, place)
            if place < 0:
                return -1
        return place

    @cached_property
    def roots(self) -> tuple[int, ...]:
        """Return for each value the place of its top class."""
        tops: list[int] = []
        for place, node in enumerate(self.nodes):
            tops.append(place if node.parent < 0 else tops[node.parent])
        return tuple(tops)


FACETS: Mapping[str, Facet] = {
    "source": Facet(name="source", title="投诉来源", tree=_SOURCES),
    "channel": Facet(name="channel", title="业务办理渠道", tree=_CHANNELS),
    "business_class": Facet(name="business_class", title="业务类别", tree=_CLASSES),
    "reason": Facet(name="reason", title="投诉原因", tree=_REASONS),
}


def spellings(facet: str, name: str) -> tuple[str, ...]:
    """Return the other spellings of a listed value."""
    return _ALIASES[facet].get(name, ())


def value_lists() -> dict[str, ValueList]:
    """Return column → its official list, for the proposal of a mapping; a sub-class stands in the lists of classes."""
    from xiaobao.datasets.suggesting import ValueList  # a paper counts without it

    lists = {}
    for name, facet in FACETS.items():

        def find(text: str, facet: Facet = facet) -> str:
            place = facet.find(text)
            return facet.nodes[place].name if place >= 0 else ""

        lists[name] = ValueList(find, tuple(dict.fromkeys(node.name for node in facet.nodes)))
    return lists
