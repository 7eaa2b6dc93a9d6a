"""What the registers (登记簿) say: each turned into the figures that reports need; a missing one is 无数据, never 0."""

from __future__ import annotations

from xiaobao.features.registers.figures import RegisterFigures, change
from xiaobao.features.registers.reckoning import register_figures

__all__ = ["RegisterFigures", "change", "register_figures"]
