"""N worker processes, each killed with all its kernels when a notebook overstays or the run is stopped."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, TypeVar

import psutil

J = TypeVar("J")
_DIED = "工作进程中途退出（可能内存不足或被结束）"


class Worker:
    """One worker process, started at the first job and again after a death."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._overstayed = False

    def run(self, job: dict[str, Any], seconds: int) -> str:
        """Run one job; return the error text, empty when all went well."""
        process = self._alive()
        assert process.stdin
        assert process.stdout
        self._overstayed = False
        timer = threading.Timer(seconds, self._overstay)
        timer.start()
        try:
            process.stdin.write(json.dumps(job, ensure_ascii=False) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        except (BrokenPipeError, ValueError):
            answer = ""
        finally:
            timer.cancel()
        if answer:
            return str(json.loads(answer)["error"])
        self.kill()
        return f"整本运行超过 {seconds} 秒，已停止" if self._overstayed else _DIED

    def kill(self) -> None:
        """End the worker and every process below it, kernels included."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            below = psutil.Process(process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            below = []
        process.kill()
        for child in below:
            try:
                child.kill()
            except psutil.NoSuchProcess:
                continue
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()

    def _overstay(self) -> None:
        self._overstayed = True
        self.kill()

    def _alive(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._log.parent.mkdir(parents=True, exist_ok=True)
            environment = {**os.environ, "PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            with self._log.open("a", encoding="utf-8") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", "xiaobao.batch.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    encoding="utf-8",
                    env=environment,
                    start_new_session=True,
                )
        return self._process


def run_jobs(
    jobs: Iterable[J], count: int, log: Path, work: Callable[[Worker, J], Any], stop: threading.Event
) -> Iterator[tuple[J, Any]]:
    """Yield (job, outcome) as they finish, `count` at a time. On stop or any exception every process is killed."""
    workers = [Worker(log) for _ in range(count)]
    idle = list(workers)
    running: dict[Future[Any], tuple[J, Worker]] = {}
    waiting = iter(jobs)
    try:
        with ThreadPoolExecutor(count) as threads:
            try:
                while True:
                    while idle and not stop.is_set():
                        job = next(waiting, None)
                        if job is None:
                            break
                        worker = idle.pop()
                        running[threads.submit(work, worker, job)] = (job, worker)
                    if not running:
                        return
                    done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                    if stop.is_set():
                        for worker in workers:
                            worker.kill()
                    for future in done:
                        job, worker = running.pop(future)
                        idle.append(worker)
                        yield job, future.result()
            finally:
                for worker in workers:
                    worker.kill()
    finally:
        for worker in workers:
            worker.kill()
