"""Which kernel this process is."""

from __future__ import annotations

import sys
from pathlib import Path


def own_kernel_id() -> str:
    """Return the id of the kernel that this process is, as its server named the connection file; "" for no kernel."""
    module = sys.modules.get("ipykernel.kernelapp")
    if module is None or not module.IPKernelApp.initialized():
        return ""
    return Path(module.IPKernelApp.instance().connection_file).stem.removeprefix("kernel-")
