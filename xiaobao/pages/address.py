"""What the address of a page asks for: `?unit=…&period=…`. Untrusted text: checked here, and no authorisation."""

from __future__ import annotations

import os
from urllib.parse import parse_qs

from xiaobao.errors import Fault, InputError
from xiaobao.model import Period, check_id_text

_LONGEST = 120
_PREHEAT = "VOILA_PREHEAT"  # Voila sets it in every kernel it starts
_IN_LAB = "XIAOBAO_PAGE_QUERY"  # process and query: set in a page's kernel as a link led to it (lab/extension)


def query_string() -> str:
    """Return the query of the page's address, in JupyterLab that of the link that was followed; empty elsewhere.

    A kernel warmed in advance does not have it in its environment and must ask Voila for it. A run that a page in
    JupyterLab starts inherits the environment, but is another process: its papers ask for nothing.
    """
    preheated = os.environ.get(_PREHEAT)
    if preheated is None:
        process, _, query = os.environ.get(_IN_LAB, "").partition(" ")
        return query if process == str(os.getpid()) else ""
    if preheated == "True":
        from voila.utils import get_query_string

        return get_query_string() or ""
    return os.environ.get("QUERY_STRING", "")


def page_parameters(**defaults: str) -> tuple[str, ...]:
    """Return `defaults` in their order, each replaced by what the page's address says of it.

    `unit` and every other name are held to the form of ids, `period` to that of periods. Where a period has several
    campaigns, `campaign` names one, as the option of the commands does; `period` then comes back as `period/name`.
    Raises InputError with all faults.
    """
    asked = parse_qs(query_string(), keep_blank_values=False, max_num_fields=50)
    values = {name: asked.get(name, [default])[-1].strip() for name, default in defaults.items()}
    if values.get("period") and "campaign" in asked:
        values["period"] = f"{values['period'].partition('/')[0]}/{asked['campaign'][-1].strip()}"
    faults = [fault for name in defaults if name in asked and (fault := _fault(name, values[name]))]
    if faults:
        raise InputError(faults)
    return tuple(values.values())


def _fault(name: str, value: str) -> Fault | None:
    if name == "period":
        code, _, campaign = value.partition("/")
        if len(campaign) > _LONGEST:
            return Fault("页面地址中的批次名称太长", value=f"{campaign[:20]}…", allowed=f"最多 {_LONGEST} 字")
        try:
            Period.parse(code)
        except InputError as error:
            return error.faults[0]
        return None
    why = check_id_text(value)
    return Fault(f"页面地址中的参数 {name} 不对：{why}", value=value) if why else None
