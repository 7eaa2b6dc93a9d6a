"""Settings of a workspace (`xiaobao.toml`): who the bank is, policies that no regulation fixes, limits of a run."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, field_validator

from xiaobao.errors import Fault, InputError
from xiaobao.model import Severity
from xiaobao.policies import Counting, Part, Policies


class ReportHours(Part):
    """Hours after knowing of a major event until each report is due; None: no time set, so none is judged."""

    first: Annotated[int, Field(ge=0)] | None = 24
    further: Annotated[int, Field(ge=0)] | None = None
    final: Annotated[int, Field(ge=0)] | None = None


class Alarms(Part):
    """When complaints about one thing are a cluster, and when major events must be reported. All the bank's choice."""

    cluster_days: Annotated[int, Field(ge=1)] = 7
    cluster_people: Annotated[int, Field(ge=2)] = 5
    reports: ReportHours = Field(default_factory=ReportHours)
    by_grade: dict[Literal["特别重大", "重大", "较大", "一般"], ReportHours] = Field(default_factory=dict)

    def report_hours(self, grade: str) -> dict[str, int | None]:
        """Return 首报, 续报 and 终报 → hours of a grade, those of all grades where it has none of its own."""
        hours = next((found for name, found in self.by_grade.items() if name == grade), self.reports)
        return {"首报": hours.first, "续报": hours.further, "终报": hours.final}


class FilingKind(Part):
    """What units file and when: due on `day` of the month `months` after the period's last; `dates` overrule it.

    `figures` are the indicators that a unit must state; without any, a document is filed. `off` takes it off the list.
    """

    title: str
    every: Literal["month", "quarter", "half-year", "first-half", "year"]
    months: Annotated[int, Field(ge=0, le=12)] = 1
    day: Annotated[int, Field(ge=1, le=31)] = 5
    dates: dict[str, date] = Field(default_factory=dict)
    levels: tuple[str, ...] = ("branch",)
    figures: tuple[str, ...] = ()
    off: bool = False


_MONTHLY = ("受理投诉件数", "办结投诉件数", "宣传活动场次", "培训场次")
FILINGS: dict[str, dict[str, Any]] = {
    "monthly": {"title": "消保工作月报", "every": "month", "figures": _MONTHLY},
    "quarterly": {"title": "消保工作季报", "every": "quarter", "figures": _MONTHLY, "day": 10},
    "half-year": {"title": "半年度消保工作报告", "every": "first-half"},
    "annual": {"title": "年度消保工作报告", "every": "year"},
}


class Limits(Part):
    """Limits of a batch: seconds, megabytes that one notebook's process may grow by and its paper may hold, rows."""

    cell_seconds: Annotated[int, Field(ge=1)] = 600
    notebook_seconds: Annotated[int, Field(ge=1)] = 1800
    memory_megabytes: Annotated[int, Field(ge=64)] = 2048
    paper_megabytes: Annotated[int, Field(ge=1)] = 10
    file_megabytes: int = 200
    rows: int = 2_000_000


class Cluster(Part):
    """Runs on several machines: `storage` carries inputs (a folder or fsspec URL); "" where all share the workspace."""

    storage: str = ""


class Settings(Part):
    bank: str = "示例银行"
    as_of: date | None = None
    cut_off_days: Annotated[int, Field(ge=0)] = 5
    store: str = "sqlite:///xiaobao.sqlite"
    scheme: str = "self-inspection-2026"
    evaluation: str = "regulator-2025"  # the scheme of the self-evaluation report, by the regulator's elements
    action_days: dict[Severity, Annotated[int, Field(ge=1)]] = Field(
        default_factory=lambda: {Severity.HIGH: 30, Severity.MEDIUM: 60, Severity.LOW: 90}
    )
    policies: Policies = Field(default_factory=Policies)
    alarms: Alarms = Field(default_factory=Alarms)
    counting: Counting = Field(default_factory=Counting)
    filings: dict[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")], FilingKind] = Field(
        default_factory=dict, validate_default=True
    )
    limits: Limits = Field(default_factory=Limits)
    cluster: Cluster = Field(default_factory=Cluster)

    @field_validator("filings", mode="before")
    @classmethod
    def _over_the_usual(cls, given: Any) -> Any:
        """Lay what the bank writes over the usual calendar, key by key, so that one date may be changed alone."""
        if not isinstance(given, dict) or not all(isinstance(kind, dict) for kind in given.values()):
            return given
        return {code: {**FILINGS.get(code, {}), **given.get(code, {})} for code in {**FILINGS, **given}}


def load_settings(path: Path) -> Settings:
    """Read `xiaobao.toml`. Raises InputError naming every wrong key."""
    try:
        return Settings.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(Fault(f"设置文件不是有效的 TOML：{error}", file=path.name)) from error
    except ValidationError as error:
        raise InputError(
            Fault("设置项不对：" + fault["msg"], file=path.name, item=".".join(map(str, fault["loc"])))
            for fault in error.errors()
        ) from error
