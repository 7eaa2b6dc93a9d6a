"""Notebooks of a workspace: the shipped ones, or such as show a made overview and scorecard without a store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import nbformat

from tests.factories.kept import new_store
from xiaobao.model import to_plain
from xiaobao.scorecard import Overview, Scorecard

SHIPPED = Path(__file__).parents[2] / "notebooks"
_IMPORTS = """import json, os
from pathlib import Path
from msgspec.structs import replace
from xiaobao import pages
from xiaobao.pages import views
from xiaobao.model import from_plain
from xiaobao.scorecard import Overview, Scorecard
home = Path(os.environ["XIAOBAO_HOME"])"""
_BOARD = 'pages.board(from_plain(Overview, json.loads((home / "overview.json").read_text("utf-8"))))'
_CARD = """unit, period = pages.page_parameters(unit="0007", period="2026H1")
card = from_plain(Scorecard, json.loads((home / "card.json").read_text("utf-8")))
card = replace(card, unit=replace(card.unit, id=unit), period=period)
views.card_heading(card)"""


def copy_notebooks(home: Path, *names: str) -> None:
    """Copy shipped notebooks into a workspace, by their names without ending."""
    for name in names:
        shutil.copy(SHIPPED / f"{name}.ipynb", home / "notebooks")


def write_page_workspace(home: Path, overview: Overview, card: Scorecard) -> Path:
    """Write a bare workspace whose two page notebooks show these values; return its notebooks folder."""
    folder = home / "notebooks"
    folder.mkdir(parents=True)
    (home / "xiaobao.toml").write_text('bank = "示例农商银行"\n', "utf-8")
    new_store(home)
    (home / "overview.json").write_text(json.dumps(to_plain(overview), ensure_ascii=False), "utf-8")
    (home / "card.json").write_text(json.dumps(to_plain(card), ensure_ascii=False), "utf-8")
    _write(folder / "overview.ipynb", "# 总览", _IMPORTS, _BOARD)
    drawn = [f"views.{name}(card)" for name in ("domains", "card_losses", "card_findings", "card_leads", "trend")]
    _write(folder / "6_scorecard.ipynb", "# 考评得分表", _IMPORTS, _CARD, *drawn)
    _write(folder / "leads.ipynb", "# 疑点", 'raise RuntimeError("secret path /srv/bank")')
    _write(folder / "4_complaints.ipynb", "# 投诉处理", "1 + 1")
    return folder


def _write(path: Path, title: str, *code: str) -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.metadata.kernelspec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook.cells = [nbformat.v4.new_markdown_cell(title), *map(nbformat.v4.new_code_cell, code)]
    nbformat.write(notebook, path)
