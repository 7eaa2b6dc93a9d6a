"""Settings of a workspace (`xiaobao.toml`): who the bank is, policies that no regulation fixes, limits of a run."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import field

from xiaobao.errors import Fault, InputError
from xiaobao.model import Severity
from xiaobao.personal import state_public
from xiaobao.personal.values import masked
from xiaobao.policies import Counting, Policies
from xiaobao.written.nodes import Flaw, as_nodes
from xiaobao.written.reader import read
from xiaobao.written.strict import Strict, bounds, stated


class Signers(Strict):
    """Who signs a sheet beside who fills and who reviews it: the unit's head before hand-in, an approver at the end."""

    confirm: bool = False
    approve: bool = False


class Objecting(Strict):
    """申诉: days after the last signature within which a unit may appeal, and after the appeal until it is decided."""

    days: Annotated[int, bounds(minimum=1, maximum=366)] = 10
    decide_days: Annotated[int, bounds(minimum=1, maximum=366)] = 10


class ReportHours(Strict):
    """Hours after knowing of a major event until each report is due; None: no time set, so none is judged."""

    first: Annotated[int, bounds(minimum=0)] | None = 24
    further: Annotated[int, bounds(minimum=0)] | None = None
    final: Annotated[int, bounds(minimum=0)] | None = None


class Alarms(Strict):
    """When complaints about one thing are a cluster, and when major events must be reported. All the bank's choice."""

    cluster_days: Annotated[int, bounds(minimum=1)] = 7
    cluster_people: Annotated[int, bounds(minimum=2)] = 5
    reports: ReportHours = ReportHours()
    by_grade: dict[Literal["特别重大", "重大", "较大", "一般"], ReportHours] = field(default_factory=dict)

    def report_hours(self, grade: str) -> dict[str, int | None]:
        """Return 首报, 续报 and 终报 → hours of a grade, those of all grades where it has none of its own."""
        hours = next((found for name, found in self.by_grade.items() if name == grade), self.reports)
        return {"首报": hours.first, "续报": hours.further, "终报": hours.final}


class FilingKind(Strict):
    """What units file and when: due on `day` of the month `months` after the period's last; `dates` overrule it.

    `figures` are the indicators that a unit must state; without any, a document is filed. `off` takes it off the list.
    """

    title: str
    every: Literal["month", "quarter", "half-year", "first-half", "year"]
    months: Annotated[int, bounds(minimum=0, maximum=12)] = 1
    day: Annotated[int, bounds(minimum=1, maximum=31)] = 5
    dates: dict[str, date] = field(default_factory=dict)
    levels: tuple[str, ...] = ("branch",)
    figures: tuple[str, ...] = ()
    off: bool = False


_MONTHLY = ("受理投诉件数", "办结投诉件数", "宣传活动场次", "培训场次")
_FILINGS: Mapping[str, FilingKind] = {
    "monthly": FilingKind(title="消保工作月报", every="month", figures=_MONTHLY),
    "quarterly": FilingKind(title="消保工作季报", every="quarter", figures=_MONTHLY, day=10),
    "half-year": FilingKind(title="半年度消保工作报告", every="first-half"),
    "annual": FilingKind(title="年度消保工作报告", every="year"),
}
FilingCode = Annotated[str, bounds(pattern=r"^[a-z0-9-]{1,32}$", description="小写字母、数字和连字符，不超过 32 个")]


class RetentionRule(Strict):
    """One rule of how long evidence is kept: for which domains (none: all), how many years, from when, by what."""

    title: str
    years: Annotated[int, bounds(minimum=1, maximum=100)]
    domains: tuple[str, ...] = ()
    runs_from: str = ""
    basis: str = "本行规定"
    off: bool = False


# The longest that applies counts. The last is off: it binds where evidence holds identity papers or transactions.
RETENTION: Mapping[str, RetentionRule] = {
    "complaints": RetentionRule(
        title="投诉资料",
        years=3,
        domains=("complaints",),
        runs_from="自办结之日",
        basis="中国人民银行令〔2020〕第5号第四十四条",
    ),
    "suitability": RetentionRule(
        title="评级、评估、告知、录音录像等资料",
        years=5,
        domains=("suitability", "special_groups"),
        runs_from="自合同关系终止之日",
        basis="金融机构产品适当性管理办法第十七条",
    ),
    "insurance": RetentionRule(
        title="保险期间超过一年的销售视听资料",
        years=10,
        domains=("suitability",),
        runs_from="自保险合同终止之日",
        basis="保监发〔2017〕54号第十三条",
    ),
    "impact": RetentionRule(
        title="个人信息保护影响评估报告和处理情况记录",
        years=3,
        domains=("information_security",),
        basis="个人信息保护法第五十六条",
    ),
    "identity": RetentionRule(
        title="客户身份资料和交易信息", years=10, runs_from="自业务关系或交易结束", basis="反洗钱法第三十四条", off=True
    ),
}


class Limits(Strict):
    """Limits of a batch: seconds, megabytes that one notebook's process may grow by and its paper may hold, rows."""

    cell_seconds: Annotated[int, bounds(minimum=1)] = 600
    notebook_seconds: Annotated[int, bounds(minimum=1)] = 1800
    memory_megabytes: Annotated[int, bounds(minimum=64)] = 2048
    paper_megabytes: Annotated[int, bounds(minimum=1)] = 10
    file_megabytes: int = 200
    rows: int = 2_000_000


class ClusterSettings(Strict):
    """Runs on several machines: `storage` carries inputs (a folder or fsspec URL); "" where all share the workspace."""

    storage: str = ""


class Proxy(Strict):
    """A proxy that knows people and names them in a header. Only what comes from these addresses or this socket counts.

    `socket` is the path of a Unix socket on which the pages are served as well.
    """

    addresses: tuple[str, ...] = ()
    socket: str = ""
    header: Annotated[str, bounds(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$", description="标头名称")] = "X-Remote-User"


class Hub(Strict):
    """A JupyterHub whose users may come in. `api` is where this server reaches it, `address` where browsers do.

    `client_id` is the name of this service there, `callback` the address registered for it (empty: our own
    `oauth_callback`), `certificates` a PEM file of the bank's own authority.
    """

    api: Annotated[str, bounds(pattern=r"^(https?://[^\s?#@]+)?$", description="如 http://10.1.2.3:8081/hub/api")] = ""
    address: Annotated[
        str, bounds(pattern=r"^(https?://[^\s?#@]+)?$", description="如 https://jupyter.bank.cn/hub")
    ] = ""
    client_id: Annotated[str, bounds(pattern=r"^service-[\w.-]{1,64}$", description="如 service-xiaobao")] = (
        "service-xiaobao"
    )
    callback: str = ""
    certificates: str = ""


class Serving(Strict):
    """Pages: under which names they are asked for besides this machine's own, and how long somebody stays signed in.

    `address` is what people type, and what links begin with. A form that nobody touches for `rest_seconds` gives its
    kernel back and takes a new one at the next touch (0: never); of more than `awake` kernels those of forms that were
    not touched for longest rest at once. A kernel takes about 55 MB.
    """

    address: Annotated[
        str, bounds(pattern=r"^(https?://[^/\s?#@]+(/[^\s?#]*)?)?$", description="如 https://xiaobao.example.cn")
    ] = ""
    hosts: tuple[str, ...] = ()
    idle_minutes: Annotated[int, bounds(minimum=1, maximum=720)] = 30
    hours: Annotated[int, bounds(minimum=1, maximum=24)] = 12
    link_days: Annotated[int, bounds(minimum=1, maximum=30)] = 3
    rest_seconds: Annotated[int, bounds(minimum=0, maximum=86_400)] = 180
    awake: Annotated[int, bounds(minimum=1, maximum=10_000)] = 80
    proxy: Proxy = Proxy()
    hub: Hub = Hub()


class Mail(Strict):
    """The bank's SMTP server, which takes mail of this machine without a password; people are `login@domain`.

    `sender` is the address that mail comes from, xiaobao@domain where empty.
    """

    host: Annotated[str, bounds(pattern=r"^[A-Za-z0-9._:-]{0,253}$", description="服务器名称或地址")] = ""
    port: Annotated[int, bounds(minimum=1, maximum=65535)] = 25
    sender: Annotated[str, bounds(pattern=r"^([\w.+-]+@[A-Za-z0-9.-]+)?$", description="如 xiaobao@bank.cn")] = ""
    starttls: bool = False
    domain: Annotated[str, bounds(pattern=r"^[A-Za-z0-9.-]{0,253}$", description="如 bank.cn")] = ""


class Public(Strict):
    """What the bank itself states as public, value by value: telephones, mailboxes, addresses. No mask hides these."""

    values: tuple[str, ...] = ()


class SampleSize(Strict):
    """One row of the bank's own table of sample sizes: populations of up to so many records, so many drawn."""

    up_to: Annotated[int, bounds(minimum=1)]
    records: Annotated[int, bounds(minimum=1)]


class Sampling(Strict):
    """Usual figures of attribute samples, as shares, and the bank's own table of sizes (rising)."""

    confidence: Annotated[Decimal, bounds(minimum=0, maximum=1)] = Decimal("0.95")
    tolerable: Annotated[Decimal, bounds(minimum=0, maximum=1)] = Decimal("0.05")
    expected: Annotated[Decimal, bounds(minimum=0, maximum=1)] = Decimal(0)
    table: tuple[SampleSize, ...] = ()


class Visiting(Strict):
    """检查项目. `number` is the rule of 文号: {short} of the bank, {word} of the kind of paper, {year}, {number}.

    `cycle_months`: a unit is due for a visit so many months after its last one, by level; `default_cycle` for others.
    """

    number: Annotated[str, bounds(pattern=r"^[^{}]*(\{(short|word|year|number)\}[^{}]*)+$")] = (
        "{short}消保{word}〔{year}〕{number}号"
    )
    short: str = ""
    contact: str = ""
    default_cycle: Annotated[int, bounds(minimum=1, maximum=120)] = 12
    cycle_months: dict[str, Annotated[int, bounds(minimum=1, maximum=120)]] = field(default_factory=dict)


class Settings(Strict):
    """All of xiaobao.toml. `as_of` fixes the workspace's day (the demo does), today where empty.

    `store` is an SQLAlchemy address, relative to the workspace; `action_days` are the days for a measure, by severity.
    """

    bank: str = "示例银行"
    as_of: date | None = None
    cut_off_days: Annotated[int, bounds(minimum=0)] = 5
    store: str = "sqlite:///xiaobao.sqlite"
    scheme: str = "self-inspection-2026"
    evaluation: str = "regulator-2025"  # the scheme of the self-evaluation report, by the regulator's elements
    action_days: dict[Severity, Annotated[int, bounds(minimum=1)]] = field(
        default_factory=lambda: {Severity.HIGH: 30, Severity.MEDIUM: 60, Severity.LOW: 90}
    )
    policies: Policies = Policies()
    signers: dict[str, Signers] = field(default_factory=dict)  # by level of units
    appeals: Objecting = Objecting()
    alarms: Alarms = Alarms()
    counting: Counting = Counting()
    filings: dict[FilingCode, FilingKind] = field(default_factory=lambda: dict(_FILINGS))
    retention: dict[FilingCode, RetentionRule] = field(default_factory=lambda: dict(RETENTION))
    limits: Limits = Limits()
    cluster: ClusterSettings = ClusterSettings()
    serve: Serving = Serving()
    smtp: Mail = Mail()
    sampling: Sampling = Sampling()
    visits: Visiting = Visiting()
    public: Public = Public()


_MOST_BYTES = 1_000_000


def signers_of(settings: Settings, level: str) -> Signers:
    """Return who signs the sheets of units of a level; where nothing is set, filler and reviewer alone."""
    return settings.signers.get(level, Signers())


def load_settings(path: Path) -> Settings:
    """Read `xiaobao.toml`, and state to the masks what is public. Raises InputError naming every wrong key."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(Fault("设置文件过大", file=path.name, allowed=f"不超过 {_MOST_BYTES:,} 字节"))
        text = path.read_text("utf-8")
        given = tomllib.loads(text, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise InputError(Fault("设置文件不是 UTF-8 编码", file=path.name, allowed="另存为 UTF-8")) from error
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        row = int(line[1]) if line else text.count("\n") + 1  # “at end of document”
        allowed = "键 = 值，文字加英文引号，一个键只写一次"
        raise InputError(Fault("设置文件不是有效的 TOML", file=path.name, row=row, allowed=allowed)) from error
    except RecursionError as error:
        raise InputError(Fault("设置文件嵌套过深", file=path.name, allowed="最多两层表")) from error
    settings, flaws = read(Settings, as_nodes(_over_the_usual(given)))
    if settings is None or flaws:
        raise InputError(_fault(flaw, path.name) for flaw in flaws)
    state_public(settings.public.values)
    return masked(settings)


def build_reader() -> None:
    """Build what reads the settings, for a process whose forks then have it: each would take longer than to read."""
    read(Settings, as_nodes({}))


def _over_the_usual(given: dict[str, Any]) -> dict[str, Any]:
    """Lay the bank's filings over the usual calendar, key by key, so that one date may be changed alone."""
    written = given.get("filings", {})
    if not isinstance(written, dict) or not all(isinstance(kind, dict) for kind in written.values()):
        return given
    usual = {code: stated(kind) for code, kind in _FILINGS.items()}
    return {**given, "filings": {code: {**usual.get(code, {}), **written.get(code, {})} for code in usual | written}}


def _fault(flaw: Flaw, file: str) -> Fault:
    setting = ".".join(map(str, flaw.place))
    return Fault(flaw.message, file=file, value=flaw.value, allowed=flaw.allowed, setting=setting)
