"""抽样 with people and store: define, draw, record, draw again by somebody else, evaluate, confirm."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from msgspec.structs import replace

from xiaobao.checklist.models import Item
from xiaobao.errors import Fault, InputError, NotAllowed, StaleRevision, XiaobaoError
from xiaobao.features.samples.drawing import draw
from xiaobao.features.samples.evaluating import Evaluation, answer_of, evaluate
from xiaobao.features.samples.populations import (
    PopulationRequest,
    build_population,
    freeze,
    population_records,
    read_frozen_rows,
)
from xiaobao.features.samples.sample import METHODS, Design, DrawnSample, Population, RecordResult, Redraw, draw_digest
from xiaobao.features.samples.sizing import attribute_size, monetary_size
from xiaobao.model import Actor, Period, Response
from xiaobao.personal import mask
from xiaobao.store.models import Campaign
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.permitting import is_actor, known_units
from xiaobao.workbench.workspace import Workbench

_TURNS = 20


@dataclass(frozen=True, kw_only=True)
class WantedSample:
    """How a sample is wanted: rates are shares, `size` of a fixed one; "" and None take the bank's usual figures."""

    method: str = "random"
    basis: str = "attribute"
    size: int | None = None
    confidence: Decimal | None = None
    tolerable: Decimal | None = None
    expected: Decimal | None = None
    tolerable_amount: Decimal | None = None
    seed: str = ""


@dataclass(frozen=True, kw_only=True)
class Purpose:
    """What a sample is for: its title, unit ("" the bank), period, and the item whose requirement is tested."""

    title: str
    period: str
    unit: str = ""
    domain: str = ""
    item: str = ""
    campaign: str = ""


def samples(wb: Workbench, period: str | None = None, unit: str | None = None) -> tuple[DrawnSample, ...]:
    """Return the samples that whoever acts may see. Raises NotAllowed for whoever may see none."""
    code = Period.parse(period).code if period else None
    found: tuple[DrawnSample, ...] = wb.store.kept("samples", period=code, unit=unit)
    seen: list[DrawnSample] = []
    for place in sorted({(one.period, one.campaign) for one in found}):
        sight = wb.sight("sample.see", _campaign(wb, *place))
        seen += [one for one in found if (one.period, one.campaign) == place and sight.shows(one.unit, one.domain)]
    if not seen and (reason := wb.sight("sample.see").reason):
        raise NotAllowed(reason)
    return tuple(sorted(seen, key=lambda one: one.number))


def sample_of(wb: Workbench, number: str, verb: str = "sample.see") -> DrawnSample:
    """Return one sample. Raises InputError for one that is not there, NotAllowed for one that may not be seen."""
    found = wb.store.kept("samples", number=number)
    if not found:
        raise InputError(Fault("没有这个抽样", value=number, allowed="见 xiaobao sample list"))
    sample: DrawnSample = found[0]
    wb.look(verb, sample.unit, sample.domain, _campaign(wb, sample.period, sample.campaign))
    return sample


def define(wb: Workbench, purpose: Purpose, wanted: PopulationRequest, asked: WantedSample) -> DrawnSample:
    """Freeze the population and fix the design; nothing is drawn yet. Raises InputError naming what is wrong."""
    code = Period.parse(purpose.period).code
    campaign = _chosen(wb, code, purpose.campaign)
    wb.look("sample.define", purpose.unit, purpose.domain, campaign)
    units = known_units(wb, code)
    if purpose.unit and purpose.unit not in units:
        raise InputError(Fault("没有这个机构", value=purpose.unit))
    if not purpose.title.strip():
        raise InputError(Fault("请写明抽样检查什么", column="名称"))
    if asked.method not in METHODS:
        raise InputError(Fault("没有这种抽样方法", value=asked.method, allowed="、".join(METHODS)))
    if purpose.item and campaign:
        item_of(wb, campaign, purpose.domain, purpose.item)
    monetary = asked.method == "monetary"
    if monetary and not wanted.amount:
        raise InputError(Fault("货币单元抽样须用 --amount 指明金额列"))
    if asked.method == "stratified" and not wanted.stratum:
        raise InputError(Fault("分层抽样须用 --stratum 指明分层列"))
    population = freeze(wb, wanted, purpose.unit, code, monetary)
    sample = DrawnSample(
        number=_next(wb, code),
        title=mask(purpose.title.strip()),
        unit=purpose.unit,
        period=code,
        campaign=campaign.name if campaign else "",
        domain=purpose.domain,
        item=purpose.item,
        population=population,
        design=design_of(wb, population, asked),
        drawn_by=Actor(name=""),
    )
    return _save(wb, "define", "sample.define", sample)


def design_of(wb: Workbench, population: Population, asked: WantedSample) -> Design:
    """Return the design: its size computed, taken as given, or read from the bank's table.

    Raises InputError where the basis asked for lacks its number: an amount, a size, a row of the table.
    """
    usual = wb.settings.sampling
    confidence = usual.confidence if asked.confidence is None else asked.confidence
    tolerable = usual.tolerable if asked.tolerable is None else asked.tolerable
    expected = usual.expected if asked.expected is None else asked.expected
    seed = asked.seed.strip() or f"{secrets.randbelow(10**8):08}"
    design = Design(
        method=asked.method,
        basis=asked.basis,
        size=asked.size or 0,
        seed=seed,
        confidence=confidence,
        tolerable=asked.tolerable,
        tolerable_amount=asked.tolerable_amount,
    )
    if asked.method == "monetary" and asked.basis != "fixed":
        amount = population.total or Decimal(0)
        if asked.tolerable_amount is None:
            raise InputError(Fault("货币单元抽样须写明可容忍错报金额（元）", allowed="--tolerable-amount"))
        return replace(design, basis="money", size=monetary_size(amount, asked.tolerable_amount, confidence))
    if asked.basis == "attribute":
        found = attribute_size(tolerable, expected, confidence)
        size = min(found.records, population.count)
        return replace(design, size=size, allowed=found.allowed, tolerable=tolerable, expected=expected)
    if asked.basis == "table":
        return replace(design, size=_of_table(wb, population))
    if asked.basis != "fixed" or design.size < 1:
        raise InputError(Fault("请写明样本量", value=str(asked.size or ""), allowed="--size 不小于 1"))
    return design if asked.method == "monetary" else replace(design, size=min(design.size, population.count))


def _of_table(wb: Workbench, population: Population) -> int:
    table = sorted(wb.settings.sampling.table, key=lambda row: row.up_to)
    if not table:
        raise InputError(
            Fault(
                "本行抽样表还没有设置", setting="sampling.table", allowed="[[sampling.table]] up_to = 50, records = 5"
            )
        )
    row = next((row for row in table if population.count <= row.up_to), table[-1])
    return min(row.records, population.count)


def draw_sample(wb: Workbench, number: str) -> DrawnSample:
    """Draw from the frozen population. Raises InputError where it was drawn already or its population changed."""
    sample = sample_of(wb, number)
    if sample.state != "defined":
        raise InputError(Fault("样本已经抽取；要另抽，请另建抽样", item=number))
    if why := stale(wb, sample):
        raise InputError(Fault(why[0], item=number, allowed="重新建立抽样"))
    drawn = draw(read_frozen_rows(wb, sample.population), sample.design)
    changed = replace(sample, drawn=drawn, digest=draw_digest(drawn), state="drawn", drawn_by=wb.actor)
    return _save(wb, "draw", "sample.define", changed)


def redraw(wb: Workbench, number: str) -> DrawnSample:
    """Draw again by somebody else and keep whether the same records come out. Raises NotAllowed for who drew."""
    sample = _drawn(wb, number, "sample.redraw")
    if is_actor(wb, sample.drawn_by):
        raise NotAllowed(Fault("抽取样本的人不能自己复抽核对，请另一人办理", item=number, value=sample.drawn_by.name))
    digest = draw_digest(draw(read_frozen_rows(wb, sample.population), sample.design))
    made = Redraw(by=wb.actor, day=wb.today, digest=digest, same=digest == sample.digest)
    return _save(wb, "redraw", "sample.redraw", replace(sample, redraws=(*sample.redraws, made)))


def record(wb: Workbench, number: str, given: Mapping[str, RecordResult]) -> DrawnSample:
    """Save results of drawn records, all or none; each carries the revision it was made on (0: new).

    Raises InputError with every fault, StaleRevision where somebody else changed one of these since; another's save of
    other records of the sample in the same moment does not matter.
    """
    for _ in range(_TURNS):
        try:
            return _record(wb, number, given)
        except _OtherRecord:
            continue
    raise StaleRevision("很多人正在同时记录这个抽样，没有保存，请再试一次", None, None)


class _OtherRecord(Exception):
    """Somebody saved other records of the sample meanwhile."""


def _record(wb: Workbench, number: str, given: Mapping[str, RecordResult]) -> DrawnSample:
    sample = _drawn(wb, number, "sample.record")
    if sample.state != "drawn":
        raise InputError(Fault("抽样已经确认，不能再改结果", item=number))
    drawn, known = {one.record: one for one in sample.drawn}, dict(sample.tested)
    faults = list(_faults(drawn, given))
    if faults:
        raise InputError(faults)
    for name, one in given.items():
        before = known.get(name)
        if (before.revision if before else 0) != one.revision:
            raise StaleRevision(f"样本 {name} 在您打开之后已被他人更新，没有保存", before, one)
        said = replace(one, kind=mask(one.kind.strip()), note=mask(one.note.strip()), by=wb.actor)
        known[name] = replace(said, revision=one.revision + 1)
    ordered = tuple(known[one.record] for one in sample.drawn if one.record in known)
    try:
        return _save(wb, "record", "sample.record", replace(sample, tests=ordered))
    except StaleRevision as error:
        raise _OtherRecord from error


def _faults(drawn: Mapping[str, object], given: Mapping[str, RecordResult]) -> Iterator[Fault]:
    for name, one in given.items():
        if name not in drawn:
            yield Fault("没有抽到这一笔", item=name)
        if one.outcome not in ("pass", "exception"):
            yield Fault("没有写结果", item=name, column="结果", allowed="符合、不符")
        if one.outcome == "exception" and not (one.kind.strip() or one.note.strip()):
            yield Fault("不符的样本须写明不符情形", item=name, column="不符情形")
        if one.audited is not None and one.audited < 0:
            yield Fault("审定金额不能小于 0", item=name, column="审定金额", value=str(one.audited))


def stale(wb: Workbench, sample: DrawnSample) -> tuple[str, ...]:
    """Return why the sample no longer stands for its population: the data changed since it was frozen, or its file."""
    try:
        read_frozen_rows(wb, sample.population)
    except InputError as error:
        return (str(error),)
    if not sample.population.dataset:
        return ()
    try:
        wanted = PopulationRequest(
            dataset=sample.population.dataset,
            filters=sample.population.filters,
            key=sample.population.key,
            amount=sample.population.amount,
            stratum=sample.population.stratum,
        )
        now, text = build_population(wb, wanted, sample.unit, sample.period, sample.design.method == "monetary")
    except XiaobaoError as error:
        return (f"现在的数据不能再作这个总体：{error}",)
    before = sample.population
    if now.digest == before.digest:
        return ()
    reasons = [f"总体已变化：冻结时 {before.count} 笔，现在 {now.count} 笔，抽样已过时，须重新抽样"]
    current = {one.record: one.digest for one in population_records(now, text)}
    changed = [one.record for one in sample.drawn if current.get(one.record) != one.digest]
    if changed:
        reasons.append(f"其中抽到的记录有变化或已不在：{'、'.join(changed)}")
    return tuple(reasons)


def evaluation(wb: Workbench, number: str) -> tuple[DrawnSample, Evaluation, tuple[str, ...]]:
    """Return a sample, what it says, and why it is stale (empty: it is not)."""
    sample = sample_of(wb, number)
    return sample, evaluate(sample), stale(wb, sample)


def confirm_sample(wb: Workbench, number: str, opinion: str) -> DrawnSample:
    """Close a sample that is whole, not stale, and drawn again by somebody else. Raises InputError, NotAllowed.

    Who drew or recorded does not confirm.
    """
    sample = _drawn(wb, number, "sample.confirm")
    if sample.state == "confirmed":
        raise InputError(Fault("抽样已经确认", item=number))
    if is_actor(wb, sample.drawn_by, *(one.by for one in sample.tests)):
        raise NotAllowed(Fault("抽取样本或记录结果的人不能自己确认", item=number))
    found = evaluate(sample)
    faults = [Fault(text, item=number) for text in stale(wb, sample)]
    if found.open:
        faults.append(Fault(found.sentence(), item=number))
    if not sample.repeated:
        faults.append(Fault("还没有另一人复抽出同样的样本", item=number, allowed="xiaobao sample redraw"))
    if faults:
        raise InputError(faults)
    changed = replace(
        sample, state="confirmed", confirmed_by=wb.actor, confirmed_on=wb.today, opinion=mask(opinion.strip())
    )
    return _save(wb, "confirm", "sample.confirm", changed)


def answer_item(wb: Workbench, number: str) -> Response:
    """Answer the sample's item in its unit's sheet by the item's rule. Raises InputError where no rule fits."""
    sample = sample_of(wb, number)
    if not (sample.unit and sample.domain and sample.item and sample.campaign):
        raise InputError(Fault("抽样没有对应机构、批次和检查项，不能写入检查表", item=number))
    if why := stale(wb, sample):
        raise InputError(Fault(text, item=number) for text in why)
    form = filling.open_form(wb, sample.unit, sample.period, sample.domain, sample.campaign)
    entry = form.items.get(sample.item)
    if entry is None:
        raise InputError(Fault("检查表没有这一项", item=sample.item))
    found = answer_of(sample, entry.item)
    before = entry.response
    merged = replace(found, evidence=before.evidence, amended=f"按抽样 {number} 的结果" if before.revision else "")
    return filling.answer(wb, form, merged, before.revision)


def item_of(wb: Workbench, campaign: Campaign, domain: str, item: str) -> Item:
    """Return an item of the campaign's checklist of a domain. Raises InputError where there is none."""
    if domain not in campaign.checklists:
        raise InputError(Fault("检查批次没有这个检查域", value=domain, allowed="、".join(campaign.checklists)))
    known = {one.id: one for one in wb.checklist(campaign, domain)[0].items()}
    if item not in known:
        raise InputError(Fault("检查表没有这一项", value=item))
    return known[item]


def kept_populations(wb: Workbench) -> Iterator[tuple[str, str, str]]:
    """Yield the files of frozen populations: place within the workspace, SHA-256, and what it is."""
    for one in wb.store.kept("samples"):
        yield one.population.path, one.population.digest, f"抽样总体 {one.number}"


def _drawn(wb: Workbench, number: str, verb: str) -> DrawnSample:
    sample = sample_of(wb, number, verb)
    if sample.state == "defined":
        raise InputError(Fault("还没有抽取样本", item=number, allowed="xiaobao sample draw"))
    return sample


def _next(wb: Workbench, period: str) -> str:
    year = str(Period.parse(period).end.year)
    taken = [one.number for one in wb.store.kept("samples") if one.number.startswith(f"CY{year}-")]
    last = max((int(number.rpartition("-")[2]) for number in taken), default=0)
    return f"CY{year}-{last + 1:03}"


def _chosen(wb: Workbench, period: str, name: str) -> Campaign | None:
    """Return the campaign that a sample is of: the named one, the period's only one, or none where it has none."""
    found = wb.store.campaigns(period)
    return wb.campaign(period, name or None) if name or found else None


def _campaign(wb: Workbench, period: str, name: str) -> Campaign | None:
    return next((one for one in wb.store.campaigns(period) if one.name == name), None) if name else None


def _save(wb: Workbench, verb: str, row: str, sample: DrawnSample) -> DrawnSample:
    with wb.writing(row, sample.unit, sample.domain, _campaign(wb, sample.period, sample.campaign)) as tx:
        saved: DrawnSample = tx.save_kept("samples", verb, [sample])[0]
    return saved
