"""Write docs/checks.md anew from the registry of checks and the checklists of this checkout."""

from __future__ import annotations

from pathlib import Path

import xiaobao.checks  # noqa: F401  (fills the registry)
from xiaobao.checks.reference import as_markdown, check_entries
from xiaobao.checks.registry import REGISTRY
from xiaobao.workbench.publishing_checklists import read_drafts

ROOT = Path(__file__).parents[1]

drafts = read_drafts(ROOT / "checklists")
entries = check_entries(REGISTRY.values(), drafts.regulations, drafts.checklists)
(ROOT / "docs" / "checks.md").write_text(as_markdown(entries), "utf-8")
