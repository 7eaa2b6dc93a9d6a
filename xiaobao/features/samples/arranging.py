"""What a page asks to set up a sample and to take its next step, and how that is read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from xiaobao.errors import Fault, InputError
from xiaobao.features.samples.populations import PopulationRequest, number_of
from xiaobao.features.samples.sample import METHODS, SAMPLE_STATES, SIZE_BASES, DrawnSample
from xiaobao.features.samples.verbs import WantedSample

_Field = Mapping[str, object]
_STEPS = {
    "draw": "抽取样本",
    "redraw": "复抽核对（另一人）",
    "answer": "不符结果写入检查项",
    "confirm": "确认结果（第三人）",
    "sheets": "导出检查表（Excel）",
    "paper": "出具抽样底稿（Word）",
}


def define_act(datasets: Sequence[tuple[str, str]]) -> _Field:
    """Return the button 建立抽样 with what it asks: population, method, size."""
    bases = [[code, title] for code, title in SIZE_BASES.items() if code != "money"]
    line, choice = {"kind": "line"}, {"kind": "select", "required": True}
    return {
        "name": "define",
        "title": "建立抽样",
        "lines": [
            "冻结总体、定样本量，还不抽取；机构、检查期间、检查域按本页所选。总体取已导入的数据，或上传一份清单。"
        ],
        "fields": [
            {**line, "key": "title", "title": "抽查什么，如 双录完整性", "required": True},
            {"kind": "select", "key": "dataset", "title": "数据集", "options": [list(one) for one in datasets]},
            {"kind": "file", "key": "file", "title": "或上传清单（Excel、CSV）", "accept": ".xlsx,.csv"},
            {**line, "key": "key", "title": "编号列（清单必填）"},
            {**line, "key": "filters", "title": "筛选条件，用分号分隔，如 金额>=50000"},
            {**choice, "key": "method", "title": "抽样方法", "options": _pairs(METHODS), "value": "random"},
            {**choice, "key": "basis", "title": "样本量", "options": bases, "value": "attribute"},
            {"kind": "number", "key": "size", "title": "固定数量（选固定数量时填）"},
            {**line, "key": "confidence", "title": "置信水平，如 95%（不填按本行设置）"},
            {**line, "key": "tolerable", "title": "可容忍不符率，如 5%（不填按本行设置）"},
            {**line, "key": "expected", "title": "预计不符率，如 1%（不填按本行设置）"},
            {**line, "key": "amount", "title": "金额列（货币单元抽样必填）"},
            {**line, "key": "tolerable_amount", "title": "可容忍错报金额（元，货币单元抽样）"},
            {**line, "key": "stratum", "title": "分层列（分层抽样必填）"},
            {**line, "key": "item", "title": "对应的检查项编号（须先选检查域）"},
        ],
    }


def step_act(found: Sequence[DrawnSample]) -> _Field:
    """Return the button 办理抽样: which sample, which step."""
    options = [[one.number, f"{one.number} {one.title}（{SAMPLE_STATES[one.state]}）"] for one in found]
    return {
        "name": "step",
        "title": "办理抽样",
        "fields": [
            {"key": "sample", "kind": "select", "title": "抽样", "options": options, "required": True},
            {"key": "to", "kind": "select", "title": "办理", "options": _pairs(_STEPS), "required": True},
            {"key": "opinion", "kind": "area", "title": "意见（确认时）"},
        ],
    }


def wanted_of(values: Mapping[str, str], file: Path | None) -> PopulationRequest:
    """Read where the population comes from. Raises InputError unless it is a dataset or a list, not both."""
    dataset = values.get("dataset", "")
    if bool(dataset) == bool(file):
        raise InputError(Fault("请选择一个数据集，或上传一份清单，二者择一"))
    filters = tuple(part.strip() for part in re.split(r"[;；]", values.get("filters", "")) if part.strip())
    named = {name: values.get(name, "").strip() for name in ("key", "amount", "stratum")}
    return PopulationRequest(dataset=dataset, file=file, filters=filters, **named)


def asked_of(values: Mapping[str, str]) -> WantedSample:
    """Read method and size. Raises InputError naming every figure that is none."""
    faults: list[Fault] = []

    def share(key: str, title: str) -> Decimal | None:
        word = values.get(key, "").strip().replace("％", "%")
        try:
            value = Decimal(word.removesuffix("%").strip()) if word else None
        except InvalidOperation:
            value = Decimal(-1)
        if value is not None and word.endswith("%"):
            value /= 100
        if value is not None and not 0 <= value <= 1:
            faults.append(Fault("比例写法不对", column=title, value=word, allowed="0 至 100%，如 5% 或 0.05"))
        return value

    size, money = values.get("size", "").strip(), values.get("tolerable_amount", "").strip()
    if size and not (size.isascii() and size.isdigit()):
        faults.append(Fault("样本量须为整数", column="固定数量", value=size))
    if money and number_of(money) is None:
        faults.append(Fault("金额不是数字", column="可容忍错报金额", value=money))
    confidence, tolerable = share("confidence", "置信水平"), share("tolerable", "可容忍不符率")
    expected = share("expected", "预计不符率")
    if faults:
        raise InputError(faults)
    return WantedSample(
        method=values.get("method") or "random",
        basis=values.get("basis") or "attribute",
        size=int(size) if size else None,
        confidence=confidence,
        tolerable=tolerable,
        expected=expected,
        tolerable_amount=number_of(money) if money else None,
    )


def _pairs(words: Mapping[str, str]) -> list[list[str]]:
    return [list(one) for one in words.items()]
