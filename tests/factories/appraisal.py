"""The shipped scheme of the appraisal and one unit's figures for it, its score worked by hand in test_appraisal."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from tests.factories.inspections import UNIT
from xiaobao.checklist.reading import load_scheme
from xiaobao.features.appraisal.appraising import AppraisalFigures

FILE = Path(__file__).parents[2] / "checklists/schemes/appraisal-2026.yaml"
SCHEME = load_scheme(FILE)
YEAR = "2026"
FIGURES = AppraisalFigures(
    unit=UNIT,
    inspection=Decimal("91.5"),
    complaints=40,
    responsible=2,
    filings_due=8,
    filings_on_time=6,
    training_due=50,
    training_done=45,
    education_planned=4,
    education_done=5,
)
