"""Pages on which people work: they show, take what is typed, and call the verbs of the workbench.

`conversing` is how every page exchanges numbered messages with its kernel, `page_choice` what it is opened on. Three
kinds are built on that: the sheet of an inspection (`filling`), a table whose rows are saved one by one (`table_page`),
and steps of work (`steps`). The JavaScript beside them draws and asks; what it sends is not trusted (`patches`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xiaobao.forms.action_table import ActionTable
    from xiaobao.forms.filling import FillForm
    from xiaobao.forms.lead_table import LeadTable

__all__ = ["corrective_actions", "fill", "leads"]


def fill(unit: str = "", period: str = "", domain: str = "", workspace: str = "", as_of: str = "") -> FillForm:
    """Return the form of one inspection; an address like `?unit=&period=&domain=` goes before the arguments."""
    from xiaobao.forms.filling import FillForm
    from xiaobao.forms.page_choice import choose, is_waking, open_for_writing

    return FillForm(open_for_writing(workspace, as_of), choose(unit, period, domain), is_waking())


def leads(unit: str = "", period: str = "", domain: str = "", workspace: str = "", as_of: str = "") -> LeadTable:
    """Return the table in which a unit answers its leads and an inspector decides them."""
    from xiaobao.forms.lead_table import LeadTable
    from xiaobao.forms.page_choice import choose, open_for_writing

    return LeadTable(open_for_writing(workspace, as_of), choose(unit, period, domain))


def corrective_actions(
    unit: str = "", period: str = "", domain: str = "", workspace: str = "", as_of: str = ""
) -> ActionTable:
    """Return the register of corrective actions, to be filled and followed."""
    from xiaobao.forms.action_table import ActionTable
    from xiaobao.forms.page_choice import choose, open_for_writing

    return ActionTable(open_for_writing(workspace, as_of), choose(unit, period, domain))
