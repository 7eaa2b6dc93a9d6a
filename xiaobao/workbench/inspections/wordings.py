"""常用表述 offered at an item: mine first, then the bank's, then the shipped ones; mine are kept in the store."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from xiaobao.checklist.models import StandardWording, wording_fault
from xiaobao.checklist.reading import load_wordings
from xiaobao.errors import Fault, InputError
from xiaobao.store.models import OwnWording
from xiaobao.workbench.inspections.filling import Form
from xiaobao.workbench.workspace import shipped

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

_TABLE, _FOLDER, _SHIPPED = "wordings", "wording", "standard.yaml"


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A sentence and whose it is: mine, bank or shipped. `number` names one of mine."""

    text: str
    source: str
    number: str = ""


def wordings(wb: Workbench, form: Form, item_id: str) -> tuple[Offered, ...]:
    """Return the sentences for an item, none twice. Raises ChecklistError for a bad file of the bank's."""
    found: dict[str, Offered] = {}
    for one in (*_mine(wb, form.domain), *_written(wb, form.domain, item_id)):
        found.setdefault(one.text, one)
    return tuple(found.values())


def keep_wording(wb: Workbench, form: Form, text: str) -> OwnWording:
    """Keep a sentence as mine, for this domain. Raises InputError where it is personal, empty, long or kept already."""
    said = text.strip()
    if why := wording_fault(said):
        raise InputError(Fault(why, value=f"{len(said)} 字", allowed="1 至 200 字，不写姓名、证件号、手机号、账号"))
    known = wb.store.kept(_TABLE, person=_me(wb))
    if any(one.text == said and not one.withdrawn for one in known):
        raise InputError(Fault("这一句已经在我的常用表述里"))
    made = OwnWording(person=_me(wb), number=str(len(known) + 1), domain=form.domain, text=said)
    with wb.writing("answer.save", form.unit.id, form.domain, form.campaign) as tx:
        [kept] = tx.save_kept(_TABLE, "register", [made])
    return kept


def drop_wording(wb: Workbench, form: Form, number: str) -> None:
    """Take one of mine back. Raises InputError where there is none of that number."""
    mine = {one.number: one for one in wb.store.kept(_TABLE, person=_me(wb)) if not one.withdrawn}
    if number not in mine:
        raise InputError(Fault("没有这一条常用表述", value=number))
    with wb.writing("answer.save", form.unit.id, form.domain, form.campaign) as tx:
        tx.save_kept(_TABLE, "withdraw", [replace(mine[number], withdrawn="1")])


def _me(wb: Workbench) -> str:
    return wb.actor.login or wb.actor.name


def _mine(wb: Workbench, domain: str) -> Iterator[Offered]:
    for one in wb.store.kept(_TABLE, person=_me(wb)):
        if not one.withdrawn and one.domain == domain:
            yield Offered(text=one.text, source="mine", number=one.number)


def _written(wb: Workbench, domain: str, item_id: str) -> Iterator[Offered]:
    """Yield the bank's sentences, then the shipped ones; a bank's copy of the shipped file goes before ours."""
    folder = wb.home / "checklists" / _FOLDER
    own = sorted(path for path in folder.glob("*.yaml") if path.name != _SHIPPED)
    common = folder / _SHIPPED
    files = [(path, "bank") for path in own]
    files.append((common if common.is_file() else shipped("checklists") / _FOLDER / _SHIPPED, "shipped"))
    for path, source in files:
        found: tuple[StandardWording, ...] = load_wordings(path).wordings
        for one in found:
            if one.suits(domain, item_id):
                yield Offered(text=one.text.strip(), source=source)
