"""Chinese in charts: a font that this machine has, and words where it has none; nothing is fetched."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path

_PROBE = "消费者权益保护"
_USUAL = (
    "Microsoft YaHei",
    "PingFang SC",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",  # the first face of a collection of all
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "SimSun",
    "FangSong",
    "KaiTi",
    "Noto Serif CJK SC",
    "Noto Serif CJK JP",
    "Droid Sans Fallback",
)
_NONE = (
    "本机没有中文字体，图中的中文会显示为方框：请让系统管理员安装一种（如 Noto Sans CJK、文泉驿微米黑），再重新启动内核"
)


def chart_fonts() -> None:
    """让此后的图（pandas 的 plot、matplotlib）用本机的中文字体；没有中文字体时显示一行提示。不联网。"""
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it says when it looks for long
    from matplotlib import font_manager, rcParams

    known = {entry.name: entry.fname for entry in font_manager.fontManager.ttflist}
    name = chinese_font(known)
    rcParams["axes.unicode_minus"] = False
    if not name:
        print(_NONE)  # noqa: T201  a notebook's reader sees it
        return
    rcParams["font.family"] = "sans-serif"
    rcParams["font.sans-serif"] = [name, *(one for one in rcParams["font.sans-serif"] if one != name)]


def chinese_font(known: dict[str, str]) -> str:
    """Return a font of name → file that has Chinese letters, the usual ones first; "" where none has."""
    likely = [name for name in sorted(known) if "CJK" in name or "Han" in name or "Hei" in name]
    return next((name for name in _once((*_USUAL, *likely)) if name in known and _draws(known[name])), "")


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _draws(file: str) -> bool:
    """Tell whether a font file has the letters; a file that is gone or broken has none."""
    from matplotlib.ft2font import FT2Font

    try:
        letters = FT2Font(str(Path(file)))
    except (OSError, RuntimeError, ValueError):
        return False
    return all(letters.get_char_index(ord(letter)) for letter in _PROBE)
