"""抽样检查表 and 抽样底稿 as files: written, read back, recorded."""

from __future__ import annotations

from pathlib import Path

from xiaobao.errors import Fault, InputError, XiaobaoError
from xiaobao.features.samples.excel import read_sheets, write_sheets
from xiaobao.features.samples.sample import DrawnSample
from xiaobao.features.samples.sample_paper import SamplePaper, paper_cells, read_cells, sample_rows, write_sample_paper
from xiaobao.features.samples.verbs import evaluation, sample_of
from xiaobao.labels import written_day
from xiaobao.publishing.issuing import FileToIssue, compare_figures, free, issue_files, next_edition, template
from xiaobao.store.models import Campaign
from xiaobao.word import read_back
from xiaobao.workbench.permitting import known_units
from xiaobao.workbench.workspace import Workbench


def publish_sheets(wb: Workbench, number: str, path: Path) -> int:
    """Write the drawn records to be filled (.xlsx) and return how many. Raises InputError where a file lies there."""
    sample = sample_of(wb, number)
    if not sample.drawn:
        raise InputError(Fault("还没有抽取样本", item=number))

    def write(target: Path) -> None:
        write_sheets(sample, target, author=wb.settings.bank, day=wb.today)
        if read_sheets(sample, target):
            raise XiaobaoError(Fault("写出的检查表与样本不一致，文件没有生成", file=path.name))

    paper = FileToIssue(write=write, path=free(path, ".xlsx"), what=f"抽样检查表 {number}", fixed=False)
    issue_files(wb, "sample.see", paper, unit=sample.unit, domain=sample.domain, campaign=_campaign(wb, sample))
    return len(sample.drawn)


def publish_sample_paper(wb: Workbench, number: str, path: Path | None = None) -> Path:
    """Write the sample's paper (抽样底稿, .docx) and record it. Raises InputError before anything was drawn."""
    sample, found, stale = evaluation(wb, number)
    if not sample.drawn:
        raise InputError(Fault("还没有抽取样本，没有可写的底稿", item=number))
    units = known_units(wb, sample.period)
    unit_name = f"{units[sample.unit].name}（{sample.unit}）" if sample.unit in units else sample.unit or "全行"
    folder = wb.home / "reports" / sample.period / (sample.unit or "全行")
    place = free(path, ".docx") if path else next_edition(folder / f"抽样底稿-{number}.docx")

    def write(target: Path) -> None:
        day = written_day(wb.today)
        kind = template(wb, "sample.docx")
        paper = SamplePaper(
            sample=sample, found=found, stale=stale, bank=wb.settings.bank, unit_name=unit_name, day=day
        )
        printed = write_sample_paper(paper, kind, target)
        if faults := read_back(target, printed):
            raise XiaobaoError(faults)
        compare_figures(paper_cells(sample_rows(sample)), read_cells(target), place.name)

    paper = FileToIssue(write=write, path=place, what=f"抽样底稿 {number}")
    issue_files(wb, "sample.see", paper, unit=sample.unit, domain=sample.domain, campaign=_campaign(wb, sample))
    return place


def _campaign(wb: Workbench, sample: DrawnSample) -> Campaign | None:
    return wb.campaign(sample.period, sample.campaign) if sample.campaign else None
