"""How far `figures check` can be trusted: own reports, drafts in the manners of banks, and errors planted in both.

Run `python benchmarks/drafts.py [--quick] [--json FILE]`. An error counts as found only when that very number is
不一致; a false alarm is a true number that is 不一致 in a draft without errors. Own reports are read twice: as the
command does, knowing our own sentences, and with that knowledge taken away.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
from msgspec import convert
from openpyxl import load_workbook
from plain_counts import Row, count, hold

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.demo.walk import run_demo
from xiaobao.features.complaints import LedgerFigures, LedgerScope, analyse, with_comparison
from xiaobao.features.complaints.facets import FACETS
from xiaobao.features.complaints.report import KIND as COMPLAINTS
from xiaobao.features.complaints.report_figures import complaint_figures
from xiaobao.features.draft_check.checking import check_draft, statements
from xiaobao.features.draft_check.draft_numbers import numbers, plain_text
from xiaobao.features.draft_check.draft_own import OwnWords, own_words
from xiaobao.features.draft_check.known_facts import KnownFacts, facts_of
from xiaobao.features.draft_check.statement import (
    CHANGE,
    CHANGE_RATE,
    COUNT,
    DAYS_LONG,
    POINTS_MOVED,
    PROPORTION,
    RATE,
    Statement,
)
from xiaobao.features.draft_check.verbs import known_facts, own_reports, read_text_draft
from xiaobao.features.draft_check.verdicts import DIFFERS, UNVERIFIABLE, CheckedNumber
from xiaobao.model import Period, Unit
from xiaobao.policies import Counting
from xiaobao.publishing.reports import written_today
from xiaobao.report_figures import FreeText
from xiaobao.word import Cover, write_document
from xiaobao.word.drafts import read_draft
from xiaobao.workbench.workspace import open_workbench
from xiaobao.written.blocks import DocumentBlock, Grid

ROOT = Path(__file__).resolve().parent.parent
DRAFTS = ROOT / "tests" / "drafts"
PERIOD = "2026H1"
KINDS = ("digit", "share", "sign", "unit", "period")
_MOVES = (CHANGE, CHANGE_RATE, POINTS_MOVED)
_WAYS = {"增加": "减少", "减少": "增加", "上升": "下降", "下降": "上升", "增长": "下降", "增幅": "降幅", "降幅": "增幅"}
_TIMES = (("上期", "上年同期"), ("2025年下半年", "2025年上半年"), ("环比", "同比"))
_DTYPES = {"date": "datetime64[us]", "flag": "boolean"}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A draft without errors, with what it is held against."""

    name: str
    blocks: tuple[DocumentBlock, ...]
    facts: KnownFacts
    own: OwnWords | None = None

    def check(self, blocks: Sequence[DocumentBlock] | None = None) -> list[CheckedNumber]:
        found = check_draft(self.blocks if blocks is None else blocks, self.facts, own=self.own)
        return [one for one in found if one.stated]


@dataclass(frozen=True, kw_only=True)
class Slot:
    """Where a number stands: block, sentence and place in it, or row and column."""

    block: int
    first: int
    second: int


def slots(draft: Draft) -> list[tuple[Slot, Statement]]:
    """Return every figure of a draft with its place, in the order of the findings."""
    found: list[tuple[Slot, Statement]] = []
    every = statements(draft.blocks, draft.facts.lexicon, own=draft.own)
    for at, block in enumerate(draft.blocks):
        head = f"{block.place}第" if isinstance(block, Grid) else block.place
        said = [one for one in every if one.place.startswith(head) and (one.row is not None or one.place == head)]
        if isinstance(block, Grid):
            found += [(Slot(block=at, first=one.row[1] - 1, second=one.row[2]), one) for one in said if one.row]
            continue
        order = {group: n for n, group in enumerate(sorted({one.group for one in said}))}
        counts: dict[int, int] = {}
        sentences = [n for n, text in enumerate(_sentences(block.text)) if numbers(text)]
        for one in said:
            place = counts[one.group] = counts.get(one.group, -1) + 1
            found.append((Slot(block=at, first=sentences[order[one.group]], second=place), one))
    return found


def _sentences(text: str) -> list[str]:
    return [part for part in re.split(r"(?<=[。!?])", plain_text(text)) if part.strip()]


def planted(draft: Draft, slot: Slot, said: Statement, kind: str, dice: random.Random) -> list[DocumentBlock] | None:
    """Return the draft with one number wrong in the way of `kind`, None where that cannot be."""
    block = draft.blocks[slot.block]
    blocks = list(draft.blocks)
    if isinstance(block, Grid):
        cells = [list(row) for row in block.rows]
        changed = (
            _changed(cells[slot.first][slot.second], said, kind, dice, 0)
            if kind in ("digit", "share", "sign")
            else None
        )
        if changed is None:
            return None
        cells[slot.first][slot.second] = changed
        blocks[slot.block] = replace(block, rows=tuple(map(tuple, cells)))
        return blocks
    parts = _sentences(block.text)
    sentence = parts[slot.first]
    changed = _changed(sentence, said, kind, dice, slot.second)
    if changed is None or len(numbers(changed)) != len(numbers(sentence)):
        return None
    if kind == "period" and _still_true(changed, said, draft, slot.second):
        return None
    parts[slot.first] = changed
    blocks[slot.block] = replace(block, text="".join(parts))
    return blocks


def _still_true(text: str, said: Statement, draft: Draft, place: int) -> bool:
    """Tell whether another month has that very count: then nothing wrong was written."""
    months = re.findall(r"(?<![\d至-])([1-6])月(?!\d)", text[: numbers(text)[place].start])
    known = draft.facts.value(("months", f"2026-0{months[-1]}", "")) if said.kind == COUNT and months else None
    return known is not None and known == said.value


def _changed(text: str, said: Statement, kind: str, dice: random.Random, place: int) -> str | None:
    found = numbers(text) if said.row is None else ()
    start, end = (found[place].start, found[place].end) if found else (0, len(text))
    before = found[place - 1].end if found and place else 0
    number = text[start:end]
    make: dict[str, Callable[[], str | None]] = {
        "digit": lambda: _digit(number, said, dice),
        "share": lambda: _share(number, said, dice),
        "unit": lambda: _unit(number, said, dice),
    }
    if kind in make:
        new = make[kind]()
        return None if new is None else text[:start] + new + text[end:]
    if kind == "sign":
        return _sign(text, said, before, start)
    return _period(text, said, before, start, dice)


def _digit(number: str, said: Statement, dice: random.Random) -> str | None:
    at = [n for n, char in enumerate(number) if char.isdigit()]
    if not at or said.number.bound != "exact" or said.number.spoken:
        return None
    for _ in range(20):
        place = dice.choice(at)
        new = number[:place] + dice.choice([c for c in "0123456789" if c != number[place]]) + number[place + 1 :]
        value = re.search(r"\d[\d,]*(?:\.\d+)?", new)
        old = re.search(r"\d[\d,]*(?:\.\d+)?", number)
        if value is None or old is None or re.match(r"0\d", value[0]):
            continue
        gap = abs(float(value[0].replace(",", "")) - float(old[0].replace(",", "")))
        if gap > 1.5 * 10 ** -len(value[0].partition(".")[2]):  # one in the last place is 舍入, by its own rule
            return new
    return None


def _share(number: str, said: Statement, dice: random.Random) -> str | None:
    match = re.search(r"\d+\.\d+", number)
    if said.kind not in (PROPORTION, RATE, CHANGE_RATE) or match is None or said.number.bound != "exact":
        return None
    value = float(match[0])
    moved = value + dice.choice([-1, 1]) * dice.choice([0.5, 1.0, 2.38, 5.0, 10.0])
    moved = moved if 0 <= moved <= 100 else value / 2 + 1
    return number.replace(match[0], f"{moved:.{len(match[0].partition('.')[2])}f}", 1)


def _unit(number: str, said: Statement, dice: random.Random) -> str | None:
    unit = said.number.unit
    if said.kind == COUNT and unit in ("件", "笔") and said.number.value >= 6 and said.number.scale == 1:
        return number.replace(unit, dice.choice([f"万{unit}", "户", "元"]), 1)
    if said.kind == PROPORTION and unit == "%" and "%" in number:
        return number.replace("%", dice.choice(["‰", "个百分点"]), 1)
    if said.kind == DAYS_LONG and unit == "天" and "天" in number:
        return number.replace("天", dice.choice(["个工作日", "小时"]), 1)
    return None


def _sign(text: str, said: Statement, before: int, start: int) -> str | None:
    if said.kind not in _MOVES or not said.value:
        return None
    if said.row is not None or text[start] in "+-":
        place = start if said.row is None else 0
        if text[place] in "+-":
            return text[:place] + ("-" if text[place] == "+" else "+") + text[place + 1 :]
        return f"-{text}"
    lead = text[before:start]
    word = next((word for word in _WAYS if word in lead), None)
    return None if word is None else text[:before] + lead.replace(word, _WAYS[word]) + text[start:]


def _period(text: str, said: Statement, before: int, start: int, dice: random.Random) -> str | None:
    lead = text[before:start]
    month = re.search(r"(?<![\d至-])([1-6])月(?!\d)", lead)
    if said.kind == COUNT and month is not None and "至" not in lead:
        other = dice.choice([n for n in "123456" if n != month[1]])
        lead = lead[: month.start(1)] + other + lead[month.end(1) :]
        return text[:before] + lead + text[start:]
    if said.kind in (CHANGE_RATE, POINTS_MOVED):
        for was, made in _TIMES:
            if was in lead:
                return text[:before] + lead.replace(was, made, 1) + text[start:]
    return None


@dataclass(frozen=True, kw_only=True)
class Constructed:
    """A made-up ledger of one half-year, the half-year before beside it, and the rows of both."""

    figures: LedgerFigures
    now: Sequence[Row]
    before: Sequence[Row]


def constructed(seed: int) -> Constructed:
    """Return a made-up ledger."""
    dice = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    units = _units(dice)
    rules = convert({"share_places": 2}, Counting)
    made, written = [], []
    for code, size in (("2025H2", dice.randint(60, 400)), (PERIOD, dice.randint(60, 400))):
        span = Period.parse(code)
        rows = [_row(span, units, dice, n) for n in range(size)]
        frame = _frame(rows)
        written.append([_as_extract(row, units) for row in rows])
        scope = LedgerScope(name=f"{'甲乙丙丁戊己庚辛壬癸'[seed - 1]}银行", units=units)
        made.append(analyse(frame, span, rules, span.end + timedelta(days=5), scope))
    return Constructed(figures=with_comparison(made[1], made[0], rules), now=written[1], before=written[0])


def _as_extract(row: dict[str, Any], units: dict[str, Unit]) -> Row:
    """Return a row as an extract has it: texts by the heads of its columns, and the unit's region."""
    titles = {column.name: column.title for column in DATASETS["complaints"].columns}
    return {titles[name]: "" if value is None else str(value) for name, value in row.items()} | {
        "地区": units[row["unit"]].region
    }


def _extract(folder: Path, period: str) -> list[Row]:
    """Return the rows of the demo's complaint extract, each with the region of its unit."""
    [units] = (folder / "extracts").glob(f"机构_{period}.xlsx")
    _, heads, *listed = [[str(cell or "") for cell in row] for row in load_workbook(units).active.values]
    regions = {row[heads.index("机构号")]: row[heads.index("地区")] for row in listed}
    [ledger] = (folder / "extracts").glob(f"投诉台账_{period}.csv")
    rows = list(csv.DictReader(ledger.read_text("gb18030").splitlines()))
    return [row | {"地区": regions[row["机构号"]]} for row in rows]


def held_by_hand(folder: Path, ledgers: int) -> dict[str, Any]:
    """Hold our own complaint reports against a count of the rows that has nothing of xiaobao."""
    reports = [(report_of(one.figures, folder), one.now, one.before) for one in map(constructed, range(1, ledgers + 1))]
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "demo.docx"
        written_today(open_workbench(folder), "complaints", PERIOD, path, "", None)
        reports.insert(0, (read_draft(path), _extract(folder, PERIOD), _extract(folder, "2025H2")))
    numbers_held, wrong = 0, []
    for place, (blocks, now, before) in enumerate(reports):
        tables = [block.rows for block in blocks if isinstance(block, Grid)]
        text = "\n".join(block.text for block in blocks if not isinstance(block, Grid))
        held = hold(tables, text, count(now), count(before))
        numbers_held += held.numbers
        wrong += [f"{place or 'demo'} {line}" for line in held.wrong]
    return {"numbers": numbers_held, "differs": len(wrong), "false_alarms": wrong}


def _units(dice: random.Random) -> dict[str, Unit]:
    units = {"0": Unit(id="0", name="试验银行", level="head_office")}
    for place, name in enumerate(dice.sample(["东川", "南浦", "西岭", "北原", "中洲", "河口"], dice.randint(3, 5)), 1):
        units[f"{place}"] = Unit(id=f"{place}", name=f"{name}分行", level="branch", parent="0", region=f"{name}市")
    return units


def _row(span: Period, units: dict[str, Unit], dice: random.Random, number: int) -> dict[str, Any]:
    day = span.start + timedelta(days=dice.randrange((span.end - span.start).days + 1))
    took = dice.choice([2, 5, 8, 12, 15, 21, 33])
    names = {facet: [node.name for node in FACETS[facet].nodes if len(node.path) == 1] for facet in FACETS}
    row = {
        "complaint_no": f"{span.code}{number:05d}",
        "unit": dice.choice([code for code in units if code != "0"]),
        "nature": "投诉",
        "received_on": day,
        "source": dice.choice(names["source"][:8]),
        "channel": dice.choice(["营业现场", "自助机具", "电子渠道", "第三方渠道", "中、后台业务渠道"]),
        "business_class": dice.choice(names["business_class"][:9]),
        "reason": dice.choice(names["reason"][:11]),
        "customer": f"K{span.code}{number}",
        "decided_on": day + timedelta(days=took),
        "satisfaction": dice.choice(["满意", "不满意", ""]),
    }
    if dice.random() < 0.04:
        row |= {"withdrawn_on": day + timedelta(days=1), "decided_on": None}
    return row


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    columns = DATASETS["complaints"].columns
    return pd.DataFrame(
        {
            column.name: pd.Series(
                [row.get(column.name) for row in rows],
                dtype=_DTYPES.get(column.kind, "str"),  # type: ignore[call-overload]
            )
            for column in columns
        }
    )


def report_of(ledger: LedgerFigures, folder: Path) -> tuple[DocumentBlock, ...]:
    """Return the blocks of our own complaint report over a ledger."""
    span = Period.parse(ledger.period)
    day = date(2026, 7, 5)
    cover = Cover(kind="complaints", bank=ledger.name, author=ledger.name, period=span, as_of=day, day=day)
    document = COMPLAINTS.document(cover, complaint_figures(ledger), FreeText(problems=(), plans=()), {}, ())
    path = folder / f"{ledger.name}.docx"
    write_document(document, ROOT / "reports" / "templates" / "complaints.docx", path)
    return read_draft(path)


def _placed(blocks: Sequence[DocumentBlock]) -> tuple[DocumentBlock, ...]:
    """Return blocks of several reports with places of their own."""
    return tuple(replace(block, place=f"[{n}]") for n, block in enumerate(blocks))


def own_drafts(folder: Path, ledgers: int) -> Iterator[Draft]:
    """Yield the demo's reports and those of constructed ledgers, each with what we know of our own sentences."""
    wb = open_workbench(folder)
    blocks = _placed(own_reports(wb, PERIOD))
    yield Draft(name="demo", blocks=blocks, facts=known_facts(wb, PERIOD), own=own_words(blocks))
    for seed in range(1, ledgers + 1):
        ledger = constructed(seed).figures
        own = _placed(report_of(ledger, folder))
        yield Draft(name=ledger.name, blocks=own, facts=facts_of(ledger), own=own_words(own))


def bank_drafts(folder: Path) -> Iterator[Draft]:
    """Yield the drafts not written by the product; they rest on the demo's ledger of 2026H1."""
    wb = open_workbench(folder)
    facts, own = known_facts(wb, PERIOD), own_words(own_reports(wb, PERIOD))
    for path in sorted(DRAFTS.glob("*.md")):
        yield Draft(name=path.stem, blocks=_placed(read_text_draft(path)), facts=facts, own=own)


def shares(drafts: Sequence[Draft]) -> dict[str, Any]:
    """Count what becomes of the numbers of drafts without errors."""
    found = [(draft.name, one) for draft in drafts for one in draft.check()]
    wrong = [f"{name}：{one.excerpt} → {one.expected}（{one.reason}）" for name, one in found if one.verdict == DIFFERS]
    unread = sum(one.verdict == UNVERIFIABLE for _, one in found)
    return {
        "numbers": len(found),
        "differs": len(wrong),
        "checked": len(found) - unread,
        "checked_share": round(100 * (len(found) - unread) / len(found), 2),
        "false_alarms_share": round(100 * len(wrong) / len(found), 2),
        "false_alarms": wrong,
    }


def plant(drafts: Sequence[Draft], many: int, seed: int) -> dict[str, Any]:
    """Plant `many` errors, one at a time, in turn of every kind, and count those that are found at their number."""
    dice = random.Random(seed)  # noqa: S311 - chance that can be repeated, no secret
    places = [(draft, n, slot, said) for draft in drafts for n, (slot, said) in enumerate(slots(draft))]
    whole = {id(draft): draft.check() for draft in drafts}
    placed, found, missed, elsewhere = 0, 0, [], 0
    by_kind: dict[str, list[int]] = {kind: [0, 0] for kind in KINDS}
    for turn in range(many):
        kind = KINDS[turn % len(KINDS)]
        made = next(_fitting(places, whole, kind, dice), None)
        if made is None:
            continue
        draft, n, blocks = made
        before, after = whole[id(draft)], draft.check(blocks)
        if len(after) != len(before):
            continue
        placed += 1
        hit = after[n].verdict == DIFFERS
        found += hit
        by_kind[kind][0] += hit
        by_kind[kind][1] += 1
        elsewhere += sum(
            one.verdict == DIFFERS and one.place != after[n].place for place, one in enumerate(after) if place != n
        )
        if not hit:
            missed.append(
                f"{kind}｜{draft.name}｜{before[n].excerpt} → {after[n].excerpt}：{after[n].verdict} {after[n].reason}"
            )
    rate = round(100 * found / placed, 2) if placed else None
    kinds = {kind: f"{hit}/{all_}" for kind, (hit, all_) in by_kind.items()}
    return {
        "planted": placed,
        "found": found,
        "found_share": rate,
        "by_kind": kinds,
        "elsewhere": elsewhere,
        "missed": missed,
    }


def _fitting(
    places: Sequence[tuple[Draft, int, Slot, Statement]],
    whole: dict[int, list[CheckedNumber]],
    kind: str,
    dice: random.Random,
) -> Iterator[tuple[Draft, int, list[DocumentBlock]]]:
    """Yield drafts with one error of `kind`, at places taken by chance among the numbers that are checked."""
    for draft, n, slot, said in dice.sample(places, len(places)):
        if whole[id(draft)][n].verdict in (UNVERIFIABLE, DIFFERS):
            continue
        blocks = planted(draft, slot, said, kind, dice)
        if blocks is not None:
            yield draft, n, blocks


def measure(quick: bool) -> dict[str, Any]:
    """Return all figures: a third of the ledgers and a quarter of the errors when quick."""
    ledgers, errors = (3, 50) if quick else (10, 200)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "bank"
        run_demo(folder, 12, 2, seed=20260705, jobs=1, batch=False, say=lambda text: None)
        own, banks = list(own_drafts(folder, ledgers)), list(bank_drafts(folder))
        bare = [replace(draft, own=None) for draft in own]
        return {
            "own_counted_by_hand": held_by_hand(folder, ledgers),
            "own": shares(own),
            "own_without_own_words": shares(bare),
            "drafts": shares(banks),
            "planted_own": plant(own, errors, 1),
            "planted_own_without_own_words": plant(bare, errors, 2),
            "planted_drafts": plant(banks, errors, 3),
        }


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three ledgers and 50 errors instead of ten and 200")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args(arguments)
    found = measure(options.quick)
    if options.json:
        options.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    for name, part in found.items():
        plain = {key: value for key, value in part.items() if not isinstance(value, list)}
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in plain.items()))
        for line in (*part.get("false_alarms", ()), *part.get("missed", ())):
            print(f"  {line}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
