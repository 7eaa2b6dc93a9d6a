"""The kernelspec of xiaobao: its name, what its kernels import before they are forked, what differs between them.

`kernel.json` is committed as `kernelspec()` gives it, and installed with the wheel; the engine knows none of this.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from xiaobao.engine.provisioner import ForkedByDefault
from xiaobao.feature_list import preloaded
from xiaobao.paper.frozen import INPUT_VARIABLE
from xiaobao.store.tickets import VARIABLE

KERNEL_NAME = "xiaobao"
FILE = Path(__file__).parent / "jupyter" / "kernels" / KERNEL_NAME / "kernel.json"
_TITLE = "消保自查（快速内核）"
# What papers need first; then what a page reads from the store and draws.
_PRELOAD = (
    "xiaobao.batch.warming:warm",
    "xiaobao.store.opening",
    "xiaobao.workbench.from_workspace",
    "xiaobao.pages.overview",
    "sqlalchemy.dialects.sqlite",
    "xiaobao.forms.page_choice",
    "xiaobao.forms.filling",
    "xiaobao.forms.lead_table",
    "xiaobao.forms.action_table",
    *preloaded(),
    "xiaobao.personal.finding:compile_patterns",
    "xiaobao.settings:build_reader",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
)
# What Voila says of the request that wants a kernel: nothing to what is preloaded.
_VOILA = ("VOILA_PREHEAT", "VOILA_KERNEL_ID", "VOILA_REQUEST_URL", "SERVER_NAME", "SERVER_PORT", "SERVER_SOFTWARE")
_REQUEST = ("SERVER_PROTOCOL", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")


def kernelspec() -> dict[str, Any]:
    """Return what `kernel.json` holds: ipykernel's own command, forked by the engine's provisioner where that goes."""
    return {
        "argv": ["python", "-Xfrozen_modules=off", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": _TITLE,
        "language": "python",
        "interrupt_mode": "signal",
        "metadata": {
            "debugger": True,
            "kernel_provisioner": {
                "provisioner_name": "xiaobao-zygote",
                "config": {"preload": list(_PRELOAD), "passing": [INPUT_VARIABLE, VARIABLE, *_VOILA, *_REQUEST]},
            },
        },
    }


def kernelspec_text() -> str:
    """Return kernel.json as it is committed; a test compares the two."""
    return json.dumps(kernelspec(), ensure_ascii=False, indent=1) + "\n"


class ServedKernels(ForkedByDefault):
    """Pages run on forked kernels, though their notebooks name the usual one, which opens anywhere."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**{"forked": KERNEL_NAME, **traits})
