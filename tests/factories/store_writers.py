"""What other processes do to a store at once. `say` tells what was acknowledged, right after a save returned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Barrier

from tests.factories.store import CHECK, make_lead
from xiaobao.errors import NotAllowed, StaleRevision
from xiaobao.model import Actor, Response
from xiaobao.store import Store
from xiaobao.store.models import InspectionRecord

Say = Callable[[str], object]


def save_without_end(name: str, store: Store, say: Say) -> None:
    """Save answers, five items and two leads a transaction, until killed."""
    number = len(store.responses(1)) // 5
    while True:
        answers = [Response(item_id=f"{name}-{number}-{part}", note="答" * 200) for part in range(5)]
        with store.writing(Actor(name=name)) as tx:
            tx.save_responses(1, answers)
            check = f"{CHECK}{number}"
            tx.raise_leads(1, [check], [make_lead(number * 2 + part, check=check) for part in (0, 1)])
        say(str(number))
        number += 1


def save_own(name: str, store: Store, say: Say) -> None:
    """Save 25 answers that nobody else touches."""
    for number in range(25):
        with store.writing(Actor(name=name)) as tx:
            tx.save_response(1, Response(item_id=f"{name}-{number}"), 0)
        say(str(number))


def save_contested(name: str, store: Store, say: Say) -> None:
    """Save the same four answers as everybody, each on the revision last seen; say how many were taken."""
    saved = 0
    for number in range(25):
        item = f"CP-{number % 4}"
        seen = store.responses(1).get(item, Response(item_id=item)).revision
        try:
            with store.writing(Actor(name=name)) as tx:
                tx.save_response(1, Response(item_id=item, note=name), seen)
            saved += 1
        except StaleRevision as stale:
            if not isinstance(stale.saved, Response) or stale.saved.revision <= seen:
                raise
    say(str(saved))


def submit_or_edit(
    name: str, inspections: Sequence[InspectionRecord], barrier: Barrier, store: Store, say: Say
) -> None:
    """Race for each inspection: `submit` hands it in, `edit` answers in it."""
    for inspection in inspections:
        barrier.wait(30)
        try:
            with store.writing(Actor(name=name)) as tx:
                if name == "submit":
                    tx.set_state(inspection.id, "submitted", inspection.revision)
                else:
                    tx.save_response(inspection.id, Response(item_id="CP-01"), 0)
            say("won")
        except (StaleRevision, NotAllowed):
            say("lost")
