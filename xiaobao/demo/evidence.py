"""The sample bank's evidence: files on every item that asks for one, and on a lead and a measure of one branch.

The files are invented and lie in `files/`; no conclusion, point or lead hangs on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.demo.staff import LIAISON, acting_as
from xiaobao.model import Response, Role
from xiaobao.store.models import Campaign
from xiaobao.workbench.evidence.attaching import attach_file, attachments_of, find_subject
from xiaobao.workbench.inspections.evidence import keep_file
from xiaobao.workbench.inspections.filling import answer, attach, open_form
from xiaobao.workbench.workspace import Workbench

if TYPE_CHECKING:
    from xiaobao.checklist.models import Checklist
    from xiaobao.store import Writing

_OF_ITEMS = (
    ("complaints", "COM-01", "notice_board.png", "投诉渠道公示照片.png"),
    ("complaints", "COM-19", "rectification_list.xlsx", "投诉溯源整改台账.xlsx"),
    ("records", "REC-02", "retention_table.pdf", "资料保存期限表.pdf"),
)
_OF_LEAD = (("statement.docx", "情况说明.docx"), ("notice_board.png", "现场照片.png"))
_OF_MEASURE = (("rectification_list.xlsx", "整改台账.xlsx"), ("statement.docx", "整改情况说明.docx"))


# What an item's 佐证材料 begins with → a file that looks like it; else a page of rules.
_LIKE = (("照片|截图|截屏|录像|页面", "notice_board.png"), ("清单|台账|明细|登记", "rectification_list.xlsx"))
_ELSE = "retention_table.pdf"
_OWN_FILES = frozenset(item for _, item, _, _ in _OF_ITEMS)


def with_required(
    wb: Workbench, tx: Writing, record: int, sheet: Checklist, said: Iterable[Response], shown: bool
) -> Iterator[Response]:
    """Yield answers with the file that their item asks for, kept and listed: nobody hands a sheet in without.

    Where more is `shown` on the sheet afterwards, the items of `show_items` are left to it.
    """
    items = {item.id: item for item in sheet.items()}
    for one in said:
        item = items[one.item_id]
        if "evidence" not in item.needs(one.conclusion) or (shown and item.id in _OWN_FILES):
            yield one
            continue
        wanted = re.split("[、，；]", item.evidence)[0]
        file = next((file for words, file in _LIKE if re.search(words, wanted)), _ELSE)
        kept = keep_file(wb.home, f"{wanted}.{file.rpartition('.')[2]}", sample_file(file))
        tx.add_evidence(record, item.id, kept.name, kept.sha256, kept.size, kept.path)
        yield replace(one, evidence=(kept.sha256,))


def show_items(wb: Workbench, campaign: Campaign, unit: str) -> None:
    """Hang files on items of a unit that nobody handed in yet, as its liaison officer would."""
    clerk = acting_as(wb, Role.FILLER, LIAISON, unit)
    for domain, item, file, name in _OF_ITEMS:
        if domain not in campaign.checklists:
            continue
        form = open_form(clerk, unit, campaign.period, domain)
        if item not in form.items or not form.items[item].answered:
            continue
        kept = attach(clerk, form, item, name, sample_file(file))
        said = form.items[item].response
        answer(clerk, form, replace(said, evidence=(*said.evidence, kept.sha256)), said.revision)


def show_lead(wb: Workbench, campaign: Campaign, unit: str) -> None:
    """Hang files on the unit's first lead, in the order of their ids."""
    if mine := sorted(lead.id for lead in wb.store.leads(campaign.id) if lead.unit == unit):
        _hang(acting_as(wb, Role.FILLER, LIAISON, unit), "lead", mine[0], _OF_LEAD)


def show_measure(wb: Workbench, campaign: Campaign) -> None:
    """Hang files on the first measure of the first unit that has any, once."""
    measures = wb.store.actions(campaign.id)
    if measures and not attachments_of(wb, "action", measures[0].id):
        clerk = acting_as(wb, Role.FILLER, LIAISON, measures[0].unit)
        _hang(clerk, "action", measures[0].id, _OF_MEASURE)


def _hang(clerk: Workbench, about: str, number: str, files: tuple[tuple[str, str], ...]) -> None:
    subject = find_subject(clerk, about, number)
    for file, name in files:
        attach_file(clerk, subject, name, sample_file(file))


@cache
def sample_file(file: str) -> bytes:
    """Return the content of one of the invented files in `files/`."""
    return resources.files("xiaobao.demo").joinpath("files", file).read_bytes()
