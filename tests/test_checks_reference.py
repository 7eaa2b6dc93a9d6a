"""docs/checks.md says what the registry says, in words, with the item that asks each check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.factories.shipped import CHECK_IDS
from xiaobao.checklist.models import Regulations
from xiaobao.checks.reference import CheckEntry, as_markdown, check_entries
from xiaobao.checks.registry import REGISTRY
from xiaobao.workbench.versions.publishing import read_drafts

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def entries() -> dict[str, CheckEntry]:
    drafts = read_drafts(ROOT / "checklists")
    made = check_entries(REGISTRY.values(), drafts.regulations, drafts.checklists)
    return {entry.id: entry for entry in made}


def test_the_page_in_docs_is_what_the_registry_and_the_checklists_say(entries: dict[str, CheckEntry]) -> None:
    """`make reference` writes it anew."""
    written = (ROOT / "docs" / "checks.md").read_text("utf-8")
    assert written == as_markdown(list(entries.values()))


def test_every_check_stands_there_once_with_the_one_item_that_asks_it(entries: dict[str, CheckEntry]) -> None:
    assert set(entries) == CHECK_IDS
    assert {name: len(entry.items) for name, entry in entries.items()} == dict.fromkeys(CHECK_IDS, 1)


def test_an_entry_speaks_in_words_and_days(entries: dict[str, CheckEntry]) -> None:
    entry = entries["suitability.assessments_per_day"]
    assert entry.domain == "适当性管理"
    assert entry.data == ("风险测评",)
    assert "测评时间" in entry.columns
    assert str(entry.since) == "2026-02-01"
    assert entry.bases[0][0] == "《金融机构产品适当性管理办法》（国家金融监督管理总局令2025年第7号）第二十九条"
    assert [item for _, item, _ in entry.items] == ["SUI-02"]


def test_the_first_day_is_the_earliest_of_several_bases(entries: dict[str, CheckEntry]) -> None:
    assert str(entries["suitability.product_above_customer"].since) == "2023-03-01"


def test_what_nobody_verified_is_named_without_its_article() -> None:
    none = check_entries([REGISTRY["complaints.overdue"]], Regulations(documents=()), ())
    assert {text for text, _ in none[0].bases} == {"引用未核实"}
    assert none[0].since is None


def test_the_command_lists_and_writes_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.factories.kept import new_workspace
    from xiaobao.cli.checklists import list_checks

    new_workspace(tmp_path / "bank").store.close()
    monkeypatch.setenv("XIAOBAO_HOME", str(tmp_path / "bank"))
    list_checks(as_json=True, markdown=False, output=None)
    assert {entry["id"] for entry in json.loads(capsys.readouterr().out)} == CHECK_IDS
    list_checks(as_json=False, markdown=False, output=tmp_path / "checks.md")
    assert (tmp_path / "checks.md").read_text("utf-8") == (ROOT / "docs" / "checks.md").read_text("utf-8")
