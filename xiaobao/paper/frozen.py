"""The frozen inputs of one notebook: all that a kernel may know, in one JSON file beside its partitions.

A kernel opens this file and the partitions it names, nothing else: no store, no workspace. So a run can be
repeated by whoever was not there, and a kernel may run on another machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError
from xiaobao.model import Extract, LeadDecision, Response, Unit, Value, VetoEvent, digest, from_plain, to_compact
from xiaobao.scoring.origins import Background

FORMAT = 1
INPUT_VARIABLE = "XIAOBAO_INPUT"


class Frozen(Value):
    """What every notebook knows: for whom, of which period and day, and the partitions below `root` to read."""

    bank: str
    unit: Unit
    period: str
    as_of: date
    root: str = ""
    notebook: str = ""
    format: int = FORMAT
    extracts: tuple[Extract, ...] = ()


Inputs = TypeVar("Inputs", bound=Frozen)


class FrozenPaper(Frozen):
    """Inputs of a domain notebook. `extracts` are the partitions its checks read; absent ones are 无数据.

    `counting`, `earlier` and the two of `closed` are for the ledger's statistics: the rules, the ledger of the period
    compared with, and what was received before each of the two and closed in it, where that is what counts.
    `own` is the unit's own sheet, None without one. Once `reviewed`, `reviews` stand in for the unit's answers (复评).
    `public` is what the bank states as public, for the masks.
    Until the sheet is `handed_in` its answers are a draft; inputs of version 0.2 and earlier did not tell them apart.
    `rests_on` says on which data a handed-in sheet rests, once there are newer ones. `own_checks` are the bank's own
    that the sheet asks, each with its published text (`xiaobao.checks.own.running.OwnCheck`).
    """

    domain: str
    checklist: Mapping[str, Any]
    checklist_sha256: str
    scheme: Mapping[str, Any]
    policies: Mapping[str, Any]
    citations: Mapping[str, str]
    binding: Mapping[str, bool]
    extracts: tuple[Extract, ...]
    responses: tuple[Response, ...]
    decisions: tuple[LeadDecision, ...]
    vetoes: tuple[VetoEvent, ...] = ()
    counting: Mapping[str, Any] = {}
    earlier: Extract | None = None
    earlier_period: str = ""
    closed: Extract | None = None
    earlier_closed: Extract | None = None
    own: Mapping[str, Any] | None = None
    reviewed: bool = False
    reviews: tuple[Response, ...] = ()
    background: Background = Background()
    public: tuple[str, ...] = ()
    handed_in: bool = True
    rests_on: str = ""
    own_checks: tuple[Mapping[str, Any], ...] = ()


class FrozenTables(Frozen):
    """What the notebook `own_paper` of an analyst may know: the unit's partitions and the registers of the bank.

    `records`: scores, findings, answers, leads → the unit's lines as they were recorded, JSON-ready.
    """

    own_paper: str
    extracts: tuple[Extract, ...]
    records: Mapping[str, tuple[Mapping[str, Any], ...]] = {}


def with_extracts(frozen: Inputs, change: Callable[[Extract], Extract]) -> Inputs:
    """Return inputs in which every extract, those of the ledger included, is what `change` makes of it."""
    frozen = replace(frozen, extracts=tuple(map(change, frozen.extracts)))
    if not isinstance(frozen, FrozenPaper):
        return frozen
    return replace(
        frozen,
        earlier=change(frozen.earlier) if frozen.earlier else None,
        closed=change(frozen.closed) if frozen.closed else None,
        earlier_closed=change(frozen.earlier_closed) if frozen.earlier_closed else None,
    )


def input_digest(frozen: Frozen, code: str) -> str:
    """Return the digest that decides whether a paper must be run again: content and code, never places."""
    placeless = with_extracts(frozen, lambda extract: replace(extract, path=""))
    return digest([to_compact(replace(placeless, root="")), code])


def frozen_text(frozen: Frozen) -> str:
    """Return the text of an input file; its format is named even though it is the usual one."""
    return json.dumps({**to_compact(frozen), "format": FORMAT}, ensure_ascii=False)


def write_frozen(frozen: Frozen, path: Path) -> None:
    """Write the inputs as JSON, making the folder. Not by rename: a kernel starts only after they are written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(frozen_text(frozen), "utf-8")


def read_frozen(path: Path) -> Frozen:
    """Read what `write_frozen` wrote. Raises InputError on another format."""
    plain = json.loads(path.read_text("utf-8"))
    if plain.get("format") != FORMAT:
        raise InputError(Fault("输入文件的格式版本不符", file=path.name, value=str(plain.get("format"))))
    if "card" in plain:
        kind: type[Frozen] = import_module("xiaobao.paper.card").FrozenScorecard  # a paper loads no scorecard
        return from_plain(kind, plain)
    return from_plain(FrozenTables if "own_paper" in plain else FrozenPaper, plain)
