"""A workspace on disk and the people's way into it: `Workbench` holds settings, actor and store, nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from pathlib import Path

from msgspec.structs import replace

from xiaobao import store as storing
from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Checklist, Regulations, Scheme
from xiaobao.checklist.reading import load_regulations
from xiaobao.errors import Fault, InputError, WorkspaceError
from xiaobao.labels import DOMAINS
from xiaobao.model import Actor, Period, Unit
from xiaobao.personal import mask
from xiaobao.settings import Settings, load_settings
from xiaobao.store.models import Campaign
from xiaobao.workbench import permitting
from xiaobao.workbench.acting import signed_in, who_acts
from xiaobao.workbench.moving_over import bring_over
from xiaobao.workbench.units import read_units

SETTINGS_FILE = "xiaobao.toml"
KEY_FILE = Path("secrets", "pseudonym.key")
_NO_WORKSPACE = "找不到工作区：请先运行 xiaobao init 或 xiaobao demo"


def find_home(start: Path | None = None) -> Path:
    """Return the workspace: XIAOBAO_HOME, else the nearest folder upward that holds `xiaobao.toml`.

    Raises WorkspaceError where none is found.
    """
    named = os.environ.get("XIAOBAO_HOME")
    if start is None and named:
        if (Path(named) / SETTINGS_FILE).is_file():
            return Path(named).resolve()
        raise WorkspaceError(Fault("环境变量 XIAOBAO_HOME 指向的文件夹不是工作区", value=named))
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / SETTINGS_FILE).is_file():
            return folder
    below = sorted(path.parent.name for path in here.glob(f"*/{SETTINGS_FILE}"))
    hint = f"；下一级文件夹 {'、'.join(below[:3])} 是工作区，请先进入（cd {below[0]}）" if below else ""
    raise WorkspaceError(f"{_NO_WORKSPACE}{hint}")


@dataclass(frozen=True, kw_only=True)
class Workbench:
    """One person at one workspace. Opening it writes nothing."""

    home: Path
    settings: Settings
    store: storing.Store
    actor: Actor
    read_only: bool = False

    @cached_property
    def regulations(self) -> Regulations:
        """The workspace's own regulations.yaml, read once. Raises ChecklistError."""
        return load_regulations(self.home / "checklists" / "regulations.yaml")

    def campaign(self, period: str | None = None, name: str | None = None) -> Campaign:
        """Return the campaign of a period (its only one), or the one of that name. Raises InputError otherwise.

        `period` may name the campaign itself, as a page's address does: `2026H1/现场检查`.
        """
        period, _, named = (period or "").partition("/")
        name = mask(name or named) or None  # as it was kept
        code = Period.parse(period).code if period else None
        found = [c for c in self.store.campaigns(code) if name is None or c.name == name]
        if len(found) == 1:
            return found[0]
        if not found:
            known = "、".join(f"{c.name}（{c.period}）" for c in self.store.campaigns()) or "还没有检查批次"
            raise InputError(Fault("没有这个检查批次", value=name or code or "", allowed=known))
        names = "、".join(c.name for c in found)
        how = f"请用 --campaign 指定，页面地址写 ?period={code}&campaign=批次名称"
        raise InputError(Fault(f"检查期间 {code} 有多个批次，{how}", allowed=names))

    def units(self, period: str) -> Mapping[str, Unit]:
        """Return every unit of the register in force in `period`. Raises InputError when none was imported."""
        return read_units(self.home, self.store, Period.parse(period))

    def checklist(self, campaign: Campaign, domain: str) -> tuple[Checklist, str]:
        """Return the very content a campaign was opened on, and its hash."""
        identity, version = campaign.checklists[domain]
        published = self.store.published("checklist", identity, version)
        return read_checklist(published.content), published.sha256

    def scheme(self, campaign: Campaign) -> Scheme:
        """Return the campaign's scheme; domains of the bank's own bear the titles of their sheets."""
        scheme = from_canonical(self.store.published("scheme", *campaign.scheme).content, Scheme)
        own = {name: self.checklist(campaign, name)[0].title for name in campaign.checklists if name not in DOMAINS}
        return replace(scheme, titles={**own, **scheme.titles}) if own else scheme

    @contextmanager
    def writing(
        self, verb: str, unit: str = "", domain: str = "", campaign: Campaign | None = None
    ) -> Iterator[storing.Writing]:
        """Ask the table of rights for `verb`, then begin a writing transaction for the person in that unit and role.

        Raises NotAllowed with the reason where the table says no; then nothing is written.
        """
        target, period = permitting.target_of(unit, domain, campaign), campaign.period if campaign else ""
        with self.store.writing(permitting.require(self, verb, target, period)) as tx:
            yield tx

    def look(self, verb: str, unit: str = "", domain: str = "", campaign: Campaign | None = None) -> None:
        """Ask the table of rights before something is shown. Raises NotAllowed with the reason."""
        permitting.look(self, verb, unit, domain, campaign)

    def may(self, verb: str, unit: str = "", domain: str = "", campaign: Campaign | None = None) -> str:
        """Return "" where whoever acts may do `verb`, else the reason to be shown."""
        return permitting.may(self, verb, unit, domain, campaign)

    def sight(self, verb: str, campaign: Campaign | None = None, period: str = "") -> permitting.Sight:
        """Return what whoever acts may be shown by `verb`."""
        return permitting.sight(self, verb, campaign, period)

    @property
    def today(self) -> date:
        """The workspace's day: the setting where it is fixed, else the calendar's."""
        return self.settings.as_of or date.today()

    def as_of(self, period: str) -> date:
        """Return the day that open cases are judged on: the setting, else today but never before the period's end.

        The setting speaks for the newest period; a period that is over is judged `cut_off_days` after its end.
        """
        end = Period.parse(period).end
        cut_off = end + timedelta(days=self.settings.cut_off_days)
        clock = self.settings.as_of or date.today()
        return min(max(clock, end), cut_off)


@lru_cache(maxsize=64)
def read_checklist(content: str) -> Checklist:
    """Read published content, which never changes: a page asks for the same few sheets over and over."""
    return from_canonical(content)


def open_workbench(home: Path | None = None, actor: Actor | None = None, read_only: bool = False) -> Workbench:
    """Open a workspace; one that is opened for writing is brought to today's tables and folders first.

    Raises WorkspaceError without one, InputError on faulty settings, StoreError on a bad store.
    """
    home = find_home(home)
    settings = load_settings(home / SETTINGS_FILE)
    url = settings.store
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{home / url.removeprefix('sqlite:///')}"
    store = storing.open(url, read_only=read_only)
    person = signed_in(store) or actor or who_acts(store)
    if not read_only:
        bring_over(home, store, person)
    return Workbench(home=home, settings=settings, store=store, actor=person, read_only=read_only)


_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """Return the folder `checklists`, `notebooks` or `reports/templates` as shipped.

    Raises WorkspaceError where the installation lacks it.
    """
    for root in (_PACKAGE.parent, _PACKAGE / "_data"):
        if (root / name).is_dir() and (root == _PACKAGE / "_data" or (root / "pyproject.toml").is_file()):
            return root / name
    raise WorkspaceError(f"安装不完整：缺少随包文件 {name}，请重新安装 xiaobao")
