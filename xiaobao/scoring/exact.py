"""Exact arithmetic of scores, from the room of numbers."""

from xiaobao.numbers import TRACE_PLACES, add, plain, round_half_up, times, to_decimal

__all__ = ["TRACE_PLACES", "add", "plain", "round_half_up", "times", "to_decimal"]
