"""Writing what the whole workspace shares: published versions, campaigns, imports, and which units are inspected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, func, insert, select

from xiaobao.errors import Fault, InputError
from xiaobao.model import from_json, to_plain
from xiaobao.personal import find_personal, mask
from xiaobao.personal.values import masked, masked_plain
from xiaobao.store.history import (
    INSPECTION,
    WITHDRAW,
    WORKSPACE,
    AuditLog,
    Revision,
    inspection_chain,
    payload_text,
    sha256_of,
)
from xiaobao.store.models import Campaign, ImportRecord, InspectionRecord
from xiaobao.store.queries import beijing, find_campaign, list_inspections, new_inspection
from xiaobao.store.tables import (
    campaigns,
    evidence,
    imports,
    inspections,
    leads,
    payloads,
    published,
    responses,
    results,
    runs,
    vetoes,
)

_KINDS = ("checklist", "scheme", "regulations", "own_items", "appraisal", "check")
_NO_OWN: Mapping[tuple[str, str], str] = MappingProxyType({})
_NAMES = {
    "checklist": "检查表",
    "scheme": "考评方案",
    "regulations": "法规清单",
    "own_items": "自设检查项",
    "appraisal": "考核",
    "check": "本行检查",
}


class Publishing:
    """Fixing versions of checklists, schemes and the like under their hash."""

    ledger: AuditLog

    def publish(self, kind: str, id: str, version: str, content: str) -> str:
        """Fix a version for ever and return its hash. The same content again is no change; other content is refused.

        Raises InputError for a text with personal data in it: what is fixed for ever cannot be masked afterwards.
        """
        if kind not in _KINDS:
            raise InputError(Fault("不能发布这种内容", value=kind, allowed="、".join(_KINDS)))
        try:
            json.loads(content)
        except ValueError as error:
            raise InputError(Fault(f"要发布的内容不是 JSON：{error}", value=id)) from error
        self.ledger.lock_workspace()
        sha = sha256_of(content)
        known = self.ledger.connection.scalar(_published(kind, id, version))
        if known is None:
            _refuse_personal(_NAMES[kind], id, content)
            self._publish(kind, id, version, content)
        elif known != sha:
            raise InputError(Fault(f"{_NAMES[kind]} {id} 的版本 {version} 已发布，内容不能再改；请换一个版本号"))
        return sha

    def _publish(self, kind: str, id: str, version: str, content: str) -> None:
        ledger = self.ledger
        [sha] = ledger.keep([content])
        key = {"kind": kind, "id": id, "version": version}
        ledger.connection.execute(insert(published).values(**key, revision=1, payload=sha, at=ledger.at))
        ledger.note(
            Revision(key=key, chain=WORKSPACE, object=f"{kind}:{id}:{version}", verb="publish", plain=None), sha
        )

    def add_campaign(
        self,
        name: str,
        period: str,
        scheme: tuple[str, str],
        checklists: Mapping[str, tuple[str, str]],
        kind: str = "self",
        units: Sequence[str] = (),
        dates: tuple[date | None, date | None] = (None, None),
        inspectors: Sequence[str] = (),
        basis: str = "",
        papers: Sequence[str] = (),
    ) -> Campaign:
        """Open a campaign on published versions. Raises InputError naming all that are not, or on a twin."""
        ledger, name = self.ledger, mask(name)
        ledger.lock_workspace()
        wanted = [("scheme", *scheme), *(("checklist", *pair) for pair in checklists.values())]
        missing = [one for one in wanted if ledger.connection.scalar(_published(*one)) is None]
        if missing:
            raise InputError(Fault(f"{_NAMES[kind]} {id} 的版本 {version} 没有发布") for kind, id, version in missing)
        twin = select(campaigns.c.id).where(campaigns.c.name == name, campaigns.c.period == period)
        if ledger.connection.scalar(twin) is not None:
            raise InputError(Fault(f"检查期间 {period} 已有同名批次", value=name))
        number = (ledger.connection.scalar(select(func.max(campaigns.c.id))) or 0) + 1
        campaign = Campaign(
            id=number,
            name=name,
            period=period,
            scheme=scheme,
            checklists=dict(checklists),
            kind=kind,
            units=tuple(units),
            opens=dates[0],
            closes=dates[1],
            inspectors=tuple(inspectors),
            basis=basis,
            papers=tuple(papers),
        )
        columns = {"name": name, "period": period}
        change = Revision(
            key={"id": number},
            chain=WORKSPACE,
            object=f"campaign:{number}",
            verb="create",
            plain=_campaign_plain(campaign),
            columns=columns,
        )
        ledger.revise(campaigns, [change])
        return campaign

    def change_campaign(self, changed: Campaign, verb: str) -> Campaign:
        """Rename, close, reopen or delete a campaign; its number, period, sheets and scheme stay. Raises InputError."""
        ledger, changed = self.ledger, masked(changed)
        ledger.lock_workspace()
        before = find_campaign(ledger.connection, changed.id)
        if changed.name != before.name:
            twin = select(campaigns.c.id).where(campaigns.c.name == changed.name, campaigns.c.period == before.period)
            if ledger.connection.scalar(twin) is not None:
                raise InputError(Fault(f"检查期间 {before.period} 已有同名批次", value=changed.name))
        seen = ledger.connection.scalar(select(campaigns.c.revision).where(campaigns.c.id == changed.id)) or 0
        change = Revision(
            key={"id": changed.id},
            chain=WORKSPACE,
            object=f"campaign:{changed.id}",
            verb=verb,
            plain=_campaign_plain(changed),
            seen=seen,
            columns={"name": changed.name, "period": changed.period},
        )
        ledger.revise(campaigns, [change])
        return changed

    def is_filled(self, campaign_id: int) -> bool:
        """Tell whether anything was written for a campaign: an answer, a lead, a result or a run."""
        connection = self.ledger.connection
        own = select(inspections.c.id).where(inspections.c.campaign_id == campaign_id)
        below = (responses, leads, results, vetoes, evidence)
        written = [select(table.c.payload).where(table.c.inspection_id.in_(own)).limit(1) for table in below]
        written.append(select(runs.c.payload).where(runs.c.campaign_id == campaign_id).limit(1))
        return any(connection.scalar(statement) is not None for statement in written)

    def add_import(
        self, dataset: str, period: str, file_name: str, file_sha256: str, rows: int, path: str, replace: bool = False
    ) -> ImportRecord:
        """Record an import. `replace` puts what was in force for this dataset and period out of force.

        Without it the same content, or other content under the same name, raises InputError.
        """
        ledger, file_name = self.ledger, mask(file_name)
        ledger.lock_workspace()
        before = self._imports_in_force(dataset, period)
        if replace:
            ledger.revise(imports, [_withdrawal(revision, record) for revision, record in before])
        else:
            _refuse_twin([record for _, record in before], file_name, file_sha256)
        number = (ledger.connection.scalar(select(func.max(imports.c.id))) or 0) + 1
        record = ImportRecord(
            id=number,
            dataset=dataset,
            period=period,
            file_name=file_name,
            file_sha256=file_sha256,
            rows=rows,
            path=path,
            at=ledger.at,
            actor=ledger.actor.name,
        )
        columns = {"dataset": dataset, "period": period, "withdrawn": False}
        ledger.revise(
            imports,
            [
                Revision(
                    key={"id": number},
                    chain=WORKSPACE,
                    object=f"import:{number}",
                    verb="import",
                    plain=to_plain(record),
                    columns=columns,
                )
            ],
        )
        return record

    def _imports_in_force(self, dataset: str, period: str) -> list[tuple[int, ImportRecord]]:
        statement = (
            select(imports.c.revision, payloads.c.body)
            .join(payloads, payloads.c.sha256 == imports.c.payload)
            .where(imports.c.dataset == dataset, imports.c.period == period, imports.c.withdrawn.is_(False))
        )
        rows = self.ledger.connection.execute(statement).all()
        return [(row.revision, from_json(ImportRecord, row.body)) for row in rows]

    def ensure_inspections(
        self, campaign_id: int, pairs: Iterable[tuple[str, str]], own: Mapping[tuple[str, str], str] = _NO_OWN
    ) -> tuple[InspectionRecord, ...]:
        """Make the inspections (unit, domain) that are not there yet, and return the new ones.

        `own` (unit, domain) → version of the unit's own sheet, for those that have one.
        Raises InputError for a domain without a checklist in the campaign.
        """
        ledger = self.ledger
        ledger.lock_workspace()
        campaign = find_campaign(ledger.connection, campaign_id)
        wanted = list(dict.fromkeys(pairs))
        unknown = sorted({domain for _, domain in wanted} - set(campaign.checklists))
        if unknown:
            raise InputError(Fault(f"检查批次 {campaign.name} 没有检查域 {one} 的检查表", value=one) for one in unknown)
        known = {(one.unit, one.domain) for one in list_inspections(ledger.connection, campaign_id)}
        new = [pair for pair in wanted if pair not in known]
        if not new:
            return ()
        plains = {pair: new_inspection(campaign, *pair, own.get(pair, "")) for pair in new}
        shas = ledger.keep(payload_text(plain) for plain in plains.values())
        rows = [
            {"campaign_id": campaign_id, "unit": unit, "domain": domain, "revision": 1, "payload": sha, "at": ledger.at}
            for (unit, domain), sha in zip(plains, shas, strict=True)
        ]
        ledger.connection.execute(insert(inspections), rows)
        made = [one for one in list_inspections(ledger.connection, campaign_id) if (one.unit, one.domain) in plains]
        sha_of = dict(zip(plains, shas, strict=True))
        for one in made:
            change = Revision(
                key={"id": one.id}, chain=inspection_chain(one.id), object=INSPECTION, verb="create", plain=None
            )
            ledger.note(change, sha_of[one.unit, one.domain])
        return tuple(made)


def _refuse_personal(what: str, id: str, content: str) -> None:
    plain = json.loads(content)
    if masked_plain(plain) is plain:
        return
    kinds = dict.fromkeys(one.kind for text in _texts(plain) for one in find_personal(text))
    allowed = "删去；是本行公开的电话、邮箱或地址的，先写入设置 [public] 的 values"
    raise InputError(Fault(f"{what} {id} 的文字中有个人信息：{'、'.join(kinds)}", allowed=allowed))


def _texts(plain: Any) -> Iterator[str]:
    if isinstance(plain, str):
        yield plain
    elif isinstance(plain, dict | list):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from _texts(inner)


def _campaign_plain(campaign: Campaign) -> dict[str, Any]:
    """Return what is stored of a campaign; what an ordinary one does not have is left out, as it was in version 0.2."""
    plain = to_plain(campaign)
    usual = to_plain(Campaign(id=0, name="", period="", scheme=("", ""), checklists={}))
    kept = ("id", "name", "period", "scheme", "checklists", "kind")
    return {name: value for name, value in plain.items() if name in kept or value != usual[name]}


def _published(kind: str, id: str, version: str) -> Select[Any]:
    row = published.c
    return select(row.payload).where(row.kind == kind, row.id == id, row.version == version)


def _withdrawal(revision: int, record: ImportRecord) -> Revision:
    key, name = {"id": record.id}, f"import:{record.id}"
    return Revision(
        key=key,
        chain=WORKSPACE,
        object=name,
        verb=WITHDRAW,
        plain=to_plain(record),
        seen=revision,
        columns={"withdrawn": True},
    )


def _refuse_twin(before: Sequence[ImportRecord], file_name: str, file_sha256: str) -> None:
    faults = []
    for record in before:
        if record.file_sha256 == file_sha256:
            when = beijing(record.at)
            faults.append(Fault(f"同样的内容已于 {when} 由 {record.actor} 导入，没有重复导入", file=file_name))
        elif record.file_name == file_name:
            faults.append(Fault("同名文件已导入，内容不同；确认要以本次为准请用 --replace", file=file_name))
    if faults:
        raise InputError(faults)
