"""The words around a number in a draft: what names a thing, a time, a comparison, and what changes nothing.

A text is cut into tokens by the longest word that is known. What no word covers stays as REST: then it is not certain
what a number is said of, and only other numbers of the sentence can make it so.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from xiaobao.features.draft_check.draft_numbers import Number
from xiaobao.model import Period

Ref = tuple[str, str, str]  # facet, name, what of it ("" is its count)
METRIC, UNIT, MONTHS = "metric", "unit", "months"
PLACE_FACETS = (UNIT, "branch", "region")

NAME, UNITS, MOMENT, COMPARED, UP, DOWN, FLAT, TO, FROM = (
    "name",
    "units",
    "moment",
    "compared",
    "up",
    "down",
    "flat",
    "to",
    "from",
)
OF, SHARE, WHOLE, SUM, EACH, RESPECTIVELY, AMONG, FACET, ALL, FILL, BREAK, AND, REST, LIKE = (
    "of",
    "share",
    "whole",
    "sum",
    "each",
    "respectively",
    "among",
    "facet",
    "all",
    "fill",
    "break",
    "and",
    "rest",
    "like",
)
CURRENT, PREVIOUS, YEAR_BEFORE, COMPARISON, UNKNOWN = "current", "previous", "year_before", "comparison", "?"

METRICS: Mapping[str, str] = {
    "valid": "有效投诉 有效消费投诉 有效投诉量 有效件 有效投诉件数 有效投诉总量 有效",
    "new": "新增投诉 新增消费投诉 新增投诉量 新增",
    "repeats": "重复投诉 重复件 重复",
    "withdrawn": "撤诉 撤诉件 撤诉投诉 撤回投诉 撤销投诉 客户撤诉",
    "escalated": "升级投诉 升级",
    "on_time": (
        "按期办结 及时办结 按时办结 如期办结 时限内办结 期限内办结 规定时限内办结 按期办理完毕 按期结案 期内办结 "
    ),
    "late": "超期办结 逾期办结 超时办结 超时限办结 超期 逾期 超时",
    "decided": "已办结 办结投诉 已办结投诉 已结案 办结 结案 处理完毕 办理完毕",
    "in_hand": "在办未超期",
    "in_hand_overdue": "在办超期",
    "open": "在办 未办结 正在办理 处理中 办理中 尚未办结 尚在办理 仍在办理 未结案 正在处理",
    "reviews": "申请核查 核查申请 核查",
    "asked": "回访中表态的 表态的 表态",
    "satisfied": "满意",
    "dissatisfied": "不满意",
    "first_decided": "首次投诉已办结 首诉办结",
    "settled": "首诉处理结案 首诉结案",
    "on_time_rate": (
        "按期办结率 及时办结率 按时办结率 按期率 及时率 按时率 办结及时率 处理及时率 投诉处理及时率 "
        "按期结案率 及时处理率 按期办理率 "
    ),
    "closed_rate": "办结率 结案率 投诉办结率 投诉处理办结率 处理办结率",
    "satisfied_rate": (
        "满意率 满意度 回访满意率 回访满意度 客户满意率 客户满意度 投诉处理满意率 投诉处理满意度 处理满意率 "
        "处理满意度 投诉人满意率 投诉人满意度 客户回访满意率 "
    ),
    "dissatisfied_rate": "不满意率 回访不满意率 客户不满意率",
    "late_rate": "超期率 逾期率 超期办结率 逾期办结率 超时率",
    "withdrawn_rate": "撤诉率",
    "settled_rate": ("首诉处理结案率 首诉办结率 首诉结案率 首次投诉办结率 首诉解决率 首次处理结案率 首诉处理办结率 "),
    "reviews_rate": "核查按期率 核查按期办结率",
    "mean": (
        "平均办理 平均办理用时 平均办理时长 平均办理时间 平均办理天数 平均用时 平均时长 平均处理 "
        "平均处理时长 平均处理时间 平均处理天数 平均处理用时 平均办结 平均办结时间 平均办结时长 "
        "平均办结用时 平均办结天数 用时平均 办理用时平均 平均天数 平均耗时 平均办理周期 平均处理周期 "
        "件均处理时长 件均办理用时 件均用时 平均每件用时 平均每笔用时 平均 "
    ),
    "median": "中位数 中位 用时中位数 办理用时中位数 中位天数",
    "longest": (
        "最长 最长用时 最长办理 最长办理用时 最长办结 最长处理 最长天数 最长的 单笔最长 单件最长 最长一笔 最长一件 "
    ),
    "monthly": "月均 月均投诉 月均受理 月均受理投诉 平均每月 每月平均 平均每月受理 月平均 月均投诉量",
    "per_outlet": (
        "每网点月均投诉 平均每网点每月 每网点每月 每网点月均 网点月均 平均每网点月投诉量 平均每个网点每月 "
        "每个网点每月 平均每网点月 平均单个网点每月 "
    ),
    "per_customers": "每万名客户投诉 每万名客户 每万户客户投诉 每万客户投诉量 每万名客户投诉量 每万户",
}
_FACETS = {
    "channel": "渠道 办理渠道 业务办理渠道 业务渠道 投诉渠道",
    "reason": "原因 投诉原因 成因",
    "business_class": (
        "业务类别 业务种类 业务类型 业务大类 产品类别 业务领域 业务品种 投诉类别 投诉业务类别 业务 类别 "
    ),
    "region": "地区 区域 地域",
    "source": "来源 投诉来源 受理来源 来源渠道 转办来源",
    "month": "月份 逐月 各月 月度",
    "unit": "机构 网点机构 被投诉机构",
}
_WORDS: Mapping[str, str] = {
    UP: (
        "增加 增长 上升 提高 升高 上涨 多 增 提升 新增加 增幅 增速 增长率 增加率 上浮 攀升 涨幅 净增 增多 "
        "扩大 上扬 高出 高 升 升幅 增长幅度 上升幅度 增加幅度 多出 "
    ),
    DOWN: "减少 下降 降低 下滑 回落 少 降 减 压降 降幅 下跌 缩短 收窄 净减 净降 减幅 缩减 低 同降 同减 较少",
    FLAT: "持平 基本持平 相同 不变 没有变化 无变化 保持不变",
    TO: (
        "增至 升至 降至 增加到 增加至 上升到 上升至 下降到 下降至 减少到 减少至 提高到 提高至 降低到 降低至 "
        "增长到 增长至 回落至 提升至 提升到 攀升至 压降至 变为 变动至 下滑至 缩短至 降为 升为 增为 减至 "
        "减为 "
    ),
    FROM: "由 从 自",
    OF: "占 占到 占了 仅占 约占 共占 合占 各占 均占 分别占",
    SHARE: "占比 比重 比例 占比率 份额 所占比例 所占比重 占总量比重 占总量比例 投诉占比",
    WHOLE: (
        "全部 全部投诉 总量 投诉总量 总数 投诉总数 全部有效投诉 全部投诉量 总投诉 总投诉量 全行投诉 "
        "全行投诉总量 全行 受理总量 投诉受理总量 全部投诉总量 有效投诉总数 当期投诉 本期投诉 同期投诉总量 "
        "全辖投诉 投诉总笔数 投诉总件数 总笔数 总件数 总投诉件数 全部受理投诉 上半年投诉 全部消费投诉 "
        "消费投诉总量 "
    ),
    SUM: (
        "合计 共计 总计 之和 累计 合共 三者 两者 二者 相加 加总 总共 合并 小计 共占 合占 两项 三项 四项 "
        "五项 三类 两类 四类 五类 "
    ),
    EACH: "各 均 都 均为 各为 各有 均占 各占 同为 皆为",
    RESPECTIVELY: "分别 分别为 分别占 分别是 依次 依次为 依次是 分别达 分别有 分别占比",
    AMONG: "其中 当中 其中的",
    COMPARED: "较 比 与 同 相比 对比 相较 相较于 比较 较之 比较于 同上期比",
    ALL: (
        "投诉 消费投诉 客户投诉 消费者投诉 金融消费者投诉 金融消费投诉 投诉量 投诉件数 投诉数量 投诉笔数 "
        "投诉事项 投诉工单 投诉案件 投诉件 投诉业务量 投诉受理量 受理 共受理 接到 收到 接收 接诉 受理量 "
        "受理投诉 发生 登记 来电来访 受理件 受理数量 受理各类 消保投诉 各类投诉 诉求 消费者投诉事项 投诉数 "
        "投诉总笔数 投诉总件数 投诉总量 投诉总数 总投诉量 总投诉 "
    ),
    BREAK: ", ; : ( ) [ ] 【 】 。 ! ? | — – ~",
    AND: "、 和 及 与 以及 并 且 / 或",
}
_FILLS = (
    "我们 大家 同志们 各位 各位领导 通报如下 分母 分母为 的分母为 "
    "我行 本行 全行 我社 我联社 我公司 本公司 全辖 辖内 全市 我单位 本单位 共 总 共有 为 是 有 的 了 达 "
    "达到 至 计 于 在 中 内 上 下 也 又 另 另有 另外 还有 已 均 仅 只 只有 就 即 则 将 因 由 从 看 来看 "
    "来说 而言 方面 层面 角度 维度 情况 分布 类 类别 类型 类投诉 项 领域 业务 产品 渠道 来源 原因 部门 系统 "
    "平台 热线 转办件 转办单 转来 转送 转交 交办 转办 途径 方式 形式 引发 引起 导致 造成 产生 涉及 关于 "
    "针对 主要 主要集中 主要集中在 集中 集中在 集中于 主要为 主要是 主要有 主要涉及 主要来自 主要由 来自 "
    "源自 源于 属于 属 系 排名 排在 位居 位列 位 居 居首 居首位 首位 第一 第二 第三 第四 第五 最多 最高 "
    "最少 最低 较多 较高 居前 居前的 靠前 突出 较为突出 最为集中 较为集中 最为突出 高发 占据 报告期 "
    "报告期内 期间 期内 本期 当期 本报告期 其余 其次 其次是 其次为 再次 再次为 然后 最后 以及 同时 此外 按 "
    "按照 依 依据 根据 分 分析 划分 统计 口径 按口径 结构 结构上 构成 构成看 看出 可见 显示 表明 数据显示 "
    "数据 台账 台账显示 总体 整体 总体上 整体上 总体看 总体情况 全部 各类 各项 各 此类 该类 该 这 这一 上述 "
    "以上 等 例 件 笔 起 个 家 数量 件数 笔数 数 量 额 剔除 已剔除 扣除 已扣除 不含 剔除后 扣除后 后 前 "
    "剔除重复 处理 办理 办结 完成 实现 保持 维持 呈 呈现 趋势 态势 变动 变化 同 幅度 较大 较小 明显 略 略有 "
    "稍有 小幅 大幅 有所 显著 进一步 继续 同步 相应 客户 消费者 金融消费者 群众 投诉人 表示 表示的 反映 "
    "反映的 投诉内容 反馈 问题 到 与 同比 环比 超 约 近 单 最 大 多 者 名 次 半数 一半 过半 超半数 时 时间 "
    "用时 时长 天数 期限 时限 办理时限 规定 要求 法定 规定时限 时限内 期限内 引起的投诉 引起的 业务投诉 "
    "类业务 业务类 产品类 类产品 类投诉量 相关 相关投诉 有关 有关的 纠纷 通过 经 经由 进线 受理的 收到的 "
    "办理的 处理的 涉及的 所 占用 其 它 他 起数 发生量 水平 指标 值 是否 数值 合 量为 半年 年度 年 月 日 "
    "本月 当月 单月 份 月度 每月 高峰 峰值 高峰期 出现在 出现 达峰 投诉渠道 投诉来源 投诉原因 客户投诉 "
    "集中度 第一位 第二位 第三位 前台业务 之 以 本 其他各类 向 对 去 得 率 并列 并列第一 均为 金融机构 银行 "
    "条线 板块 大类 小类 子类 细分 细项 分项 项目 列 列第一 列首位 名列 分列 分列第二 分列前三 前三 前三位 "
    "三位 二位 一位 分别列 依次列 较 平均 办理用时 处理用时 办理平均用时 平均值 回访 客户回访 经回访 首次 "
    "首次投诉 投诉处理 处理情况 办理情况 办结情况 时效 办理时效 处理时效 投诉办理 共发生 全年 全部为 全行共 "
    "共收到 共接到 累计受理 累计 合计 共计 总计 受理渠道 受理来源 市 县 区 地区 区域 辖区 分支机构 机构 "
    "支行 分行 各支行 各分行 各机构 网点机构 一级 二级 消费 引致 诱发 仍 依然 依旧 目前 截至 截止 期末 年末 "
    "末 经统计 统计期 统计期内 具体 具体为 具体看 具体来看 情况如下 如下 表 见 下表 如 图 所示 可以 已经 "
    "全面 均已 其余为 余下 剩余 外 不足 超过 逾 多达 高达 达至 稳定 平稳 基本 大致 相当 与此同时 而 但 但是 "
    "虽 虽然 却 不过 尽管 值得注意的是 需要说明的是 说明 注 备注 经核对 经分析 经梳理 梳理 折合 换算 相当于 "
    "即为 也就是 亦即 换言之 可比 可比口径 同口径 按可比口径 比上 幅 增减 增减率 净 分值 数据来源 工作 消保 "
    "消保工作 消费者权益保护 投诉管理 投诉工作 管理 投诉形势 形势 受理情况 投诉受理 受理投诉情况 较好 良好 "
    "尚有 尚余 还剩 本级 本部 实际 "
    "自收 自行受理 直接受理 "
    "有效 本次 纳入 计入 含 包括 包含 分为 可分为 归为 归类为 归属 定为 认定 记 记录 登记 出 了的 仅为 只占 "
    "仅有 一类 一项 同类 一 二 三 四 五 六 七 八 九 十 两 几 "
)
# Averages over what nobody counts: 日均, 人均, and the shortest case; what stands behind them is no figure of ours.
AVERAGES = frozenset(
    (
        *("日均", "人均", "户均", "周均", "年均", "网均", "平均每天", "平均每日", "平均每周"),
        *("最短", "最短用时", "最短办理", "最快", "用时最短"),
        *("每网点平均", "网点平均", "平均每网点", "平均每家"),
    )
)
# Words that narrow what is counted where nothing else names it: “热线投诉16件” is not the number of all complaints.
_NARROW = (
    "转办件 转办单 转来 转送 转交 交办 转办 热线 平台 系统 部门 首次 首次投诉 其他 其余 其它 单月 当月 本月 高峰 "
    "峰值 高峰期 每月 其他各类 支行 分行 机构 分支机构 市 县 区 各支行 各分行 各机构 涉及 涉及的 主要集中 "
    "主要集中在 集中 集中在 集中于 主要涉及 来自 源自 源于 最多 最高 最少 最低 居首 首位 居首位 引发 引起 导致 因 "
    "不含 剔除 扣除 已剔除 已扣除 回访 客户回访 相关 有关 纠纷 同类 此类 该类 这 上述 其次 其次是 其次为 余下 "
    "剩余 其余为 平均 平均值 第一 第二 第三 第一位 第二位 类 类投诉 类业务 业务 产品 渠道 来源 监管 处理完毕 单 "
    "只有 最大 分项 细分 子类 小类 大类 前三 前三位 并列 办理用时 时限内 期限内 用时 时长 均为 反馈 问题 "
)
NARROW = frozenset(_NARROW.split())
_DAILY: tuple[str, ...] = (
    "网点",
    "电话",
    "柜面",
    "现场",
    "客服",
    "网络",
    "媒体",
    "邮箱",
    "前台",
    "使用",
    "票据",
    "保险",
    "证券",
    "基金",
)
_DAILY += (
    "舆情",
    "期货",
    "信托",
    "国债",
    "其他",
    "现场",
    "官网",
    "短信",
    "储蓄",
    "客服中心",
    "信件",
    "人行",
    "app",
    "外汇",
    "国库",
)
_LONE = frozenset("多增升高少降减低")  # words for up and down only right before a number
_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_HAN_MONTHS = {name: n for n, name in enumerate((*"一二三四五六七八九十", "十一", "十二"), 1)}
_YEAR = r"(?P<year>20\d\d年?|今年|去年|上年|本年)?度?"
_RANGE = (
    r"(?:20\d\d年)?(?P<first>\d{1,2})月?(?:\d{1,2}日)?\s*[-—~至到]\s*"
    r"(?:20\d\d年)?(?P<last>\d{1,2})月份?(?:\d{1,2}日)?"
)
_MONTH = (
    r"(?P<year>20\d\d年|今年|去年|上年)?(?P<month>\d{1,2}|十[一二]?|[一二三四五六七八九])月份?"
    r"(?P<day>\d{1,2}[日号]|[一二三十]+[日号])?"
)
_TIMES = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"(?P<code>20\d\d)\s*年?[Hh](?P<half>[12])", "half"),
        (_YEAR + r"(?P<part>上半年|下半年)", "half_words"),
        (_YEAR + r"第?(?P<quarter>[一二三四1-4])季度", "quarter"),
        (_RANGE, "range"),
        (r"[前头](?P<first_months>[一二两三四五六七八九]|\d)个月", "first_months"),
        (r"[后末](?P<last_months>[一二两三四五六七八九]|\d)个月", "last_months"),
        (r"(?P<since>\d{1,2}|十[一二]?|[一二三四五六七八九])月份?以来", "since"),
        (_MONTH, "month"),
        (r"20\d\d-(?P<number>\d\d)(?!\d|-)", "code_month"),
        (r"20\d\d-\d\d-\d\d", "day"),
        (r"上年同期|去年同期|上年度?同期|同比|去年同比|同期", YEAR_BEFORE),
        (r"上期|上一期|上个?半年度?|上一个?报告期|上一报告期|环比|前一期|前期", PREVIOUS),
        (r"对比期", COMPARISON),
        (r"本报告期|报告期内?|本期|当期|今年以来|本年以来|期内", CURRENT),
        (r"(?P<whole>20\d\d)年度?|(?P<word>今年|去年|上年|本年|全年)度?", "year"),
    )
)
COMPARING = ("同比", "环比", "去年同比")


@dataclass(frozen=True, kw_only=True)
class Token:
    """One word. `refs`: what a NAME may mean. `moment`: a period's code, or CURRENT, PREVIOUS …; "" for none."""

    kind: str
    start: int
    end: int
    text: str
    refs: tuple[Ref, ...] = ()
    strong: bool = True
    moment: str = ""


@dataclass(kw_only=True)
class Lexicon:
    """Words by their text, those of the workspace's own names among them."""

    period: Period | None = None
    names: dict[str, list[tuple[Ref, bool]]] = field(default_factory=dict)

    def add(self, word: str, ref: Ref, strong: bool = True) -> None:
        """Let `word` name `ref`; a word that is only part of a name is not `strong`."""
        known = self.names.setdefault(word, [])
        if all(one != ref for one, _ in known):
            known.append((ref, strong))

    def cut(self, text: str, found: Sequence[Number]) -> list[Token]:
        """Return the tokens of a plain text, numbers left out, each with its place."""
        taken = {place for one in found for place in range(one.start, one.end)}
        longest = max(_longest(), max(map(len, self.names), default=0))
        tokens: list[Token] = []
        place = 0
        while place < len(text):
            if place in taken or text[place].isspace():
                place += 1
                continue
            token = self._time(text, place, taken) or self._word(text, place, taken, longest)
            if token is None:
                token = Token(kind=REST, start=place, end=place + 1, text=text[place])
                if not text[place].isalnum():
                    token = Token(kind=FILL, start=place, end=place + 1, text=text[place])
            tokens.append(token)
            place = token.end
        return tokens

    def _word(self, text: str, place: int, taken: Container[int], longest: int) -> Token | None:
        fixed = _fixed()
        most = next((size for size in range(1, longest) if place + size in taken), longest)
        for size in range(min(most, len(text) - place), 0, -1):
            word = text[place : place + size]
            key = word.casefold()
            if key in self.names:
                known = self.names[key]
                strong = any(one for _, one in known)
                refs = tuple(ref for ref, sure in known if sure or not strong)
                strong = strong or _is_a_kind(word, refs, text[place + size : place + size + 8])
                return Token(kind=NAME, start=place, end=place + size, text=word, refs=refs, strong=strong)
            lone = word in _LONE and place + size not in taken and text[place + 1 : place + 2] != "了"
            if word in fixed and not lone:
                return _token(fixed[word], place, word)
        return None

    def _time(self, text: str, place: int, taken: Container[int]) -> Token | None:
        for pattern, kind in _TIMES:
            match = pattern.match(text, place)
            if match is None or match.end() == place or any(n in taken for n in range(place, match.end())):
                continue
            ref, moment = self._moment(kind, match)
            refs = (ref,) if ref else ()
            return Token(kind=MOMENT, start=place, end=match.end(), text=match[0], refs=refs, moment=moment)
        return None

    def _moment(self, kind: str, match: re.Match[str]) -> tuple[Ref | None, str]:
        span = self.period
        if kind in (YEAR_BEFORE, PREVIOUS, COMPARISON, CURRENT):
            return None, kind
        if span is None:
            return None, "" if kind not in ("half_words", "year") else CURRENT
        if kind == "half":
            return None, f"{match['code']}H{match['half']}"
        if kind == "half_words":
            half = 1 if match["part"] == "上半年" else 2
            return None, f"{self._year(match['year'])}H{half}"
        if kind == "year" and match["word"] in ("今年", "本年"):
            return None, CURRENT
        if kind == "year":
            return None, str(self._year(match["whole"] or match["word"]))
        if kind == "quarter":
            first = 3 * _QUARTERS[match["quarter"]] - 2
            return self._months(self._year(match["year"]), first, first + 2), ""
        if kind == "range":
            whole = (int(match["first"]), int(match["last"])) == (span.start.month, span.end.month)
            return self._months(span.start.year, int(match["first"]), int(match["last"])), CURRENT if whole else ""
        if kind == "month" and not match["day"]:
            text = match["month"]
            month = int(text) if text.isdigit() else _HAN_MONTHS[text]
            return self._months(self._year(match["year"]), month, month), ""
        if kind in ("first_months", "last_months", "since"):
            return self._some_months(kind, match[kind]), ""
        if kind == "code_month":
            return self._months(span.start.year, int(match["number"]), int(match["number"])), ""
        return None, ""

    def _year(self, word: str | None) -> int:
        assert self.period is not None
        year = self.period.start.year
        if word and word[:4].isdigit():
            return int(word[:4])
        return year - 1 if word in ("去年", "上年") else year

    def _some_months(self, kind: str, text: str) -> Ref | None:
        """Read 前两个月, 后三个月 and 4月份以来 within the period."""
        assert self.period is not None
        start, end = self.period.start, self.period.end
        many = int(text) if text.isdigit() else 2 if text == "两" else _HAN_MONTHS[text]
        length = end.month - start.month + 1
        if many > length and kind != "since":
            return None
        first = {"first_months": start.month, "last_months": end.month - many + 1, "since": many}[kind]
        return self._months(start.year, first, start.month + many - 1 if kind == "first_months" else end.month)

    def _months(self, year: int, first: int, last: int) -> Ref | None:
        if not 1 <= first <= last <= 12:
            return None
        codes = [f"{year}-{month:02d}" for month in range(first, last + 1)]
        return (MONTHS, ",".join(codes), "")


_KIND_OF = re.compile(r"类(?!似|推|比)|(?:方面)?(?:引发|引起|导致|造成|产生)")


def _is_a_kind(word: str, refs: Sequence[Ref], after: str) -> bool:
    """服务态度类投诉, 服务态度引发的: behind the first words of one name 类 leaves no doubt that it is meant."""
    return len(set(refs)) == 1 and not is_daily(word) and _KIND_OF.match(after) is not None


def is_daily(word: str) -> bool:
    """Tell whether a word is one of daily speech: alone it names no part of a facet."""
    return word.casefold() in _DAILY


@cache
def _fixed() -> dict[str, tuple[str, str]]:
    fixed: dict[str, tuple[str, str]] = dict.fromkeys(_FILLS.split(), (FILL, ""))
    fixed |= {"(": (BREAK, ""), ")": (BREAK, "")}
    fixed |= dict.fromkeys(AVERAGES, (REST, ""))
    for name, words in _FACETS.items():
        fixed |= dict.fromkeys(words.split(), (FACET, name))
    for kind, words in _WORDS.items():
        fixed |= dict.fromkeys(words.split(), (kind, ""))
    for key, words in METRICS.items():
        fixed |= dict.fromkeys(words.split(), (NAME, key))
    return fixed


@cache
def _longest() -> int:
    return max(map(len, _fixed()))


def _token(found: tuple[str, str], place: int, word: str) -> Token:
    kind, key = found
    refs: tuple[Ref, ...] = ()
    if kind == NAME:
        refs = ((METRIC, key, ""),)
    elif kind == FACET:
        refs = ((key, "", ""),)
    return Token(kind=kind, start=place, end=place + len(word), text=word, refs=refs)
