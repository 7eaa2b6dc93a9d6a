"""Reading the store. Every method is one short transaction, so that what others saved is always seen."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, Engine, LargeBinary, Select, bindparam, cast, event, select

from xiaobao.errors import Fault, InputError, UnreadableRecord
from xiaobao.model import (
    Actor,
    Appeal,
    CorrectiveAction,
    Finding,
    Lead,
    LeadDecision,
    Person,
    Response,
    Review,
    Score,
    VetoEvent,
    from_json,
    reader,
)
from xiaobao.store import queries, tables
from xiaobao.store.appealing import list_appeals
from xiaobao.store.faults import translated_errors
from xiaobao.store.history import inspection_chain, sha256_of
from xiaobao.store.keeping import list_kept
from xiaobao.store.models import (
    Acting,
    Campaign,
    EvidenceRecord,
    HandedIn,
    ImportRecord,
    InspectionRecord,
    Published,
    Question,
    RecordedFindings,
    Remark,
    ResultRecord,
    ResultSummary,
    RunRecord,
    StoredVeto,
)
from xiaobao.store.queries import with_payload
from xiaobao.store.signing import four_eyes, sheets_taken_part_in
from xiaobao.store.tables import (
    actions,
    audit_events,
    campaigns,
    decisions,
    handed_in,
    imports,
    inspections,
    leads,
    metadata,
    payloads,
    published,
    questions,
    responses,
    results,
    reviews,
    runs,
    scorecards,
    store_info,
    vetoes,
)

T = TypeVar("T")
_people = metadata.tables["people"].c
# Made once: to make a statement anew takes longer than to look somebody up.
_BY_LOGIN = with_payload(_people.login.table).where(_people.login == bindparam("wanted"))
_BY_SYSTEM_USER = with_payload(_people.login.table).where(_people.system_user == bindparam("wanted"))
_DEPUTISED = with_payload(_people.login.table).where(_people.deputised >= bindparam("wanted"))
_ANYBODY = select(_people.login).limit(1)
_AT_ONCE = 50  # rows, each with up to hundreds of kilobytes


def _person(body: str) -> Person:
    try:
        return from_json(Person, body)
    except ValueError as error:
        raise UnreadableRecord(
            Fault("登记的人员有记录读不出来，可能被改动", allowed="运行 xiaobao verify 查明是哪一条")
        ) from error


class StoreReading:
    """What anyone may ask of a store."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._versions: dict[tuple[str, str, str], Published] = {}
        event.listen(engine, "connect", lambda *_: self._versions.clear())  # another file may stand in the place

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with translated_errors(), self.engine.connect() as connection:
            yield connection

    def _rows(self, statement: Select[Any]) -> list[Any]:
        with self._reading() as connection:
            return list(connection.execute(statement).all())  # fetched at once: one by one takes three times as long

    def _each(self, statement: Select[Any]) -> Iterator[Any]:
        """Yield rows as they are read: all at once, those of a large bank would fill memory."""
        with self._reading() as connection:
            yield from connection.execution_options(yield_per=_AT_ONCE).execute(statement)

    def _as_bytes(self, statement: Select[Any]) -> Select[Any]:
        """Ask for `body` in the bytes that SQLite keeps: hundreds of megabytes are then not decoded to be encoded."""
        if self.engine.dialect.name != "sqlite":
            return statement
        columns = [column for column in statement.selected_columns if column.name != "body"]
        return statement.with_only_columns(*columns, cast(payloads.c.body, LargeBinary).label("body"))

    def published(self, kind: str, id: str, version: str | None = None) -> Published:
        """Return a published version, the newest when none is named. Raises InputError when there is none.

        A version that is named is read once: it never changes, and a page asks for each sheet many times.
        """
        if version is not None and (known := self._versions.get((kind, id, version))) is not None:
            return known
        row = published.c
        statement = with_payload(published).where(row.kind == kind, row.id == id).order_by(row.number.desc()).limit(1)
        if version is not None:
            statement = statement.where(row.version == version)
        found = [_published(one) for one in self._rows(statement)]
        if not found:
            raise InputError(Fault("没有发布过", item=id, value=version or kind))
        return self._versions.setdefault((kind, id, found[0].version), found[0])

    def list_published(self, kind: str) -> tuple[Published, ...]:
        """Return every published version of a kind, oldest first."""
        statement = with_payload(published).where(published.c.kind == kind).order_by(published.c.number)
        return tuple(_published(row) for row in self._rows(statement))

    def campaigns(self, period: str | None = None) -> tuple[Campaign, ...]:
        """Return campaigns, closed ones too, in the order they were made; deleted ones never."""
        statement = with_payload(campaigns).order_by(campaigns.c.id)
        if period is not None:
            statement = statement.where(campaigns.c.period == period)
        found = (from_json(Campaign, row.body) for row in self._rows(statement))
        return tuple(campaign for campaign in found if campaign.state != "deleted")

    def imports(self, dataset: str | None = None, period: str | None = None) -> tuple[ImportRecord, ...]:
        """Return the imports in force, in the order they came."""
        statement = with_payload(imports).where(imports.c.withdrawn.is_(False)).order_by(imports.c.id)
        if dataset is not None:
            statement = statement.where(imports.c.dataset == dataset)
        if period is not None:
            statement = statement.where(imports.c.period == period)
        return tuple(from_json(ImportRecord, row.body) for row in self._rows(statement))

    def inspection(self, campaign_id: int, unit: str, domain: str) -> InspectionRecord | None:
        """Return an inspection, None when nobody opened it yet."""
        with self._reading() as connection:
            found = queries.list_inspections(connection, campaign_id, unit, domain)
        return found[0] if found else None

    def inspections(self, campaign_id: int, unit: str | None = None) -> tuple[InspectionRecord, ...]:
        """Return the inspections of a campaign that somebody opened, of one unit where it is named."""
        with self._reading() as connection:
            return tuple(queries.list_inspections(connection, campaign_id, unit))

    def responses(self, inspection_id: int) -> dict[str, Response]:
        """Return the current answers by item id."""
        statement = with_payload(responses).where(responses.c.inspection_id == inspection_id)
        rows = self._rows(statement.order_by(responses.c.item_id))
        return {row.item_id: from_json(Response, row.body) for row in rows}

    def campaign_responses(self, campaign_id: int) -> dict[int, dict[str, Response]]:
        """Return inspection id → current answers by item id, of every inspection that has one, in one reading."""
        statement = _of_campaign(with_payload(responses), responses.c.inspection_id, campaign_id, None)
        found: dict[int, dict[str, Response]] = {}
        for row in self._rows(statement.order_by(responses.c.inspection_id, responses.c.item_id)):
            found.setdefault(row.inspection_id, {})[row.item_id] = from_json(Response, row.body)
        return found

    def reviews(self, inspection_id: int) -> dict[str, Review]:
        """Return the reviewer's answers (复评) by item id, also those that no longer count."""
        statement = with_payload(reviews).where(reviews.c.inspection_id == inspection_id)
        rows = self._rows(statement.order_by(reviews.c.item_id))
        return {row.item_id: from_json(Review, row.body) for row in rows}

    def handed_in(self, campaign_id: int, unit: str | None = None) -> dict[tuple[str, str], HandedIn]:
        """Return (unit, domain) → what the sheet rested on at its last hand-in, also of one that was returned since."""
        columns = (inspections.c.unit, inspections.c.domain)
        statement = _of_campaign(with_payload(handed_in, *columns), handed_in.c.inspection_id, campaign_id, unit)
        return {(row.unit, row.domain): from_json(HandedIn, row.body) for row in self._rows(statement)}

    def hand_in_of(self, inspection_id: int) -> HandedIn | None:
        """Return what one sheet rested on at its last hand-in, None where it never came in."""
        statement = with_payload(handed_in).where(handed_in.c.inspection_id == inspection_id)
        return next((from_json(HandedIn, row.body) for row in self._rows(statement)), None)

    def questions(self, campaign_id: int, unit: str | None = None) -> dict[tuple[str, str], Question]:
        """Return (unit, domain) → the last question that newer data put, whether answered or not."""
        columns = (inspections.c.unit, inspections.c.domain)
        statement = _of_campaign(with_payload(questions, *columns), questions.c.inspection_id, campaign_id, unit)
        statement = statement.order_by(inspections.c.unit, inspections.c.domain)
        return {(row.unit, row.domain): from_json(Question, row.body) for row in self._rows(statement)}

    def response_history(self, inspection_id: int, item_id: str) -> tuple[Response, ...]:
        """Return every revision of an answer, oldest first; erased ones are left out."""
        row = audit_events.c
        statement = (
            select(payloads.c.body)
            .join(audit_events, row.payload_sha256 == payloads.c.sha256)
            .where(row.chain == inspection_chain(inspection_id), row.object == f"response:{item_id}")
            .where(payloads.c.body.is_not(None))
            .order_by(row.position)
        )
        return tuple(from_json(Response, one.body) for one in self._rows(statement))

    def remarks(self, inspection_id: int) -> tuple[Remark, ...]:
        """Return what reviewers asked of a sheet's items, in the order it came, cleared ones too."""
        with self._reading() as connection:
            return queries.list_remarks(connection, inspection_id)

    def why_not_signed(self, inspection_id: int, step: str, actor: Actor) -> str:
        """Return "" where four eyes let `actor` take a step of the sheet, else the reason to be shown."""
        with self._reading() as connection:
            return four_eyes(connection, queries.find_inspection(connection, inspection_id), step, actor)

    def took_part(self, inspection_ids: Iterable[int], selves: Iterable[Actor]) -> set[int]:
        """Return in which sheets somebody, by any name he goes by, had a part that four eyes look at."""
        with self._reading() as connection:
            return sheets_taken_part_in(connection, inspection_ids, selves)

    def vetoes(self, inspection_id: int) -> tuple[VetoEvent, ...]:
        """Return the veto events in force, withdrawn ones left out."""
        with self._reading() as connection:
            return queries.list_vetoes(connection, inspection_id)

    def campaign_vetoes(self, campaign_id: int) -> dict[tuple[str, str], tuple[VetoEvent, ...]]:
        """Return (unit, domain) → events in force, of every inspection that has one, in one reading."""
        columns = (inspections.c.unit, inspections.c.domain)
        statement = _of_campaign(with_payload(vetoes, *columns), vetoes.c.inspection_id, campaign_id, None)
        statement = statement.where(vetoes.c.withdrawn.is_(False)).order_by(vetoes.c.inspection_id, vetoes.c.number)
        found: dict[tuple[str, str], tuple[VetoEvent, ...]] = {}
        for row in self._rows(statement):
            key = (row.unit, row.domain)
            found[key] = (*found.get(key, ()), from_json(StoredVeto, row.body).veto)
        return found

    def appeals(self, inspection_ids: Iterable[int]) -> dict[int, tuple[Appeal, ...]]:
        """Return inspection → its appeals as they stand, oldest first."""
        with self._reading() as connection:
            return list_appeals(connection, inspection_ids)

    def evidence(self, inspection_id: int) -> tuple[EvidenceRecord, ...]:
        """Return the files of an inspection in the order they came; `item_id` says what of."""
        with self._reading() as connection:
            return queries.list_evidence(connection, inspection_id)

    def evidence_with(self, sha256: str) -> tuple[tuple[int, str, str, EvidenceRecord], ...]:
        """Return where a file lies as evidence of items: campaign, unit, domain and record of each."""
        files, columns = tables.evidence, (inspections.c.campaign_id, inspections.c.unit, inspections.c.domain)
        statement = with_payload(files, *columns).join(inspections, inspections.c.id == files.c.inspection_id)
        statement = statement.where(files.c.sha256 == sha256).order_by(files.c.inspection_id, files.c.number)
        return tuple(
            (row.campaign_id, row.unit, row.domain, from_json(EvidenceRecord, row.body))
            for row in self._rows(statement)
        )

    def leads(
        self, campaign_id: int, unit: str | None = None, domain: str | None = None, withdrawn: bool = False
    ) -> tuple[Lead, ...]:
        """Return leads in force, by unit, domain and id; with `withdrawn` also those taken back."""
        statement = _of_campaign(with_payload(leads), leads.c.inspection_id, campaign_id, unit)
        if domain is not None:
            statement = statement.where(inspections.c.domain == domain)
        if not withdrawn:
            statement = statement.where(leads.c.withdrawn.is_(False))
        statement = statement.order_by(inspections.c.unit, inspections.c.domain, leads.c.check_id, leads.c.id)
        return tuple(from_json(Lead, row.body) for row in self._rows(statement))

    def decisions(self, campaign_id: int, unit: str | None = None) -> dict[str, LeadDecision]:
        """Return what was said of a campaign's leads, withdrawn ones included, by lead id."""
        statement = _of_campaign(
            with_payload(decisions).join(leads, leads.c.id == decisions.c.lead_id),
            leads.c.inspection_id,
            campaign_id,
            unit,
        )
        return {row.lead_id: from_json(LeadDecision, row.body) for row in self._rows(statement)}

    def runs(self, campaign_id: int, unit: str | None = None) -> dict[tuple[str, str], RunRecord]:
        """Return the latest run of each (unit, notebook)."""
        statement = with_payload(runs).where(runs.c.campaign_id == campaign_id).order_by(runs.c.unit, runs.c.notebook)
        if unit is not None:
            statement = statement.where(runs.c.unit == unit)
        return {(row.unit, row.notebook): from_json(RunRecord, row.body) for row in self._rows(statement)}

    def results(
        self, campaign_id: int, unit: str | None = None, domain: str | None = None
    ) -> dict[tuple[str, str], ResultRecord]:
        """Return the latest result of each (unit, domain)."""
        columns = (inspections.c.unit, inspections.c.domain, results.c.at)
        statement = _of_campaign(with_payload(results, *columns), results.c.inspection_id, campaign_id, unit)
        if domain is not None:
            statement = statement.where(inspections.c.domain == domain)
        statement = statement.order_by(inspections.c.unit, inspections.c.domain)
        return {
            (row.unit, row.domain): replace(from_json(ResultRecord, row.body), at=row.at)
            for row in self._rows(statement)
        }

    def scores(self, campaign_id: int, unit: str) -> dict[str, Score]:
        """Return domain → latest score of a unit after decisions, without its trace: quick to read."""
        return {domain: one.after for (_, domain), one in self.each_summary(campaign_id, unit)}

    def each_summary(
        self, campaign_id: int, unit: str | None = None
    ) -> Iterator[tuple[tuple[str, str], ResultSummary]]:
        """Yield (unit, domain) with what totals want of its latest result, by unit and domain."""
        columns = (inspections.c.unit, inspections.c.domain)
        statement = select(*columns, results.c.summary).join_from(results, inspections)
        statement = statement.where(inspections.c.campaign_id == campaign_id).order_by(*columns)
        if unit is not None:
            statement = statement.where(inspections.c.unit == unit)
        decode = reader(ResultSummary).decode
        for owner, domain, text in self._each(statement):
            yield (owner, domain), decode(text)

    def findings(
        self, campaign_id: int, unit: str | None = None, drafts: bool = False
    ) -> dict[tuple[str, str], tuple[Finding, ...]]:
        """Return the latest findings of each (unit, domain) that has a result; `drafts` too where asked."""
        return dict(self.each_findings(campaign_id, unit, drafts))

    def each_findings(
        self, campaign_id: int, unit: str | None = None, drafts: bool = False
    ) -> Iterator[tuple[tuple[str, str], tuple[Finding, ...]]]:
        """Yield (unit, domain) with its latest findings, one after another; drafts only where asked."""
        for paper, found in self.each_result(campaign_id, RecordedFindings, unit):
            yield paper, tuple(finding for finding in found.findings if drafts or not finding.draft)

    def each_result(
        self, campaign_id: int, kind: type[T], unit: str | None = None, *, domains: Collection[str] | None = None
    ) -> Iterator[tuple[tuple[str, str], T]]:
        """Yield (unit, domain) with its latest result, as much of it as `kind` wants, by unit and domain.

        Of these `domains` alone where they are given.
        """
        columns = (inspections.c.unit, inspections.c.domain)
        statement = _of_campaign(with_payload(results, *columns), results.c.inspection_id, campaign_id, unit)
        if domains is not None:
            statement = statement.where(inspections.c.domain.in_(sorted(domains)))
        decode = reader(kind).decode
        for owner, domain, body in self._each(self._as_bytes(statement.order_by(*columns))):
            yield (owner, domain), decode(body)

    def papers_with_result(self, campaign_id: int) -> set[tuple[str, str]]:
        """Return the (unit, domain) that have a result; no result is read."""
        columns = select(inspections.c.unit, inspections.c.domain)
        statement = columns.join(results, results.c.inspection_id == inspections.c.id)
        rows = self._rows(statement.where(inspections.c.campaign_id == campaign_id))
        return {(unit, domain) for unit, domain in rows}

    def scorecards(self, campaign_id: int, unit: str | None = None) -> dict[str, Any]:
        """Return the latest scorecard payload of each unit."""
        rows = self._each(_cards(campaign_id, unit))
        return {row.unit: json.loads(row.body)["scorecard"] for row in rows}

    def units_with_card(self, campaign_id: int) -> set[str]:
        """Return the units that have a scorecard."""
        statement = select(scorecards.c.unit).where(scorecards.c.campaign_id == campaign_id)
        return {row.unit for row in self._rows(statement)}

    def units_after_their_card(self, campaign_id: int) -> set[str]:
        """Return the units of which a result was recorded after their scorecard: the two may say different things."""
        statement = (
            select(inspections.c.unit)
            .join(results, results.c.inspection_id == inspections.c.id)
            .join(
                scorecards,
                (scorecards.c.unit == inspections.c.unit) & (scorecards.c.campaign_id == inspections.c.campaign_id),
            )
            .where(inspections.c.campaign_id == campaign_id, results.c.at > scorecards.c.at)
        )
        return {row.unit for row in self._rows(statement)}

    def each_scorecard(self, campaign_id: int, kind: type[T]) -> Iterator[tuple[str, T]]:
        """Yield units with their latest scorecard, as much of it as `kind` wants: a class with a field `scorecard`."""
        for row in self._each(self._as_bytes(_cards(campaign_id, None))):
            yield row.unit, from_json(kind, row.body)

    def actions(self, campaign_id: int | None = None, unit: str | None = None) -> tuple[CorrectiveAction, ...]:
        """Return corrective actions by unit and id, of all campaigns where none is named."""
        statement = with_payload(actions).order_by(actions.c.unit, actions.c.id)
        if campaign_id is not None:
            statement = _of_campaign(statement, actions.c.inspection_id, campaign_id, None)
        if unit is not None:
            statement = statement.where(actions.c.unit == unit)
        return tuple(from_json(CorrectiveAction, row.body) for row in self._rows(statement))

    def kept(self, name: str, **wanted: str | None) -> tuple[Any, ...]:
        """Return the values that a feature keeps in the table `name`, those with the `wanted` columns."""
        with self._reading() as connection:
            return list_kept(connection, name, **wanted)

    def home_of_action(self, action_id: str) -> InspectionRecord | None:
        """Return the inspection that a measure belongs to, None for an unknown one."""
        with self._reading() as connection:
            number = connection.scalar(select(actions.c.inspection_id).where(actions.c.id == action_id))
            return queries.find_inspection(connection, number) if number is not None else None

    def is_sample(self) -> bool:
        """Tell whether `xiaobao demo` made this store: only there may its people be offered as a choice."""
        return bool(self._rows(select(store_info.c.value).where(store_info.c.key == "sample")))

    def acting(self, today: date, login: str = "", system_user: str = "") -> Acting:
        """Return what the register knows of a login, or of the person that an operating-system user was matched to.

        Looked up by index: asked at every write, of a register of thousands. Raises UnreadableRecord.
        """
        statement, wanted = (_BY_LOGIN, login) if login else (_BY_SYSTEM_USER, system_user)
        with self._reading() as connection:
            row = connection.execute(statement, {"wanted": wanted}).first() if wanted else None
            if row is None:
                return Acting(anybody=connection.scalar(_ANYBODY) is not None)
            away = connection.execute(_DEPUTISED, {"wanted": today.isoformat()})
            others = sorted((_person(one.body) for one in away), key=lambda one: one.login)
        person = _person(row.body)
        named = [one for one in others if any(deputy.login == person.login for deputy in one.deputies)]
        return Acting(anybody=True, person=person, deputised=tuple(named))


def _published(row: Any) -> Published:
    return Published(
        kind=row.kind, id=row.id, version=row.version, sha256=sha256_of(row.body), content=row.body, published_at=row.at
    )


def _of_campaign(statement: Select[Any], inspection_id: Any, campaign_id: int, unit: str | None) -> Select[Any]:
    statement = statement.join(inspections, inspections.c.id == inspection_id)
    statement = statement.where(inspections.c.campaign_id == campaign_id)
    return statement if unit is None else statement.where(inspections.c.unit == unit)


def _cards(campaign_id: int, unit: str | None) -> Select[Any]:
    statement = with_payload(scorecards).where(scorecards.c.campaign_id == campaign_id)
    if unit is not None:
        statement = statement.where(scorecards.c.unit == unit)
    return statement.order_by(scorecards.c.unit)
