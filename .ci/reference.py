"""Write docs/checks.md and the figures that the READMEs quote anew, and add the hashes of new versions of sheets."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from xiaobao.checklist.canonical import sha256
from xiaobao.checklist.figures import as_markdown as figures_table
from xiaobao.checklist.figures import domain_figures
from xiaobao.checks.reference import as_markdown, check_entries
from xiaobao.checks.registry import REGISTRY
from xiaobao.workbench.versions.publishing import read_drafts

ROOT = Path(__file__).parents[1]

drafts = read_drafts(ROOT / "checklists")
entries = check_entries(REGISTRY.values(), drafts.regulations, drafts.checklists)
(ROOT / "docs" / "checks.md").write_text(as_markdown(entries), "utf-8")

table = figures_table(domain_figures(drafts.checklists, drafts.regulations, date.today()))
for name in ("README.md", "README.zh-CN.md"):
    text = (ROOT / name).read_text("utf-8")
    quoted = re.sub(r"(<!-- figures -->\n).*?(<!-- /figures -->)", lambda m: m[1] + table + m[2], text, flags=re.DOTALL)
    (ROOT / name).write_text(quoted, "utf-8")

# What was released never changes: only versions that are not in the file yet are added.
released = ROOT / "checklists" / "released.json"
hashes = json.loads(released.read_text("utf-8")) if released.exists() else {}
for one in (*drafts.checklists, *drafts.schemes):
    hashes.setdefault(f"{one.id} {one.version}", sha256(one))
released.write_text(json.dumps(dict(sorted(hashes.items())), ensure_ascii=False, indent=2) + "\n", "utf-8")
