"""The process that one runner lives in: reads tasks, a request a line, and answers with the time that they took."""

from __future__ import annotations

import json
import os
import sys
import time
import traceback


def main() -> None:
    """Serve until standard input closes. Whatever notebooks print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from runners import RUNNERS

    run = RUNNERS[sys.argv[1]][2](json.loads(sys.argv[2]))
    for line in sys.stdin:
        start, error = time.perf_counter(), ""
        try:
            run(json.loads(line))
        except Exception:  # noqa: BLE001  the benchmark goes on without this runner
            error = traceback.format_exc()
        print(json.dumps({"seconds": time.perf_counter() - start, "error": error}), file=answers, flush=True)


if __name__ == "__main__":
    main()
