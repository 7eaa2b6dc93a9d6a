"""Programs that other processes run against a store: `python -m tests.factories.store_writers KIND URL …`.

Each prints a line for what was acknowledged, right after the save returned.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from tests.factories.store import CHECK, make_lead
from xiaobao import store as storing
from xiaobao.errors import NotAllowed, StaleRevision
from xiaobao.model import Actor, Response
from xiaobao.store import Store


def save_without_end(store: Store, name: str, say: Callable[[str], object]) -> None:
    """Save answers, five items and two leads a transaction, until killed."""
    number = len(store.responses(1)) // 5
    while True:
        answers = [Response(f"{name}-{number}-{part}", note="答" * 200) for part in range(5)]
        with store.writing(Actor(name)) as tx:
            tx.save_responses(1, answers)
            check = f"{CHECK}{number}"
            tx.raise_leads(1, [check], [make_lead(number * 2 + part, check=check) for part in (0, 1)])
        say(str(number))
        number += 1


def save_own(store: Store, name: str) -> None:
    """Save 25 answers that nobody else touches."""
    for number in range(25):
        with store.writing(Actor(name)) as tx:
            tx.save_response(1, Response(f"{name}-{number}"), 0)
        _say(str(number))


def save_contested(store: Store, name: str) -> None:
    """Save the same four answers as everybody, on the revision last seen; a refused save is tried on the next."""
    saved = 0
    for number in range(25):
        item = f"CP-{number % 4}"
        seen = store.responses(1).get(item, Response(item)).revision
        try:
            with store.writing(Actor(name)) as tx:
                tx.save_response(1, Response(item, note=name), seen)
            saved += 1
        except StaleRevision as stale:
            if not isinstance(stale.saved, Response) or stale.saved.revision <= seen:
                raise
    _say(str(saved))


def submit_or_edit(store: Store, name: str) -> None:
    """For each line read, race for one inspection: submit it (`submit…`) or answer in it (`edit…`)."""
    for line in sys.stdin:
        inspection_id, revision = map(int, line.split())
        try:
            with store.writing(Actor(name)) as tx:
                if name.startswith("submit"):
                    tx.set_state(inspection_id, "submitted", revision)
                else:
                    tx.save_response(inspection_id, Response("CP-01"), 0)
            _say("won")
        except (StaleRevision, NotAllowed):
            _say("lost")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


KINDS = {
    "save_own": save_own,
    "save_contested": save_contested,
    "submit_or_edit": submit_or_edit,
}

if __name__ == "__main__":
    kind, url, who = sys.argv[1:]
    with storing.open(url) as opened:
        _say("ready")
        KINDS[kind](opened, who)
