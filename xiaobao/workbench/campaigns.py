"""检查批次: one set of checklist versions to many units for one period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from msgspec.structs import replace

from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme, why_not_for
from xiaobao.checklist.scheme_soundness import veto_grade_flaws
from xiaobao.errors import Fault, InputError, NotAllowed
from xiaobao.labels import CAMPAIGN_KINDS, DOMAINS, domain_title
from xiaobao.model import Actor, Period, Unit, folded_name
from xiaobao.store.models import Campaign, Published
from xiaobao.workbench.domain_notebooks import own_notebooks
from xiaobao.workbench.permitting import is_actor, known_units
from xiaobao.workbench.units import units_below
from xiaobao.workbench.versions.unit_sheets import in_force, open_inspections_of
from xiaobao.workbench.workspace import Workbench


@dataclass(frozen=True, kw_only=True)
class CampaignScope:
    """Which units a campaign inspects: all that are inspected, or those of some levels, below a unit, or of a list.

    `hot_spots` are units where complaints rose, and `basis` says in which ledger. Several of these together name the
    units that fit them all. `opens` and `closes` are the dates of the work.
    """

    units: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    under: str = ""
    hot_spots: tuple[str, ...] = ()
    basis: str = ""
    opens: date | None = None
    closes: date | None = None


def create_campaign(
    wb: Workbench,
    name: str,
    period: str,
    chosen: Sequence[tuple[str, str]] = (),
    kind: str = "self",
    scope: CampaignScope = CampaignScope(),
    inspectors: Sequence[str] = (),
    papers: Sequence[str] = (),
) -> Campaign:
    """Open a campaign with the newest published checklist in force for each domain, or with those `chosen`.

    `chosen` are (id, version) pairs, taken as the person says even outside their dates. `kind` says who inspects,
    `inspectors` are the logins of those who do: they fill, verify and decide what belongs to this campaign.
    `papers` are notebooks of the workspace that are run for each unit, too. Raises InputError when the name is
    taken, or when two checklists are for one domain.
    """
    if kind not in CAMPAIGN_KINDS:
        raise InputError(Fault("没有这种检查", value=kind, allowed="、".join(CAMPAIGN_KINDS)))
    span = Period.parse(period)
    if any(c.name == name for c in wb.store.campaigns(span.code)):
        raise InputError(Fault(f"检查期间 {span.code} 已有同名批次", value=name))
    scheme = wb.store.published("scheme", wb.settings.scheme)
    plan = from_canonical(scheme.content, Scheme)
    _refuse_other_schemes(plan)
    sheets, checklists = _sheets(wb, span, chosen)
    _refuse_idle_vetoes(plan, [one for one in sheets if (one.id, one.version) in checklists.values()])
    units = _units_in(wb, span, scope)
    named, own = _inspectors(wb, inspectors), own_notebooks(wb, papers)
    ordered = {domain: checklists[domain] for domain in (*DOMAINS, *sorted(checklists)) if domain in checklists}
    with wb.writing("campaign.create") as tx:
        return tx.add_campaign(
            name,
            span.code,
            (scheme.id, scheme.version),
            ordered,
            kind,
            units,
            (scope.opens, scope.closes),
            inspectors=named,
            basis=scope.basis,
            papers=own,
        )


def _sheets(
    wb: Workbench, span: Period, chosen: Sequence[tuple[str, str]]
) -> tuple[list[Published], dict[str, tuple[str, str]]]:
    """Return the sheets that a campaign may use, and domain → (id, version) of those it does. Raises InputError."""
    if chosen:
        sheets = [wb.store.published("checklist", identity, version) for identity, version in chosen]
    else:
        sheets = [one for one in wb.store.list_published("checklist") if in_force(from_canonical(one.content), span)]
    checklists = _by_domain(sheets)
    if not checklists:
        allowed = "用 --checklist 编号=版本 指明检查表"
        raise InputError(Fault(f"没有在检查期间 {span.code} 有效的检查表", allowed=allowed))
    return sheets, checklists


def _units_in(wb: Workbench, span: Period, scope: CampaignScope) -> tuple[str, ...]:
    """Return the units that a scope names, () for all. Raises InputError for unknown ones, and where none is left."""
    if scope.opens and scope.closes and scope.closes < scope.opens:
        raise InputError(Fault("结束日期早于开始日期", value=scope.closes.isoformat()))
    if not (scope.units or scope.levels or scope.under or scope.hot_spots):
        return ()
    known = wb.units(span.code)
    inspected = {unit.id for unit in known.values() if unit.inspected}
    faults = [Fault("没有这个被检查机构", value=unit) for unit in scope.units if unit not in inspected]
    levels = {unit.level for unit in known.values()}
    allowed = "、".join(sorted(levels))
    faults += [Fault("没有这个层级的机构", value=one, allowed=allowed) for one in scope.levels if one not in levels]
    if faults:
        raise InputError(faults)
    below = units_below(known, scope.under) if scope.under else known
    found = tuple(
        unit
        for unit in sorted(inspected)
        if unit in below
        and (not scope.units or unit in scope.units)
        and (not scope.levels or known[unit].level in scope.levels)
        and (not scope.hot_spots or unit in scope.hot_spots)
    )
    if not found:
        raise InputError(Fault("没有符合条件的被检查机构", value=scope.under or "、".join(scope.levels) or scope.basis))
    return found


def _inspectors(wb: Workbench, logins: Sequence[str]) -> tuple[str, ...]:
    """Return the logins of inspectors as they are registered. Raises InputError for strangers to the register."""
    found = {login: wb.store.acting(date.today(), folded_name(login)).person for login in logins}
    faults = [Fault("登记簿里没有这个检查人员", value=login) for login, person in found.items() if person is None]
    faults += [Fault("检查人员已停用", value=login) for login, person in found.items() if person and person.disabled]
    if faults:
        raise InputError(faults)
    return tuple(dict.fromkeys(folded_name(login) for login in logins))


def name_papers(wb: Workbench, campaign: Campaign, papers: Sequence[str]) -> Campaign:
    """Name the analysts' notebooks that a campaign runs for each unit, in place of those named before.

    Papers made before stay. Raises InputError for a notebook that cannot become a paper, NotAllowed once it is closed.
    """
    if campaign.state != "open":
        raise NotAllowed(f"检查批次 {campaign.name} 已结束，不能再改它的底稿")
    own = own_notebooks(wb, papers)
    with wb.writing("campaign.change") as tx:
        return tx.change_campaign(replace(campaign, papers=own), "papers")


def rename_campaign(wb: Workbench, campaign: Campaign, name: str) -> Campaign:
    """Give a campaign another name; its papers stay where they are. Raises NotAllowed once anything was written."""
    if not name.strip():
        raise InputError(Fault("批次名称为空"))
    with wb.writing("campaign.change") as tx:
        _refuse_filled(tx.is_filled(campaign.id), campaign, "改名")
        return tx.change_campaign(replace(campaign, name=name.strip()), "rename")


def delete_campaign(wb: Workbench, campaign: Campaign, reason: str) -> None:
    """Delete a campaign for which nothing was written; the history keeps it. Raises NotAllowed otherwise."""
    if not reason.strip():
        raise InputError(Fault("删除批次须写明原因"))
    with wb.writing("campaign.change") as tx:
        _refuse_filled(tx.is_filled(campaign.id), campaign, "删除")
        name = f"{campaign.name}（已删除 {campaign.id}）"
        tx.change_campaign(replace(campaign, name=name, state="deleted", reason=reason.strip()), "delete")


def reopen_campaign(wb: Workbench, campaign: Campaign, reason: str, approved_by: str) -> Campaign:
    """Open a closed campaign again. Raises InputError without reason and approval, NotAllowed unless it is closed."""
    faults = [] if reason.strip() else [Fault("重开批次须写明原因")]
    faults += [] if approved_by.strip() else [Fault("重开批次须写明批准人")]
    if is_actor(wb, Actor(name=approved_by.strip())):
        faults.append(Fault("批准人不能是经办人自己", value=approved_by))
    if faults:
        raise InputError(faults)
    if campaign.state != "closed":
        raise NotAllowed(f"检查批次 {campaign.name} 没有结束，不需要重开")
    opened = replace(campaign, state="open", reason=reason.strip(), approved_by=approved_by.strip())
    with wb.writing("campaign.reopen") as tx:
        return tx.change_campaign(opened, "reopen")


def _refuse_filled(filled: bool, campaign: Campaign, what: str) -> None:
    if filled:
        raise NotAllowed(
            f"检查批次 {campaign.name} 已有填报、疑点或结果，不能{what}；可以用 xiaobao campaign close 结束"
        )


def _by_domain(sheets: Sequence[Published]) -> dict[str, tuple[str, str]]:
    """Return domain → (id, version), of one checklist the newest. Raises InputError when two share a domain."""
    found: dict[str, dict[str, str]] = {}
    titles: dict[str, str] = {}
    for one in sheets:
        sheet = from_canonical(one.content)
        titles.setdefault(sheet.domain, sheet.title)
        found.setdefault(sheet.domain, {})[one.id] = one.version
    faults = [
        Fault(
            f"{domain_title(domain, titles[domain])}有多份有效的检查表",
            value="、".join(versions),
            allowed="每个检查域一份；用 --checklist 编号=版本 指明全部检查表",
        )
        for domain, versions in found.items()
        if len(versions) > 1
    ]
    if faults:
        raise InputError(faults)
    return {domain: pair for domain, versions in found.items() for pair in versions.items()}


def _refuse_other_schemes(scheme: Scheme) -> None:
    """A campaign weighs domains by a scheme in force. Raises InputError on a replaced scheme or one of another kind."""
    if scheme.replaced_by:
        message = f"方案 {scheme.id} 已被代替，不能用于新批次"
        raise InputError(Fault(message, value=scheme.title, allowed=scheme.replaced_by))
    if scheme.kind != "inspection":
        raise InputError(Fault(f"方案 {scheme.id} 不是检查评分方案", value=scheme.title, allowed="kind: inspection"))


def _refuse_idle_vetoes(scheme: Scheme, sheets: Sequence[Published]) -> None:
    """Raise InputError naming every veto of a sheet that would be without effect under the scheme."""
    faults = [
        Fault(flaw.message, item=f"{sheet.id} {sheet.version}", value=flaw.value, allowed=flaw.allowed)
        for sheet in sheets
        for flaw in veto_grade_flaws(from_canonical(sheet.content), scheme)
    ]
    if faults:
        raise InputError(faults)


def domain_titles(wb: Workbench, campaign: Campaign) -> dict[str, str]:
    """Return domain → its name for every sheet of a campaign; one of the bank's own is called as its sheet is."""
    return {name: domain_title(name, wb.checklist(campaign, name)[0].title) for name in campaign.checklists}


def item_domains(wb: Workbench, campaign: Campaign) -> dict[str, str]:
    """Return item id → domain of its sheet: a lead belongs where its item stands, whatever its check is called."""
    return {item.id: name for name in campaign.checklists for item in wb.checklist(campaign, name)[0].items()}


def inspected_units(wb: Workbench, campaign: Campaign) -> tuple[Unit, ...]:
    """Return the units that a campaign inspects, by id."""
    chosen = set(campaign.units)
    units = wb.units(campaign.period).values()
    return tuple(unit for unit in units if unit.inspected and (not chosen or unit.id in chosen))


def is_inspected(wb: Workbench, campaign: Campaign, unit: str) -> bool:
    """Tell whether a campaign inspects a unit."""
    known = known_units(wb, campaign.period).get(unit)
    return known is not None and known.inspected and (not campaign.units or unit in campaign.units)


def newest_first(wb: Workbench) -> list[Campaign]:
    """Return every campaign, that of the newest period first, of one period the one that was opened last."""
    return sorted(wb.store.campaigns(), key=lambda one: (Period.parse(one.period), one.id), reverse=True)


def wanted_inspections(wb: Workbench, campaign: Campaign) -> tuple[tuple[Unit, str], ...]:
    """Return (unit, domain) for every sheet that is for the unit, by unit, then in the order of the campaign.

    A sheet says in `applies_to` for which levels and businesses it is: departments have sheets of their own.
    """
    sheets = {domain: wb.checklist(campaign, domain)[0].applies_to for domain in campaign.checklists}
    return tuple(
        (unit, domain)
        for unit in inspected_units(wb, campaign)
        for domain, applies_to in sheets.items()
        if not why_not_for(applies_to, unit)
    )


def wanted_domains(wb: Workbench, campaign: Campaign) -> Mapping[str, tuple[str, ...]]:
    """Return inspected unit → the domains of its sheets; a unit that no sheet is for has none."""
    wanted: dict[str, tuple[str, ...]] = {unit.id: () for unit in inspected_units(wb, campaign)}
    for unit, domain in wanted_inspections(wb, campaign):
        wanted[unit.id] += (domain,)
    return wanted


def open_inspections(wb: Workbench, campaign: Campaign, verb: str = "lead.raise") -> None:
    """Make the inspections that are wanted and not there yet; `verb` is what they are opened for."""
    wanted = [(unit.id, domain) for unit, domain in wanted_inspections(wb, campaign)]
    known = {(r.unit, r.domain) for r in wb.store.inspections(campaign.id)}
    missing = [pair for pair in wanted if pair not in known]
    open_inspections_of(wb, campaign, missing, verb)


def newest_period(wb: Workbench) -> str:
    """Return the period of the newest campaign. Raises InputError when there is none."""
    periods = [Period.parse(campaign.period) for campaign in wb.store.campaigns()]
    if not periods:
        raise InputError("还没有检查批次，请先运行 xiaobao campaign create")
    return max(periods).code
