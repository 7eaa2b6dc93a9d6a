"""Publish drafts: YAML is the draft, the store holds the fixed content that inspections are filled on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from xiaobao.checklist.canonical import canonical, from_canonical
from xiaobao.checklist.models import Checklist, Regulations, Scheme
from xiaobao.checklist.reading import load_checklist, load_own_items, load_regulations, load_scheme
from xiaobao.checklist.writing import draft_yaml, to_yaml
from xiaobao.checks.registry import REGISTRY
from xiaobao.errors import ChecklistError, Fault, InputError
from xiaobao.files import drafting, put_in_place, write_text
from xiaobao.labels import domain_title
from xiaobao.numbers import ZERO, plain
from xiaobao.personal import mask
from xiaobao.store import Store
from xiaobao.workbench import hooks
from xiaobao.written.strict import stated

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

UNFINISHED = "待补"
T = TypeVar("T")
NO_OWN: Mapping[str, str] = {}
REGISTER = "regulations.yaml"
SCHEMES = "schemes"
UNITS = "units"


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """What files of a folder of checklists say. `own` are the units' own sheets."""

    regulations: Regulations
    checklists: tuple[Checklist, ...] = ()
    schemes: tuple[Scheme, ...] = ()
    own: tuple[Checklist, ...] = ()


def read_drafts(
    folder: Path, files: Sequence[Path] = (), store: Store | None = None, own_checks: Mapping[str, str] = NO_OWN
) -> Drafts:
    """Read every draft of `folder`, or only `files`, storing nothing. Raises ChecklistError with all faults at once.

    With a store, a draft that says just what is published already is taken as it is, even where the regulations have
    moved on since. `own_checks`: the bank's own checks, id → why one may not be asked, "" where it may.
    """
    faults: list[Fault] = []
    register = next((path for path in files if path.name == REGISTER), folder / REGISTER)
    regulations = next(iter(_read(load_regulations, [register], faults)), None)
    chosen = list(files) or _drafts_of(folder)
    checks = known_checks(own_checks)
    kinds = {path: _kind(path) for path in chosen}
    every = list(dict.fromkeys([*chosen, *_drafts_of(folder)]))
    used = _quietly(load_scheme, [path for path in every if _kind(path) == "scheme"])
    used = [scheme for scheme in used if scheme.kind == "inspection" and not scheme.replaced_by]

    def load_core(path: Path) -> Checklist:
        try:
            return load_checklist(path, regulations, checks, schemes=used)
        except ChecklistError:
            if store is not None and (known := _published_as_it_is(store, path)):
                return known
            raise

    core = _read(load_core, [path for path in chosen if kinds[path] == "checklist"], faults)
    weighed = _quietly(load_checklist, [path for path in every if _kind(path) == "checklist"])
    plans = [path for path in chosen if kinds[path] == "scheme"]
    schemes = _read(lambda path: load_scheme(path, weighed or None), plans, faults)
    units = [path for path in chosen if kinds[path] == "own_items"]
    core_ids = _core_ids(folder) if units else frozenset()
    own = _read(lambda path: load_own_items(path, regulations, core_ids), units, faults)
    if faults or regulations is None:
        raise ChecklistError(faults)
    return Drafts(regulations=regulations, checklists=tuple(core), schemes=tuple(schemes), own=tuple(own))


def known_checks(own: Mapping[str, str]) -> Mapping[str, str]:
    """Return the ids that a sheet may name, the shipped ones and those of the bank, with why one may not be named."""
    return {**dict.fromkeys(REGISTRY, ""), **own}


def own_in(wb: Workbench) -> Mapping[str, str]:
    """Return the bank's own checks of a workspace: id → why a sheet may not name it, "" where it may."""
    from xiaobao.workbench.own_checks.source_files import usable

    return usable(wb)


def _drafts_of(folder: Path) -> list[Path]:
    found = [*folder.glob("*.yaml"), *(folder / SCHEMES).glob("*.yaml"), *(folder / UNITS).glob("*/*.yaml")]
    return [path for path in sorted(found) if path.name != REGISTER]


def _kind(path: Path) -> str:
    """Tell by its place what a file is: the register, a scheme, a unit's own items, a checklist."""
    if path.name == REGISTER:
        return "regulations"
    parent = path.resolve().parent
    if parent.name == SCHEMES:
        return "scheme"
    return "own_items" if parent.parent.name == UNITS else "checklist"


def _read(load: Callable[[Path], T], paths: Iterable[Path], faults: list[Fault]) -> list[T]:
    """Load file after file; the faults of one do not hide those of the next."""
    read = []
    for path in paths:
        try:
            read.append(load(path))
        except ChecklistError as error:
            faults += error.faults
    return read


def _quietly(load: Callable[[Path], T], paths: Iterable[Path]) -> list[T]:
    """Load what others are held against; one that cannot be read is reported where it is checked itself."""
    return _read(load, paths, [])


def _core_ids(folder: Path) -> frozenset[str]:
    """Return the item ids of the head office's drafts."""
    paths = [path for path in _drafts_of(folder) if _kind(path) == "checklist"]
    return frozenset(item.id for checklist in _quietly(load_checklist, paths) for item in checklist.items())


def _published_as_it_is(store: Store, path: Path) -> Checklist | None:
    try:
        draft = load_checklist(path)
        return draft if store.published("checklist", draft.id, draft.version).content == canonical(draft) else None
    except InputError:
        return None


def publish_all(wb: Workbench, folder: Path) -> tuple[str, ...]:
    """Publish every draft of `folder`, all or nothing; what is published already and the same is left alone.

    Returns the newly published, as “id version”. Raises ChecklistError on faulty drafts, InputError where a published
    version would get other content, NotAllowed where a bank's own hook refuses.
    """
    wb.look("checklist.publish")
    drafts, store = read_drafts(folder, store=wb.store, own_checks=own_in(wb)), wb.store
    wanted = [("checklist", one) for one in drafts.checklists]
    wanted += [("own_items", one) for one in drafts.own]
    known = {
        (one.kind, one.id, one.version)
        for kind in ("checklist", "scheme", "own_items")
        for one in store.list_published(kind)
    }
    texts = {(kind, one.id, one.version): canonical(one) for kind, one in wanted}
    texts |= {("scheme", scheme.id, scheme.version): canonical(scheme) for scheme in drafts.schemes}
    new = [key for key in texts if key not in known]
    hooks.before(hooks.BEFORE_PUBLISH, (_publication(*key, texts[key]) for key in new))
    with wb.writing("checklist.publish") as tx:
        for (kind, identity, version), text in texts.items():
            tx.publish(kind, identity, version, text)
    return tuple(f"{identity} {version}" for _, identity, version in new)


def _publication(kind: str, identity: str, version: str, text: str) -> hooks.Publication:
    return hooks.Publication(kind=kind, id=identity, version=version, content=json.loads(text))


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


def write_checklist_draft(wb: Workbench, checklist: Checklist, comment: str = "", replace: bool = False) -> Path:
    """Write a checklist as a YAML draft of the workspace and return its file; what lies there is kept unless `replace`.

    Raises InputError where this version is published with other content, or a draft of that name is there.
    """
    for one in wb.store.list_published("checklist"):
        if (one.id, one.version) == (checklist.id, checklist.version) and one.content != canonical(checklist):
            raise InputError(
                Fault(f"{one.id} 的版本 {one.version} 已发布，内容不能再改；请换一个版本号", value=one.version)
            )
    comment = mask(comment)
    path = wb.home / "checklists" / f"{checklist.id}-{checklist.version}.yaml"
    if path.exists() and not replace:
        allowed = "换版本号，或用 --replace 以本次为准（原有注释不保留）"
        raise InputError(Fault("已有同名草稿，没有覆盖", file=path.name, allowed=allowed))
    write_text(path, to_yaml(checklist, comment))
    return path


def write_weights(wb: Workbench, scheme: Scheme, weights: Mapping[str, Decimal], version: str) -> Path:
    """Write a scheme with other weights as a draft of `version` and return its file, in place of an earlier such draft.

    `weights`: domain → weight; the others stay. Raises InputError for a domain that is not in it, without a new version
    or where nothing differs, ChecklistError where the scheme would not be sound.
    """
    known = {one.version for one in wb.store.list_published("scheme") if one.id == scheme.id}
    faults = [Fault("方案里没有这个检查域", value=name) for name in weights if name not in scheme.weights]
    if not version.strip() or version.strip() in known:
        allowed = f"还没有发布过的版本号；已发布 {'、'.join(sorted(known))}"
        faults.append(Fault("权重草稿须写新的版本号", value=version, allowed=allowed))
    changed = {name: value for name, value in weights.items() if scheme.weights.get(name) != value}
    if not changed and not faults:
        faults.append(Fault("权重与现行方案相同，没有写草稿"))
    if faults:
        raise InputError(faults)
    draft = replace(scheme, version=version.strip(), weights={**scheme.weights, **changed})
    text = draft_yaml(stated(draft), f"与 {scheme.version} 版相比只改了权重：{weights_note(scheme, draft)}。")
    folder = wb.home / "checklists" / SCHEMES
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{draft.id}-{draft.version}.yaml"
    with drafting(path) as temporary:
        temporary.write_text(text, "utf-8")
        try:
            load_scheme(temporary)
        except ChecklistError as error:
            raise ChecklistError([replace(fault, file=path.name) for fault in error.faults]) from None
        put_in_place(temporary, path)
    return path


def weights_note(before: Scheme, after: Scheme) -> str:
    """Return what weights changed, in words: title, before and after."""
    names = [one for one in after.weights if before.weights.get(one) != after.weights[one]]
    said = (
        f"{domain_title(one, '')} {plain(before.weights.get(one, ZERO))} → {plain(after.weights[one])}" for one in names
    )
    return "，".join(said) or "没有改动"


def write_unfinished(wb: Workbench, name: str, text: str, replace: bool = False) -> Path:
    """Write the text of a draft that is not complete into `checklists/待补`, where nothing is published from.

    Raises InputError when one of that name is there already, unless `replace`.
    """
    path = wb.home / "checklists" / UNFINISHED / f"{name}.yaml"
    if path.exists() and not replace:
        raise InputError(Fault("已有同名草稿，没有覆盖", file=path.name, allowed="用 --replace 以本次为准"))
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".partial")
    draft.write_text(text, "utf-8")
    draft.replace(path)
    return path
