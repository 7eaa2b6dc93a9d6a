"""How a failed notebook reads: one sentence in Chinese for each kind of end, with what to do where that helps."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from typing import Any

from xiaobao.batch.workers import WorkerBounds
from xiaobao.errors import machine_words
from xiaobao.personal import mask

_SHOWN = 300


def why_failed(failed: Mapping[str, Any], bounds: WorkerBounds) -> str:
    """Return why a notebook failed, for the person who has to see to it; kept for ever, so personal data is masked."""
    return mask(_why(failed, bounds))


def _why(failed: Mapping[str, Any], bounds: WorkerBounds) -> str:
    text = str(failed.get("text", ""))[:_SHOWN]
    match failed["kind"]:
        case "cell" if failed["name"] == "MemoryError":
            return f"第 {failed['cell']} 格内存超过 {bounds.memory_megabytes} MB 的限额，已停止"
        case "cell":
            return f"第 {failed['cell']} 格出错：{failed['name']}: {text}"
        case "cell_overdue":
            return f"一格运行超过 {bounds.cell_seconds} 秒，已停止"
        case "notebook_overdue":
            return f"整本运行超过 {bounds.notebook_seconds} 秒，已停止"
        case "died":
            return _death(failed["exit"])
        case "kernel_died":
            return "内核中途退出（可能内存不足或被结束）"
        case "no_result":
            return "底稿不完整：最后一格没有给出结果"
        case "invalid":
            return f"底稿不完整：不是有效的笔记本（{text}）"
        case "too_large":
            size = failed["bytes"] / (1 << 20)
            return f"底稿有 {size:.1f} MB，超过 {bounds.paper_megabytes} MB 的上限；请减少输出"
        case "not_written":
            return f"底稿写不进磁盘：{machine_words(text)}"
        case "other_version":
            return "工作机上的消保自查与本机不是同一版本，请安装同一版本并重启工作进程"
        case "workers_lost":
            return "运行它的工作机多次失联，已放弃；请查工作机后重跑失败的"
        case "out_of_reach":
            return f"工作机取不到输入文件：{text}；各机须以同一路径读到工作区，否则请设置 [cluster] storage"
        case "parameter":
            return f"参数名不能用：{failed['name'][:_SHOWN]}"
        case "machine":
            return f"机器或系统故障，已重试仍失败：{failed['name']}: {text}"
        case _:
            return f"笔记本打不开或无法运行：{failed.get('name', failed['kind'])}: {text}"


def _death(code: int | None) -> str:
    if code is None or code >= 0:
        return f"内核中途退出（退出码 {code}）：笔记本结束了自己的进程"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    return f"内核中途退出（信号 {name}）：可能内存不足或被结束"
