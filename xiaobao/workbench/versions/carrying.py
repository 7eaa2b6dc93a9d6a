"""Answers that an inspection brought along from another version of its sheet: what became of the question since.

They are the stored answers themselves, untouched. One waits for 确认 as long as nobody saved it anew on this version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xiaobao.checklist.comparing import FieldChange, NodeChange, compare
from xiaobao.checklist.models import Checklist, Item
from xiaobao.checklist.rules.measures import measured_text
from xiaobao.checklist.wording import value_text
from xiaobao.labels import label
from xiaobao.model import Conclusion, Response, Review
from xiaobao.store.models import Carried, InspectionRecord
from xiaobao.workbench.versions.unit_sheets import UnitSheets
from xiaobao.workbench.workspace import Workbench, read_checklist


@dataclass(frozen=True, kw_only=True)
class CarriedAnswer:
    """An answer waiting for 确认. `asks_anew`: what the person read has changed, so it does not count until then."""

    version: str
    former: Item
    changes: tuple[FieldChange, ...]
    asks_anew: bool


@dataclass(frozen=True, kw_only=True)
class Aside:
    """An answer to an item that is no longer on the sheet: kept, shown apart, counted nowhere."""

    version: str
    item: Item
    response: Response


def carried_answers(
    wb: Workbench, record: InspectionRecord | None, responses: Mapping[str, Response], sheets: UnitSheets
) -> dict[str, CarriedAnswer]:
    """Return item id → the answer that waits for confirmation; nothing for an inspection that never moved."""
    waiting: dict[str, CarriedAnswer] = {}
    for item_id, carried in (record.carried if record else {}).items():
        response = responses.get(item_id)
        if response is None or response.revision != carried.revision or item_id not in sheets.items:
            continue
        assert record is not None
        former = _former(wb, record, carried)
        change = _change(former, sheets, item_id)
        fields = change.fields if change else ()
        asks_anew = bool(change and change.asks_anew)
        waiting[item_id] = CarriedAnswer(
            version=carried.version, former=_item(former, item_id), changes=fields, asks_anew=asks_anew
        )
    return waiting


def set_aside(
    wb: Workbench, record: InspectionRecord | None, responses: Mapping[str, Response], sheets: UnitSheets
) -> tuple[Aside, ...]:
    """Return the answers to items that are no longer on the sheets, by item id."""
    kept = []
    for item_id, carried in sorted((record.carried if record else {}).items()):
        if item_id in responses and item_id not in sheets.items:
            assert record is not None
            item = _item(_former(wb, record, carried), item_id)
            kept.append(Aside(version=carried.version, item=item, response=responses[item_id]))
    return tuple(kept)


def standing_answers(
    responses: Mapping[str, Response], carried: Mapping[str, CarriedAnswer], sheets: UnitSheets
) -> dict[str, Response]:
    """Return the answers that count: to items of the sheets, and given on the wording that a person reads there."""
    return {
        item_id: response
        for item_id, response in responses.items()
        if item_id in sheets.items and not (item_id in carried and carried[item_id].asks_anew)
    }


def standing_reviews(reviews: Mapping[str, Review], responses: Mapping[str, Response]) -> dict[str, Review]:
    """Return the reviews that count: not taken back, and of the answer as it is now; of data there is none."""
    return {
        item_id: review
        for item_id, review in reviews.items()
        if review.answer.conclusion is not Conclusion.NOT_ASSESSED
        and (responses[item_id].revision if item_id in responses else 0) == review.on
    }


def response_text(item: Item, response: Response) -> str:
    """Return an answer on one line, in the words of the version that it was given on."""
    options, causes = item.options(), item.counted()
    counts = "，".join(f"{causes.get(k, k)} {value_text('', n)} 次" for k, n in response.counts.items() if n)
    measured = response.measured
    looks = "，".join(f"{look.name} {item.marks().get(look.mark, look.mark)}" for look in response.looks)
    parts = [
        label(response.conclusion),
        options.get(response.option, response.option),
        counts,
        looks,
        f"扣 {value_text('', response.deduction)} 分" if response.deduction else "",
        f"缺 {value_text('', response.missing)} 项" if response.missing else "",
        f"实测 {measured_text(measured.value, measured.unit)}" if measured else "",
        f"说明：{response.note}" if response.note else "",
        f"原因：{response.reason}" if response.reason else "",
    ]
    return "；".join(part for part in parts if part)


def _former(wb: Workbench, record: InspectionRecord, carried: Carried) -> Checklist:
    """Return the sheet that an answer was given on: a version of the core, or of the unit's own items."""
    kind = "checklist" if carried.sheet == record.checklist_id else "own_items"
    return read_checklist(wb.store.published(kind, carried.sheet, carried.version).content)


def _item(sheet: Checklist, item_id: str) -> Item:
    return next(item for item in sheet.items() if item.id == item_id)


def _change(former: Checklist, sheets: UnitSheets, item_id: str) -> NodeChange | None:
    present = sheets.core if former.id == sheets.core.id else sheets.own
    assert present is not None
    return next((node for node in compare(former, present).items if node.id == item_id), None)
