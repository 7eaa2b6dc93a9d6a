"""A sample of the sample bank: complaints of a branch, drawn and half looked through."""

from __future__ import annotations

from dataclasses import replace

from xiaobao.features.samples.populations import PopulationRequest
from xiaobao.features.samples.sample import RecordResult
from xiaobao.features.samples.verbs import Purpose, WantedSample, define, draw_sample, record
from xiaobao.model import Role
from xiaobao.workbench.people import person_in
from xiaobao.workbench.workspace import Workbench

_UNIT = "010000"
_SIZE, _LOOKED_AT = 8, 5
_FAILS = "答复函没有告知不服处理结果的救济途径"


def sample_demo(wb: Workbench, period: str, newest: bool) -> None:
    """Draw complaints of the newest period by a known seed; five are looked at, one of them fails."""
    inspector = person_in(wb, Role.INSPECTOR)
    if not newest or inspector is None:
        return
    acting = replace(wb, actor=inspector)
    purpose = Purpose(title="投诉答复告知救济途径", period=period, unit=_UNIT, domain="complaints")
    asked = WantedSample(method="random", basis="fixed", size=_SIZE, seed="20260705")
    drawn = draw_sample(acting, define(acting, purpose, PopulationRequest(dataset="complaints"), asked).number)
    results = {
        one.record: RecordResult(
            record=one.record,
            outcome="exception" if place == 1 else "pass",
            kind=_FAILS if place == 1 else "",
            by=inspector,
            revision=0,
        )
        for place, one in enumerate(drawn.drawn[:_LOOKED_AT])
    }
    record(acting, drawn.number, results)
