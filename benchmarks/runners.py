"""The runners that are compared. Each takes tasks and leaves papers; the process that it lives in stays warm.

A task is plain data: `notebook`, `output`, `parameters`, `unit`, and `input`, the frozen inputs ("" for none), which a
kernel finds by an environment variable. What a runner needs once it makes when it is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

Task = dict[str, Any]
Run = Callable[[Sequence[Task]], None]
INPUT = "XIAOBAO_INPUT"


def _papermill(task: Task, **options: Any) -> None:
    """Execute one notebook as a papermill user writes it, every option left as it is."""
    import papermill

    os.environ[INPUT] = task["input"]
    papermill.execute_notebook(
        task["notebook"], task["output"], parameters=task["parameters"], progress_bar=False, **options
    )


def _ploomber(task: Task) -> None:
    from ploomber_engine.execute import execute_notebook

    os.environ[INPUT] = task["input"]
    execute_notebook(task["notebook"], task["output"], parameters=task["parameters"], progress_bar=False)


def _floor(task: Task) -> None:
    import floor

    os.environ[INPUT] = task["input"]
    floor.write(floor.run_cells(task["notebook"], task["parameters"]), task["output"])


def _draw_inline() -> None:
    import floor

    floor.draw_inline()


def sequential(one: Callable[[Task], None]) -> Run:
    def run(tasks: Sequence[Task]) -> None:
        for task in tasks:
            one(task)

    return run


def pool(one: Callable[[Task], None], initializer: Callable[[], None] | None = None) -> Run:
    """Return a run over two warm processes. They are started clean: a fork would take this one's threads along."""
    executor = ProcessPoolExecutor(2, mp_context=get_context("spawn"), initializer=initializer)

    def run(tasks: Sequence[Task]) -> None:
        list(executor.map(one, tasks))

    return run


def papermill(setting: dict[str, Any]) -> Run:
    return sequential(_papermill)


def papermill_pool(setting: dict[str, Any]) -> Run:
    return pool(_papermill)


def papermill_on_kernelspec(setting: dict[str, Any]) -> Run:
    """Papermill as it is; only the name of the kernel differs."""
    return sequential(lambda task: _papermill(task, kernel_name="xiaobao"))


def papermill_with_engine(setting: dict[str, Any]) -> Run:
    return sequential(lambda task: _papermill(task, engine_name="xiaobao"))


def ploomber_pool(setting: dict[str, Any]) -> Run:
    return pool(_ploomber)


def floor_sequential(setting: dict[str, Any]) -> Run:
    if setting["draws"]:
        _draw_inline()
    return sequential(_floor)


def floor_pool(setting: dict[str, Any]) -> Run:
    return pool(_floor, _draw_inline if setting["draws"] else None)


def nbclient_warm(setting: dict[str, Any]) -> Run:
    """One kernel for all notebooks: nothing is started twice, and nothing is forgotten between them."""
    import nbformat
    from jupyter_core.utils import run_sync
    from nbclient import NotebookClient
    from papermill.iorw import load_notebook_node
    from papermill.parameterize import parameterize_notebook

    manager: list[Any] = []

    def run(tasks: Sequence[Task]) -> None:
        for task in tasks:
            notebook = parameterize_notebook(load_notebook_node(task["notebook"]), task["parameters"])
            client = NotebookClient(notebook, km=manager[0] if manager else None, kernel_name="python3", timeout=600)
            if not manager:
                manager.append(client.create_kernel_manager())
                client.start_new_kernel()
            client.start_new_kernel_client()
            code = f"import os; os.environ[{INPUT!r}] = {task['input']!r}"
            run_sync(client.kc.execute_interactive)(code, store_history=False)
            client.owns_km = False
            client.execute(reset_kc=False)
            client.kc.stop_channels()
            nbformat.write(notebook, task["output"])

    return run


def _batch(setting: dict[str, Any], together: bool) -> Run:
    """Our own batch's workers, two at once over one zygote; `together` gives a unit's notebooks one child."""
    from xiaobao.batch import workers as batch
    from xiaobao.batch.workers import Order, Worker, WorkerBounds, new_zygote, run_patiently
    from xiaobao.engine.children import Preparation, ZygoteProcess

    zygote = ZygoteProcess(Preparation(steps=tuple(setting["steps"]))) if setting["steps"] else new_zygote()
    log = Path(os.devnull)
    workers = [
        Worker(
            zygote,
            log,
            WorkerBounds(cell_seconds=600, notebook_seconds=1800, memory_megabytes=4096, paper_megabytes=64),
        )
        for _ in range(2)
    ]
    if setting["result_type"]:
        batch.RESULT_TYPE = setting["result_type"]
    threads = ThreadPoolExecutor(2)

    def order(task: Task) -> Order:
        env = {INPUT: task["input"]} if task["input"] else {}
        return Order(notebook=task["notebook"], output=task["output"], parameters=task["parameters"], env=env)

    def one(group: Sequence[Task]) -> None:
        worker = workers.pop()
        try:
            told = run_patiently(worker, [order(task) for task in group], lambda seconds: False)
        finally:
            workers.append(worker)
        for task, news in zip(group, told, strict=True):
            if news.done is None:
                raise RuntimeError(f"{task['notebook']}: {news.failed}")

    def run(tasks: Sequence[Task]) -> None:
        groups = [list(group) for _, group in groupby(tasks, lambda t: t["unit"])] if together else [[t] for t in tasks]
        list(threads.map(one, groups))

    return run


def batch_singly(setting: dict[str, Any]) -> Run:
    return _batch(setting, together=False)


def batch_per_unit(setting: dict[str, Any]) -> Run:
    return _batch(setting, together=True)


# name: (what is printed, a clean process for each notebook?, how it is made)
RUNNERS: dict[str, tuple[str, bool, Callable[[dict[str, Any]], Run]]] = {
    "papermill": ("papermill, one after another", True, papermill),
    "papermill-2": ("papermill, pool of 2 processes", True, papermill_pool),
    "kernelspec": ("papermill as it is, kernel xiaobao", True, papermill_on_kernelspec),
    "engine": ("papermill --engine xiaobao", True, papermill_with_engine),
    "batch-2": ("xiaobao batch, 2 at once", True, batch_singly),
    "batch-unit-2": ("xiaobao batch, 2 at once, --per unit", False, batch_per_unit),
    "nbclient": ("nbclient, one warm kernel", False, nbclient_warm),
    "ploomber-2": ("ploomber-engine, warm pool of 2", False, ploomber_pool),
    "floor": ("floor, one process", False, floor_sequential),
    "floor-2": ("floor, 2 processes", False, floor_pool),
}
