"""得分变动留痕: how a result moved after its sheet was handed in, by which acts of whom, and why.

The acts themselves are events of the inspection's chain. When a run records what came of them, one more event shows
before and after, so that nobody has to put the two together.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from xiaobao.labels import HANDED_IN
from xiaobao.model import Score
from xiaobao.store import Store
from xiaobao.store.history import MOVED, inspection_chain
from xiaobao.store.models import Campaign, Event, InspectionRecord

ACTS = {
    "decide": "疑点认定",
    "answer": "疑点核实",
    "veto": "一票否决",
    "withdraw": "撤销",
    "review": "复评",
    "reviewed": "复核通过",
    "approved": "审定",
    "returned": "退回",
    "submitted": "提交",
    "draft": "撤回提交",
    "return": "疑点重现",
    "appeal_upheld": "申诉成立",
    "appeal_partly": "申诉部分成立",
}
# Kinds of objects whose events move no result: answers, which only an open sheet takes, files, and who came and went.
MOVES_NOTHING = ("response", "evidence", "attachment", "sign_in")
_LOOK_BACK = 500


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One change of a score that was handed in; `domain` "" is the unit's total. Scores as shown, None: no score.

    `kinds` are the verbs of the acts, such as `decide` or `appeal_upheld`; `acts` say them in Chinese, with whom and
    why.
    """

    unit: str
    domain: str
    at: datetime
    before: Decimal | None
    after: Decimal | None
    acts: tuple[str, ...]
    kinds: tuple[str, ...] = ()


def note_of(
    record: InspectionRecord, before: Score, after: Score, acts: Sequence[Mapping[str, str]]
) -> dict[str, Any] | None:
    """Return what the history will tell of a result, None where nothing moved or the sheet just came in."""
    if record.state not in HANDED_IN or _shown(before) == _shown(after):
        return None
    if any(act["verb"] in ("submitted", "draft", "returned") for act in acts):
        return None
    return {"unit": record.unit, "domain": record.domain, "before": _shown(before), "after": _shown(after)} | {
        "acts": list(acts) or [{"verb": "run", "what": "重新运行", "actor": "", "why": "程序或笔记本有变化"}]
    }


def note_of_total(unit: str, before: Score, after: Score, acts: Sequence[Mapping[str, str]]) -> dict[str, Any] | None:
    """Return what the history will tell of a unit's total, None where it stands or a sheet just came in."""
    if _shown(before) == _shown(after) or any(act["verb"] in ("submitted", "draft", "returned") for act in acts):
        return None
    return {"unit": unit, "domain": "", "before": _shown(before), "after": _shown(after), "acts": list(acts)}


def acts_since(store: Store, inspections: Iterable[InspectionRecord], since: datetime | None) -> list[dict[str, str]]:
    """Return what people did to sheets after the moment of their last result, oldest first."""
    found: list[Event] = []
    for record in inspections:
        for event in store.events(_LOOK_BACK, inspection_chain(record.id)):
            if since is not None and event.at <= since:
                break
            if event.verb in ACTS and (event.object != "handed_in"):
                found.append(event)
    return [_act(event) for event in sorted(found, key=lambda event: event.seq)]


def movements(store: Store, campaign: Campaign, unit: str | None = None) -> tuple[Movement, ...]:
    """Return every recorded movement of a campaign's handed-in results, oldest first."""
    events: list[Event] = []
    units = set()
    for record in store.inspections(campaign.id, unit):
        units.add(record.unit)
        events += store.events(_LOOK_BACK, inspection_chain(record.id), "result_moved")
    for one in sorted(units):
        events += store.events(_LOOK_BACK, object=f"total_moved:{campaign.id}:{one}")
    return tuple(_movement(event) for event in sorted(events, key=lambda event: event.seq) if event.verb == MOVED)


def _movement(event: Event) -> Movement:
    payload = json.loads(event.payload or "{}")
    return Movement(
        unit=payload.get("unit", ""),
        domain=payload.get("domain", ""),
        at=event.at,
        before=_number(payload["before"]["value"]),
        after=_number(payload["after"]["value"]),
        acts=tuple(_act_text(act) for act in payload["acts"]),
        kinds=tuple(act["verb"] for act in payload["acts"]),
    )


def _act_text(act: Mapping[str, str]) -> str:
    who = f"（{act['actor']}）" if act["actor"] else ""
    return f"{act['what']}{who}" + (f"：{act['why']}" if act["why"] else "")


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _shown(score: Score) -> dict[str, str | None]:
    return {"value": None if score.value is None else str(score.value), "grade": score.grade}


def _act(event: Event) -> dict[str, str]:
    payload = json.loads(event.payload or "{}")
    why = payload.get("reason") or payload.get("answer_note") or _described(payload)
    what = "撤销一票否决" if event.object.startswith("veto") and event.verb == "withdraw" else ACTS[event.verb]
    return {"verb": event.verb, "object": event.object, "what": what, "actor": event.actor, "why": str(why)} | {
        "at": event.at.isoformat()
    }


def _described(payload: Mapping[str, Any]) -> str:
    inner = payload.get("veto") or payload.get("answer")
    if not isinstance(inner, dict):
        return ""
    return str(inner.get("description") or inner.get("reason") or "")
