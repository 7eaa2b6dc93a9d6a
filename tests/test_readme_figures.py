"""The READMEs quote what the command prints."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from xiaobao.checklist.counts import as_markdown, domain_figures
from xiaobao.checks.registry import REGISTRY
from xiaobao.workbench.versions.publishing import read_drafts

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("name", ["README.md", "README.zh-CN.md"])
def test_the_readme_quotes_the_figures_of_the_shipped_checklists(name: str) -> None:
    """`make reference` writes them anew. The shipped folder has no fault, else it could not be read."""
    drafts = read_drafts(ROOT / "checklists")
    table = as_markdown(domain_figures(drafts.checklists, drafts.regulations, date.today()))
    quoted = (ROOT / name).read_text("utf-8").split("<!-- figures -->\n")[1].split("<!-- /figures -->")[0]
    assert quoted == table


def test_the_readmes_count_checks_and_checklists() -> None:
    lists, checks = len(read_drafts(ROOT / "checklists").checklists), len(REGISTRY)
    assert f"{lists} checklists as data,\n{checks} checks over" in (ROOT / "README.md").read_text("utf-8")
    assert f"{checks} 项" in (ROOT / "README.zh-CN.md").read_text("utf-8")
