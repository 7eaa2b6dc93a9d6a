"""A worker process: reads one job a line, executes that notebook in a kernel of its own, answers one line.

It writes only the temporary file that the job names. Papermill is not thread-safe and changes the process's folder,
hence a process of its own.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from typing import Any

_STARTS = 3
_NEVER_STARTED = "Kernel died before replying"  # two kernels drew the same port: no cell ran, so starting again is safe


def execute(job: dict[str, Any]) -> dict[str, str]:
    """Execute one notebook, again when its kernel never started; return {"error": ""} or what went wrong, in words."""
    for _ in range(_STARTS):
        answer = _execute(job)
        if _NEVER_STARTED not in answer["error"]:
            break
    return answer


def _execute(job: dict[str, Any]) -> dict[str, str]:
    import papermill
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    os.environ["XIAOBAO_INPUT"] = job["input"]
    try:
        with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder:
            papermill.execute_notebook(
                job["notebook"],
                job["output"],
                parameters=job["parameters"],
                kernel_name=job["kernel"],
                cwd=folder,
                progress_bar=False,
                execution_timeout=job["cell_seconds"],
                start_timeout=120,
                request_save_on_cell_execute=False,
                autosave_cell_every=0,
                store_widget_state=False,
            )
    except papermill.PapermillExecutionError as error:
        return {"error": f"第 {error.cell_index} 格出错：{error.ename}: {error.evalue}"[:2000]}
    except CellTimeoutError:
        return {"error": f"一格运行超过 {job['cell_seconds']} 秒，已停止"}
    except DeadKernelError:
        return {"error": "内核中途退出（可能内存不足或被结束）"}
    except Exception as error:  # noqa: BLE001  whatever it is, the other units go on
        return {"error": f"{type(error).__name__}: {error}"[:2000]}
    return {"error": ""}


def main() -> None:
    """Serve jobs until standard input closes. Answers go to a private copy of standard output."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        print(json.dumps(execute(json.loads(line)), ensure_ascii=False), file=answers, flush=True)


if __name__ == "__main__":
    main()
