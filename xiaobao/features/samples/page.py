"""抽样 as a page: choose unit and period, then fill one row a drawn record; each row is saved as it is left."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from xiaobao.errors import Fault, InputError, StaleRevision
from xiaobao.features.samples.evaluating import evaluate
from xiaobao.features.samples.populations import number_of
from xiaobao.features.samples.sample import METHODS, OUTCOMES, STATES, Drawn, RecordResult, Sample
from xiaobao.features.samples.verbs import record, sample_of, samples, stale
from xiaobao.forms.opening import Choice, Rights, choose, open_for_writing
from xiaobao.forms.tables import Row, TablePage
from xiaobao.labels import DOMAINS
from xiaobao.numbers import show

_SHOWN = 12
_FILLED = ("outcome", "kind", "audited", "note")


class SamplePage(TablePage):
    """The drawn records of all samples of a unit and period, with what each sample says by now."""

    title: ClassVar[str] = "抽样"
    verb = "sample.see"
    empty = "还没有抽取样本。用 xiaobao sample define 建立抽样，再用 xiaobao sample draw 抽取。"
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

    def read_rows(self, chosen: Choice) -> list[Row]:
        """Read the samples anew and remember what was found of each record, so that a later change is refused."""
        campaign = self._wb.campaign(chosen.period)
        found = [
            one
            for one in samples(self._wb, campaign.period, chosen.unit or None)
            if one.campaign in ("", campaign.name) and chosen.domain in ("", one.domain)
        ]
        may = Rights(self._wb, chosen.period)
        self.filters = (
            {"key": "sample", "title": "抽样", "values": [_name(one) for one in found]},
            {"key": "outcome", "title": "结果", "values": ["未检查", *OUTCOMES.values()]},
        )
        return [row for one in found for row in self._of(one, may)]

    def _of(self, sample: Sample, may: Rights) -> list[Row]:
        told = "；".join(stale(self._wb, sample))
        fillable = sample.state == "drawn" and not may.why("sample.record", sample.unit, sample.domain)
        return [_row(sample, one, told, fillable) for one in sample.drawn]

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


def _name(sample: Sample) -> str:
    return f"{sample.number} {sample.title}"


def _row(sample: Sample, one: Drawn, told: str, fillable: bool) -> Row:
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
            "sample": f"{_name(sample)}（{STATES[sample.state]}）",
            "design": f"{size}，种子 {design.seed}{domain}",
            "said": evaluate(sample).sentence(),
            "stale": told,
            "record": one.record,
            "facts": {**stratum, **dict(list(one.facts.items())[:_SHOWN])},
            "outcome": said.outcome if said else "",
            "kind": said.kind if said else "",
            "audited": f"{said.audited:f}" if said and said.audited is not None else "",
            "note": said.note if said else "",
        },
    }
