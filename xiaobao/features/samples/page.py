"""抽样 as a page: choose unit and period, then fill one row a drawn record; each row is saved as it is left."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.features.samples.arranging import asked_of, define_act, step_act, wanted_of
from xiaobao.features.samples.evaluating import evaluate
from xiaobao.features.samples.issuing import publish_sample_paper, publish_sheets
from xiaobao.features.samples.populations import number_of
from xiaobao.features.samples.sample import METHODS, OUTCOMES, SAMPLE_STATES, Drawn, DrawnSample, RecordResult
from xiaobao.features.samples.verbs import (
    Purpose,
    answer_item,
    confirm_sample,
    define,
    draw_sample,
    record,
    redraw,
    sample_of,
    samples,
    stale,
)
from xiaobao.forms.page_choice import PageChoice, Rights, choose, open_for_writing
from xiaobao.forms.table_page import TablePage, TableRow
from xiaobao.labels import DOMAINS
from xiaobao.numbers import show

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHOWN = 12
_FILLED = ("outcome", "kind", "audited", "note")


class SamplePage(TablePage):
    """The drawn records of all samples of a unit and period, with what each sample says by now."""

    title: ClassVar[str] = "抽样"
    verb = "sample.see"
    empty = "还没有抽样。点“建立抽样”，或用 xiaobao sample define。"
    columns = (
        {
            "title": "抽样",
            "width": "26%",
            "parts": [
                {"key": "sample", "kind": "text", "strong": True},
                {"key": "design", "kind": "text"},
                {"key": "said", "kind": "text"},
                {"key": "stale", "kind": "text", "late": True},
            ],
        },
        {
            "title": "样本",
            "width": "30%",
            "parts": [{"key": "record", "kind": "text", "strong": True}, {"key": "facts", "kind": "facts"}],
        },
        {
            "title": "结果",
            "width": "12%",
            "parts": [
                {
                    "key": "outcome",
                    "kind": "select",
                    "title": "结果",
                    "blank": "未检查",
                    "options": [[code, word] for code, word in OUTCOMES.items()],
                },
                {"key": "audited", "kind": "line", "title": "审定金额（元）"},
            ],
        },
        {"title": "不符情形", "width": "16%", "parts": [{"key": "kind", "kind": "area", "title": "不符情形"}]},
        {"title": "说明", "width": "16%", "parts": [{"key": "note", "kind": "area", "title": "说明"}]},
    )

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Read the samples anew and remember what was found of each record, so that a later change is refused."""
        campaign = self._wb.campaign(chosen.period)
        found = [
            one
            for one in samples(self._wb, campaign.period, chosen.unit or None)
            if one.campaign in ("", campaign.name) and chosen.domain in ("", one.domain)
        ]
        may = Rights(self._wb, chosen.period)
        self._found = found
        self.filters = (
            {"key": "sample", "title": "抽样", "values": [_name(one) for one in found]},
            {"key": "outcome", "title": "结果", "values": ["未检查", *OUTCOMES.values()]},
        )
        return [row for one in found for row in self._of(one, may)]

    def _of(self, sample: DrawnSample, may: Rights) -> list[TableRow]:
        reasons = "；".join(stale(self._wb, sample))
        fillable = sample.state == "drawn" and not may.why("sample.record", sample.unit, sample.domain)
        if not sample.drawn:
            return [_waiting(sample, reasons)]
        return [_row(sample, one, reasons, fillable) for one in sample.drawn]

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        """Return 建立抽样 for who may, and 办理抽样 where there is a sample."""
        if not chosen.period:
            return []
        period = self._wb.campaign(chosen.period).period
        kept = {one.dataset for one in self._wb.store.imports(period=period)}
        datasets = [(name, one.title) for name, one in DATASETS.items() if name in kept]
        defines = not Rights(self._wb, chosen.period).why("sample.define", chosen.unit, chosen.domain)
        found = getattr(self, "_found", [])
        return [*([define_act(datasets)] if defines else []), *([step_act(found)] if found else [])]

    def act(
        self, name: str, chosen: PageChoice, values: Mapping[str, str]
    ) -> Sequence[str] | Mapping[str, object] | None:
        """`define` a sample by a dataset or a list that came along, or take a `step` of one. Raises InputError."""
        with tempfile.TemporaryDirectory() as folder:
            if name == "define":
                return self._define(chosen, values, Path(folder))
            if name == "step":
                return self._step(values.get("sample", ""), values, Path(folder))
        return super().act(name, chosen, values)

    def _define(self, chosen: PageChoice, values: Mapping[str, str], folder: Path) -> Sequence[str]:
        campaign, path = self._wb.campaign(chosen.period), None
        if self._given is not None:
            path = folder / (Path(self._given[0]).name or "清单.xlsx")
            path.write_bytes(self._given[1])
        purpose = Purpose(
            title=values.get("title", ""),
            period=campaign.period,
            unit=chosen.unit,
            domain=chosen.domain,
            item=values.get("item", "").strip(),
            campaign=campaign.name,
        )
        made = define(self._wb, purpose, wanted_of(values, path), asked_of(values))
        size = f"总体 {show(made.population.count)} 笔，样本量 {show(made.design.size)}"
        return [f"已建立抽样 {made.number}：{size}。核对总体后点“办理抽样”抽取。"]

    def _step(self, number: str, values: Mapping[str, str], folder: Path) -> Sequence[str] | Mapping[str, object]:
        step = values.get("to", "")
        if step == "draw":
            return [f"已抽取 {show(len(draw_sample(self._wb, number).drawn))} 笔"]
        if step == "redraw":
            same = redraw(self._wb, number).redraws[-1].same
            return ["复抽一致，样本相同" if same else "复抽不一致，样本不同，请查明原因"]
        if step == "answer":
            kept = answer_item(self._wb, number)
            return [f"已写入检查项 {kept.item_id}：{kept.note}"]
        if step == "confirm":
            confirm_sample(self._wb, number, values.get("opinion", ""))
            return [f"已确认抽样 {number}"]
        if step == "sheets":
            path = folder / f"抽样检查表-{number}.xlsx"
            publish_sheets(self._wb, number, path)
            return {"type": "download", "name": path.name, "media": _EXCEL, "buffers": [path.read_bytes()]}
        if step == "paper":
            path = publish_sample_paper(self._wb, number)
            return {"type": "download", "name": path.name, "media": _WORD, "buffers": [path.read_bytes()]}
        raise InputError(Fault("请选择办理", value=step))

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Save one record's result over what stands there. Raises InputError, StaleRevision."""
        number, _, name = row_id.partition(" ")
        before = sample_of(self._wb, number, "sample.record").tested.get(name)
        if (before.revision if before else 0) != seen_revision:
            raise StaleRevision("这一笔已被他人更新", before, None)
        money = cells.get("audited", f"{before.audited:f}" if before and before.audited is not None else "").strip()
        audited = number_of(money) if money else None
        if money and audited is None:
            raise InputError(Fault("审定金额不是数字", value=money))
        said = RecordResult(
            record=name,
            outcome=cells.get("outcome", before.outcome if before else ""),
            kind=cells.get("kind", before.kind if before else ""),
            note=cells.get("note", before.note if before else ""),
            audited=audited,
            by=self._wb.actor,
            revision=seen_revision,
        )
        record(self._wb, number, {name: said})


def samples_page(
    unit: str = "", period: str = "", domain: str = "", workspace: str = "", as_of: str = ""
) -> SamplePage:
    """打开抽样：冻结总体、抽取、逐笔记录；网页地址里的 ?unit=&period=&domain= 优先于参数。"""
    return SamplePage(open_for_writing(workspace, as_of), choose(unit, period, domain))


def _name(sample: DrawnSample) -> str:
    return f"{sample.number} {sample.title}"


def _waiting(sample: DrawnSample, reasons: str) -> TableRow:
    """A sample of which nothing is drawn yet: its population as it was frozen."""
    population = sample.population
    total = {"金额": f"{show(population.total, 2)} 元"} if population.total is not None else {}
    facts = {"来源": population.source, "筛选": "、".join(population.filters) or "无", **total}
    return {
        "id": sample.number,
        "revision": 0,
        "locked": list(_FILLED),
        "tags": {"sample": _name(sample), "outcome": "未检查"},
        "cells": {
            "sample": f"{_name(sample)}（{SAMPLE_STATES[sample.state]}）",
            "design": f"总体 {show(population.count)} 笔，{METHODS[sample.design.method]}拟抽 {sample.design.size} 笔",
            "said": "",
            "stale": reasons,
            "record": "还没有抽取",
            "facts": facts,
            **dict.fromkeys(_FILLED, ""),
        },
    }


def _row(sample: DrawnSample, one: Drawn, reasons: str, fillable: bool) -> TableRow:
    said, design = sample.tested.get(one.record), sample.design
    stratum = {"层": one.stratum} if one.stratum else {}
    size = f"总体 {show(sample.population.count)} 笔，{METHODS[design.method]}抽 {len(sample.drawn)} 笔"
    domain = f"，{DOMAINS.get(sample.domain, sample.domain)} {sample.item}".rstrip() if sample.domain else ""
    return {
        "id": f"{sample.number} {one.record}",
        "revision": said.revision if said else 0,
        "locked": [] if fillable else list(_FILLED),
        "tags": {"sample": _name(sample), "outcome": OUTCOMES[said.outcome] if said else "未检查"},
        "cells": {
            "sample": f"{_name(sample)}（{SAMPLE_STATES[sample.state]}）",
            "design": f"{size}，种子 {design.seed}{domain}",
            "said": evaluate(sample).sentence(),
            "stale": reasons,
            "record": one.record,
            "facts": {**stratum, **dict(list(one.facts.items())[:_SHOWN])},
            "outcome": said.outcome if said else "",
            "kind": said.kind if said else "",
            "audited": f"{said.audited:f}" if said and said.audited is not None else "",
            "note": said.note if said else "",
        },
    }
