"""还原: turn the pseudonym in a lead back, for named roles, with a reason, recorded in the history.

No map from pseudonyms to customers is kept anywhere: whoever restores brings the bank's own list of candidates (the
day's customers of an outlet, an extract from the core system), and the one that has this pseudonym is named. A stolen
workspace, key and all, gives away nobody whom the thief could not name already.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from xiaobao.datasets.personal import PREFIXES, known_key, pseudonym
from xiaobao.datasets.workbooks import read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.files import drafting
from xiaobao.workbench.importing import key_mark_in_force
from xiaobao.workbench.leads import lead_place
from xiaobao.workbench.workspace import KEY_FILE

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_ROWS = 200_000
_PSEUDONYM = re.compile(r"^[CM]-[a-z2-7]{12}$")
_LARGEST = 20 * 2**20


def pseudonyms_in(record: Mapping[str, str]) -> tuple[str, ...]:
    """Return the pseudonyms that stand in a lead's record."""
    return tuple(dict.fromkeys(value for value in record.values() if _PSEUDONYM.match(value)))


def reidentify(wb: Workbench, lead_id: str, name: str, data: bytes, reason: str) -> tuple[tuple[str, str], ...]:
    """Return (pseudonym, what it stands for) of a lead, as far as the list of candidates has it.

    What is found is kept nowhere. Raises InputError without a reason, for a lead without pseudonyms, or where the list
    has none of them; NotAllowed for all other roles. That somebody asked is recorded in the history in any case.
    """
    place = lead_place(wb, lead_id)
    if place is None:
        raise InputError(Fault("没有这条疑点，或已撤销", value=lead_id))
    wb.look("lead.restore", place.lead.unit, place.domain, place.campaign)
    wanted = pseudonyms_in(place.lead.record)
    faults = [] if reason.strip() else [Fault("还原须写明理由")]
    if not wanted:
        faults.append(Fault("这条疑点里没有化名", item=lead_id))
    if len(data) > _LARGEST:
        faults.append(Fault("名单太大", file=name, allowed="不超过 20 MB"))
    if faults:
        raise InputError(faults)
    key = known_key(wb.home / KEY_FILE, key_mark_in_force(wb))
    candidates = list(dict.fromkeys(_candidates(name, data)))
    with wb.writing("lead.restore", place.lead.unit, place.domain, place.campaign) as tx:
        tx.note_restoring(place.lead.unit, lead_id, "、".join(wanted), reason.strip())
    found: dict[str, str] = {}
    for kind in PREFIXES:
        for value in candidates:
            made = pseudonym(value, kind, key)
            if made in wanted:
                found.setdefault(made, value)
    if not found:
        message = f"在 {len(candidates)} 个候选中没有找到这个化名；请换一份包含该客户的名单（客户号或手机号一列即可）"
        raise InputError(Fault(message, file=name))
    return tuple((one, found[one]) for one in wanted if one in found)


def _candidates(name: str, data: bytes) -> Iterator[str]:
    """Yield every cell of a list: an Excel workbook, a CSV or text file."""
    if data[:4] == b"PK\x03\x04":
        yield from _cells(data)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("gb18030", errors="replace")
    for row in csv.reader(io.StringIO(text.replace("\t", ",").replace("\x00", ""))):
        yield from (cell.strip() for cell in row if cell.strip())


def _cells(data: bytes) -> Iterator[str]:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "名单.xlsx")
        with drafting(place, mode=0o600) as temporary:
            temporary.write_bytes(data)
            for sheet in read_workbook(temporary, _ROWS).sheets:
                for _, cells in sheet.rows:
                    yield from (cell.strip() for cell in cells if cell.strip())
