"""Reading the history: what was done, by whom, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import String, cast, func, literal, select

from xiaobao.model import Actor, CorrectiveAction, from_json
from xiaobao.store.history import ISSUE, inspection_chain
from xiaobao.store.models import Event, Head
from xiaobao.store.reading import StoreReading
from xiaobao.store.tables import actions, audit_events, chain_heads, decisions, payloads

_CHAINS = inspection_chain(0).removesuffix("0")
_CHUNK = 500
_EVENTS = select(audit_events, payloads.c.body.label("payload")).outerjoin(
    payloads, payloads.c.sha256 == audit_events.c.payload_sha256
)


class HistoryReading(StoreReading):
    """What anyone may ask of the history of a store."""

    def who_answered(self, lead_ids: Iterable[str]) -> dict[str, tuple[Actor, ...]]:
        """Return lead → everybody who ever worded its answer, by the history: later words hide nobody."""
        ids = list(lead_ids)
        found: dict[str, tuple[Actor, ...]] = {}
        names = (audit_events.c.object, audit_events.c.actor, audit_events.c.login)
        chain, place = cast(decisions.c.inspection_id, String), decisions.c.lead_id
        for start in range(0, len(ids), _CHUNK):
            statement = (
                select(*names)
                .join(decisions, audit_events.c.chain == literal(_CHAINS).concat(chain))
                .where(audit_events.c.object == literal("decision:").concat(place), audit_events.c.verb == "answer")
                .where(place.in_(ids[start : start + _CHUNK]))
                .distinct()
            )
            for row in self._rows(statement):
                who = Actor(name=row.actor, login=row.login)
                name = row.object.removeprefix("decision:")
                found[name] = (*found.get(name, ()), who)
        return found

    def who_moved(self, action_id: str) -> tuple[tuple[str, Actor], ...]:
        """Return every status that a measure went to with who moved it there, oldest first, by the history."""
        row = audit_events.c
        statement = (
            select(payloads.c.body, row.actor, row.login)
            .join(audit_events, row.payload_sha256 == payloads.c.sha256)
            .join(actions, row.chain == literal(_CHAINS).concat(cast(actions.c.inspection_id, String)))
            .where(actions.c.id == action_id, row.object == f"action:{action_id}", payloads.c.body.is_not(None))
            .order_by(row.position)
        )
        steps = [(from_json(CorrectiveAction, one.body).status, one) for one in self._rows(statement)]
        before = ["", *(status for status, _ in steps)]
        return tuple(
            (status, Actor(name=one.actor, login=one.login))
            for (status, one), last in zip(steps, before, strict=False)
            if status != last
        )

    def events(self, limit: int = 100, chain: str | None = None, object: str | None = None) -> tuple[Event, ...]:
        """Return events, newest first."""
        statement = _EVENTS.order_by(audit_events.c.seq.desc()).limit(limit)
        if chain is not None:
            statement = statement.where(audit_events.c.chain == chain)
        if object is not None:
            statement = statement.where(audit_events.c.object == object)
        return tuple(Event(**row._asdict()) for row in self._rows(statement))

    def newest_event(self, after: int, but_of: Iterable[str]) -> int:
        """Return the number of the newest event after number `after` that is of no object `but_of`, 0 without any.

        `but_of` are kinds, such as `response`. Only what came since is looked at, so that it may be asked often.
        """
        row = audit_events.c
        statement = select(func.max(row.seq)).where(row.seq > after)
        for kind in but_of:
            statement = statement.where(~row.object.startswith(f"{kind}:", autoescape=True))
        [found] = self._rows(statement)
        return found[0] or 0

    def each_event(self) -> Iterator[Event]:
        """Yield every event with its payload, oldest first; one at a time, since a history may be long."""
        statement = _EVENTS.order_by(audit_events.c.seq)
        for row in self._each(statement):
            yield Event(**row._asdict())

    def issued(self) -> tuple[Event, ...]:
        """Return what was issued, oldest first."""
        statement = _EVENTS.where(audit_events.c.verb == ISSUE).order_by(audit_events.c.seq)
        return tuple(Event(**row._asdict()) for row in self._rows(statement))

    def odd_times(self) -> tuple[Event, ...]:
        """Return events dated before the one they follow: some clock was wrong. The order stands all the same."""
        earlier = audit_events.alias()
        statement = (
            select(audit_events, literal(None).label("payload"))
            .join(
                earlier, (earlier.c.chain == audit_events.c.chain) & (earlier.c.position == audit_events.c.position - 1)
            )
            .where(audit_events.c.at < earlier.c.at)
            .order_by(audit_events.c.seq)
        )
        return tuple(Event(**row._asdict()) for row in self._rows(statement))

    def heads(self) -> dict[str, Head]:
        """Return the end of every chain. Written down elsewhere, it lets `verify(anchor)` see an old copy."""
        return {row.chain: Head(row.position, row.hash) for row in self._rows(select(chain_heads))}
