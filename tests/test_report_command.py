"""`xiaobao report`: each kind from a whole workspace, its figures beside it, fixed once released."""

from __future__ import annotations

import hashlib
import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from tests.factories.scored import score_workspace
from tests.factories.workspaces import PERIOD
from xiaobao import store as storing
from xiaobao.checklist.canonical import from_canonical
from xiaobao.checklist.models import Scheme
from xiaobao.cli.app import app
from xiaobao.errors import InputError, XiaobaoError
from xiaobao.features.registers.reading import read_registers
from xiaobao.publishing import publish_report, write_draft
from xiaobao.workbench.campaigns import create_campaign, inspected_units
from xiaobao.workbench.results.reading import overview, scorecards
from xiaobao.workbench.verifying import carried_checkpoint
from xiaobao.workbench.workspace import Workbench, open_workbench


@pytest.fixture(scope="module")
def scored(seeded_workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbench:
    return score_workspace(seeded_workspace, tmp_path_factory.mktemp("scored") / "bank")


def text_of(path: Path) -> str:
    paper = docx.Document(str(path))
    cells = (cell.text for table in paper.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(line.text for line in paper.paragraphs), *cells])


def test_a_released_report_is_fixed_and_in_the_history(scored: Workbench) -> None:
    """The second release is another edition; the first stays what its recorded hash says."""
    first = publish_report(scored, "complaints", PERIOD)
    digest = hashlib.sha256(first.report.read_bytes()).hexdigest()
    second = publish_report(scored, "complaints", PERIOD)
    assert second.report.name == "投诉分析报告（第2版）.docx"
    assert hashlib.sha256(first.report.read_bytes()).hexdigest() == digest
    issued = [event.payload or "" for event in scored.store.events() if event.verb == "issue"]
    assert any(digest in payload for payload in issued)
    with pytest.raises(InputError, match="不会被覆盖"):
        publish_report(scored, "complaints", PERIOD, path=first.report)


def test_the_appraisal_ranks_every_unit_as_the_overview_does(scored: Workbench) -> None:
    text = text_of(publish_report(scored, "appraisal", PERIOD).report)
    for row in overview(scored, PERIOD).rows:
        assert f"{row.unit.name}（{row.unit.id}）" in text
        assert row.total is None or f"{row.total:.2f}" in text


def test_each_kind_shows_its_due_date_and_its_period_is_of_its_length(scored: Workbench) -> None:
    """5 July for the half year, 5 January for the year."""
    assert str(publish_report(scored, "half-year", PERIOD).due) == "2026-07-05"
    assert "报送期限：2027年1月5日。" in text_of(publish_report(scored, "annual", "2026").report)
    assert "七个评价要素应查" in text_of(publish_report(scored, "self-evaluation", PERIOD).report)
    with pytest.raises(InputError, match="期间应为一年"):
        publish_report(scored, "annual", PERIOD)


def test_the_self_evaluation_scores_every_unit_by_the_elements(scored: Workbench) -> None:
    """Recomputed here from the traces of the cards: what each element's items earned of what was possible, weighed.

    Behind the score of a unit with sheets in draft it says so.
    """
    campaign = scored.campaign(PERIOD)
    homes = {
        item.id: item.element
        for domain in campaign.checklists
        for item in scored.checklist(campaign, domain)[0].items()
    }
    scheme = from_canonical(scored.store.published("scheme", "regulator-2025").content, Scheme)
    expected = {}
    drafts = {row.unit.id: "（含草稿）" if row.drafts else "" for row in overview(scored, PERIOD).rows}
    for unit, card in scorecards(scored, campaign).items():
        sums: dict[str, list[Decimal]] = {}
        for line in (line for domain in card.domains for line in domain.after.trace if line.kind == "item"):
            pair = sums.setdefault(homes.get(line.node_id) or "", [Decimal(0), Decimal(0)])
            pair[0], pair[1] = pair[0] + line.earned, pair[1] + line.possible
        shares = {
            name: (100 * earned / possible).quantize(Decimal("0.01"), ROUND_HALF_UP)
            for name, (earned, possible) in sums.items()
            if name in scheme.weights and possible
        }
        weights = sum(scheme.weights[name] for name in shares)
        total = sum(scheme.weights[name] * share for name, share in shares.items()) / weights
        expected[f"{card.unit.name}（{unit}）"] = f"{total.quantize(Decimal('0.01'), ROUND_HALF_UP)}{drafts[unit]}"
    path = publish_report(scored, "self-evaluation", PERIOD).report
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(path)).tables]
    shown = next({row[0]: row[1] for row in rows[1:]} for rows in tables if rows[0][:2] == ["机构", "自评总分"])
    assert shown == expected
    assert "平均是各机构得分的平均，不是全行的得分，不评等级" in text_of(path)
    assert "总分为暂定" in text_of(path)  # ten points of weight are the bank's to assign


def test_a_units_report_counts_its_own_complaints_alone(scored: Workbench) -> None:
    from xiaobao.features.complaints.reading import bank_ledger, branch_ledger

    whole = bank_ledger(scored, PERIOD)
    assert whole is not None
    units = [unit.id for unit in inspected_units(scored, scored.campaign(PERIOD)) if unit.level == "branch"]
    parts = [branch_ledger(scored, PERIOD, unit) for unit in units]
    assert sum(part.totals.new for part in parts if part) == whole.totals.new
    text = text_of(publish_report(scored, "half-year", PERIOD, units[0]).report)
    assert parts[0] is not None and f"本期新增投诉{parts[0].totals.new}件" in text
    with pytest.raises(InputError, match="没有这个机构"):
        publish_report(scored, "complaints", PERIOD, "9999")


def test_an_edited_draft_is_taken_over_unless_the_data_contradict_it(scored: Workbench, tmp_path: Path) -> None:
    draft = write_draft(scored, "half-year", PERIOD, path=tmp_path / "稿.docx")
    with pytest.raises(InputError, match="不会被覆盖"):
        write_draft(scored, "half-year", PERIOD, path=draft)
    paper = docx.Document(str(draft))
    paper.paragraphs[3].text = "部分网点公示不及时<已整改>。"
    paper.save(str(draft))
    release = publish_report(scored, "half-year", PERIOD, path=tmp_path / "报告.docx", text=draft)
    assert "部分网点公示不及时<已整改>。" in text_of(release.report)
    assert "【编写说明】" not in text_of(release.report)
    paper.paragraphs[3].text = "本期有效投诉99999件。"
    paper.save(str(draft))
    with pytest.raises(InputError, match="与数据不一致"):
        publish_report(scored, "half-year", PERIOD, path=tmp_path / "另.docx", text=draft)
    sessions = read_registers(scored, PERIOD).training
    assert sessions is not None
    paper.paragraphs[3].text = f"本期组织消费者权益保护培训{sessions.sessions + 7}场。"
    paper.save(str(draft))
    with pytest.raises(InputError, match=f"应为：{sessions.sessions}场"):
        publish_report(scored, "half-year", PERIOD, path=tmp_path / "另.docx", text=draft)
    assert not (tmp_path / "另.docx").exists()
    paper.paragraphs[3].text = f"本期组织消费者权益保护培训{sessions.sessions}场。"
    paper.paragraphs[-1].text = "组织培训99场。"  # a plan speaks of what is to come
    paper.save(str(draft))
    release = publish_report(scored, "half-year", PERIOD, path=tmp_path / "另.docx", text=draft)
    assert "组织培训99场。" in text_of(release.report)


def test_a_mismatch_stops_the_release_and_leaves_nothing(
    scored: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xiaobao.publishing import reports

    honest = reports.write_document

    def slip(document: reports.Document, template: Path, path: Path) -> object:
        printed = honest(document, template, path)
        paper = docx.Document(str(path))
        line = next(line for line in paper.paragraphs if "本期新增投诉" in line.text)
        line.text = line.text.replace("新增投诉", "新增投诉1", 1)
        paper.save(str(path))
        return printed

    monkeypatch.setattr(reports, "write_document", slip)
    with pytest.raises(XiaobaoError, match="不一致"):
        publish_report(scored, "complaints", PERIOD, path=tmp_path / "报告.docx")
    assert list(tmp_path.iterdir()) == []


def test_the_command_says_where_the_report_and_its_figures_lie(
    scored: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XIAOBAO_HOME", str(scored.home))
    run = CliRunner().invoke(app, ["report", "half-year", "--period", PERIOD, "-o", str(tmp_path / "甲.docx")])
    assert run.exit_code == 0, run.output
    assert "甲-数字.xlsx" in run.output.replace("\n", "")
    assert "报送期限 2026-07-05" in run.output


def test_of_several_campaigns_one_must_be_named(scored: Workbench, tmp_path: Path) -> None:
    shutil.copytree(scored.home, tmp_path / "bank")
    wb = open_workbench(tmp_path / "bank")
    first = wb.campaign(PERIOD).name
    create_campaign(wb, "专项", PERIOD)
    unit = inspected_units(wb, wb.campaign(PERIOD, first))[0].id
    for kind, asked in (("half-year", ""), ("appraisal", ""), ("inspection", unit), ("self-evaluation", "")):
        with pytest.raises(InputError, match="--campaign"):
            publish_report(wb, kind, PERIOD, asked)
        assert publish_report(wb, kind, PERIOD, asked, campaign=first).report.is_file()
    assert "有得分的0个" in text_of(publish_report(wb, "appraisal", PERIOD, campaign="专项").report)
    with pytest.raises(InputError, match="没有这个检查批次"):
        publish_report(wb, "half-year", PERIOD, campaign="没有")


def test_a_store_put_back_from_yesterday_shows_by_the_reports_that_were_issued_since(
    scored: Workbench, tmp_path: Path
) -> None:
    scored.store.backup(tmp_path / "yesterday.sqlite")
    publish_report(scored, "appraisal", PERIOD, path=tmp_path / "甲.docx")
    release = publish_report(scored, "appraisal", PERIOD, path=tmp_path / "乙.docx")
    assert scored.store.checkpoint_faults(carried_checkpoint(release.report)) == []
    with storing.open(f"sqlite:///{tmp_path / 'yesterday.sqlite'}", read_only=True) as old:
        [fault] = old.checkpoint_faults(carried_checkpoint(release.report))
    assert "换回旧库" in fault
