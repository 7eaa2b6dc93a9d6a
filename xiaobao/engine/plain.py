"""The same order without a fork: one process that starts a kernel for each notebook, as papermill always does.

For machines that cannot fork, for a zygote that failed, and for kernels of other languages. Reads the order as one JSON
line from standard input; what it says goes to standard output, whatever else is printed to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from .execution import execute_order


def run_order(order: dict[str, Any], events: int) -> None:
    """Execute an order with kernels of their own."""
    execute_order(
        order, events, None, kernel_name=order["kernel"], execution_timeout=order["cell_seconds"], start_timeout=120
    )


def main() -> None:
    """Execute the order on standard input. Events go to the real standard output; prints are turned to standard error.

    The bound on memory (megabytes) is set on this process and inherited by kernels; it holds on Linux alone.
    """
    events = os.dup(1)
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline())
    if order["memory"] and sys.platform == "linux":
        from .zygote import limit_memory

        limit_memory(order["memory"])  # kernels inherit it
    run_order(order, events)


if __name__ == "__main__":
    main()
