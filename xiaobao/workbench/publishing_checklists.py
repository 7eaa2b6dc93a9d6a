"""Publish drafts: YAML is the draft, the store holds the fixed content that inspections are filled on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xiaobao.checklist.canonical import canonical, from_canonical
from xiaobao.checklist.models import Checklist, Scheme
from xiaobao.checklist.reading import load_checklist, load_regulations, load_scheme
from xiaobao.checks.registry import REGISTRY
from xiaobao.errors import ChecklistError, Fault, InputError
from xiaobao.model import Actor
from xiaobao.store import Store

NOT_CHECKLISTS = {"regulations.yaml"}


def check_drafts(folder: Path, files: Sequence[Path] = ()) -> tuple[Checklist, ...]:
    """Check drafts against the regulations and the known checks, storing nothing. Raises ChecklistError."""
    if not files:
        return read_drafts(folder)[0]
    regulations = load_regulations(folder / "regulations.yaml")
    read: list[Checklist] = []
    faults: list[Fault] = []
    for path in files:
        try:
            read.append(load_checklist(path, regulations, frozenset(REGISTRY)))
        except ChecklistError as error:
            faults += error.faults
    if faults:
        raise ChecklistError(faults)
    return tuple(read)


def read_drafts(folder: Path) -> tuple[tuple[Checklist, ...], tuple[Scheme, ...]]:
    """Read every checklist and scheme of `folder`. Raises ChecklistError with the faults of all files at once."""
    faults: list[Fault] = []
    checklists, schemes = [], []
    regulations = load_regulations(folder / "regulations.yaml")
    for path in sorted(folder.glob("*.yaml")):
        if path.name not in NOT_CHECKLISTS:
            try:
                checklists.append(load_checklist(path, regulations, frozenset(REGISTRY)))
            except ChecklistError as error:
                faults += error.faults
    for path in sorted((folder / "schemes").glob("*.yaml")):
        try:
            schemes.append(load_scheme(path))
        except ChecklistError as error:
            faults += error.faults
    if faults:
        raise ChecklistError(faults)
    return tuple(checklists), tuple(schemes)


def publish_all(store: Store, actor: Actor, folder: Path) -> tuple[str, ...]:
    """Publish every draft of `folder`, all or nothing; what is published already and the same is left alone."""
    checklists, schemes = read_drafts(folder)
    with store.writing(actor) as tx:
        for checklist in checklists:
            tx.publish("checklist", checklist.id, checklist.version, canonical(checklist))
        for scheme in schemes:
            tx.publish("scheme", scheme.id, scheme.version, canonical(scheme))
    names = [f"{one.id} {one.version}" for one in checklists] + [f"{one.id} {one.version}" for one in schemes]
    return tuple(names)


def find_version(store: Store, name: str) -> Checklist:
    """Return a draft by its file, or a published checklist by id or id@version. Raises InputError, ChecklistError."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        return load_checklist(path)
    identity, _, version = name.partition("@")
    try:
        return from_canonical(store.published("checklist", identity, version or None).content)
    except InputError:
        known = "、".join(f"{one.id}@{one.version}" for one in store.list_published("checklist"))
        raise InputError(Fault("没有发布过这个检查表", value=name, allowed=f"YAML 文件，或 {known}")) from None
