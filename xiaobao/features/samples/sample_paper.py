"""抽样底稿: what a sample's paper gives to its template. Nothing here computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xiaobao.features.samples.evaluating import Evaluation
from xiaobao.features.samples.sample import METHODS, OUTCOMES, SIZE_BASES, Drawn, DrawnSample
from xiaobao.labels import DOMAINS, written_day
from xiaobao.numbers import HUNDRED, plain, show
from xiaobao.report_figures import of_source
from xiaobao.word import PrintedLine
from xiaobao.word.rendering import printed_tables, render_template

ROWS = {"place": "序号", "record": "编号", "facts": "记录要素", "outcome": "结果", "kind": "不符情形", "by": "检查人"}
_MOST_FACTS = 6


@dataclass(frozen=True, kw_only=True)
class SamplePaper:
    """A sample as its paper tells it: what it says, why it is stale, and who issues the paper when."""

    sample: DrawnSample
    found: Evaluation
    stale: Sequence[str]
    bank: str
    unit_name: str
    day: str


def write_sample_paper(paper: SamplePaper, template: Path, path: Path) -> tuple[PrintedLine, ...]:
    """Write the paper and return the lines that show its figures. Raises InputError on a faulty template."""
    title = f"抽样底稿（{paper.sample.title}）"
    return render_template(_values(paper), template, path, title, paper.bank)


def _values(paper: SamplePaper) -> Mapping[str, object]:
    sample, found = paper.sample, paper.found
    make, design, population = of_source("抽样", "样本"), sample.design, sample.population
    percent = {"confidence": design.confidence, "tolerable": design.tolerable, "expected": design.expected}
    return {
        "bank": paper.bank,
        "unit_name": paper.unit_name,
        "day": paper.day,
        "number": sample.number,
        "title": sample.title,
        "period": sample.period,
        "item": " ".join(filter(None, (DOMAINS.get(sample.domain, sample.domain), sample.item))) or "—",
        "source": population.source,
        "filters": "；".join(population.filters) or "无",
        "population": make("总体", population.count, "笔"),
        "amount": f"{show(population.total, 2)} 元" if population.total is not None else "—",
        "left_out": population.left_out,
        "digest": population.digest,
        "method": METHODS[design.method],
        "basis": SIZE_BASES[design.basis],
        "size": design.size,
        "allowed": "—" if design.allowed is None else str(design.allowed),
        "tolerable_amount": "—" if design.tolerable_amount is None else f"{show(design.tolerable_amount, 2)} 元",
        **{name: "—" if rate is None else f"{plain(rate * HUNDRED)}%" for name, rate in percent.items()},
        "seed": design.seed,
        "drawn": make("样本", len(sample.drawn), "笔"),
        "draw_digest": sample.digest,
        "drawn_by": str(sample.drawn_by),
        "redraws": "；".join(
            f"{one.by} {written_day(one.day)} {'一致' if one.same else '不一致'}" for one in sample.redraws
        )
        or "尚未复抽",
        "exceptions": make("不符", found.exceptions, "笔"),
        "open": make("未检查", found.open, "笔"),
        "conclusion": found.sentence(),
        "stale": list(paper.stale),
        "opinion": sample.opinion,
        "confirmed": f"{sample.confirmed_by}　{written_day(sample.confirmed_on)}" if sample.confirmed_on else "",
        "rows": sample_rows(sample),
    }


def sample_rows(sample: DrawnSample) -> list[dict[str, str]]:
    """Return the drawn records as the paper's table shows them."""
    return [_row(sample, place, one) for place, one in enumerate(sample.drawn, 1)]


def _row(sample: DrawnSample, place: int, one: Drawn) -> dict[str, str]:
    said = sample.tested.get(one.record)
    shown = [f"{head}：{text}" for head, text in list(one.facts.items())[:_MOST_FACTS]]
    audited = f"；审定金额 {show(said.audited, 2)} 元" if said and said.audited is not None else ""
    kind = "；".join(filter(None, (said.kind, said.note))) + audited if said else ""
    return {
        "place": str(place),
        "record": one.record,
        "facts": "；".join(shown) or "—",
        "outcome": OUTCOMES[said.outcome] if said else "未检查",
        "kind": kind or "—",
        "by": said.by.name if said else "—",
    }


def paper_cells(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return what the table must show, “number column” → cell; `read_cells` gives the same from the file."""
    return {f"{row['place']} {head}": row[name] for row in rows for name, head in ROWS.items() if name != "place"}


def read_cells(path: Path) -> dict[str, str]:
    """Read the paper's table of records back; empty where there is none."""
    wanted = tuple(ROWS.values())
    for heads, *rows in printed_tables(path):
        if tuple(heads) == wanted:
            return {f"{row[0]} {head}": cell for row in rows for head, cell in zip(heads[1:], row[1:], strict=True)}
    return {}
