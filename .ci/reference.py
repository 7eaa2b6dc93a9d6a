"""Write anew what follows from the code: docs/, schema.json, the READMEs' figures, a kernel's files, the kernelspec."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

from command_reference import as_markdown as commands_as_markdown

from xiaobao.checklist.canonical import json_schema, sha256
from xiaobao.checklist.counts import as_markdown as figures_table
from xiaobao.checklist.counts import domain_figures
from xiaobao.checks.reference import as_markdown, check_entries
from xiaobao.checks.registry import REGISTRY
from xiaobao.pages.kernels import FILE, kernelspec_text
from xiaobao.rights import as_markdown as rights_as_markdown
from xiaobao.workbench.versions.publishing import read_drafts

ROOT = Path(__file__).parents[1]

FILE.write_text(kernelspec_text(), "utf-8")

schema = json.dumps(json_schema(), ensure_ascii=False, indent=2)
(ROOT / "checklists" / "schema.json").write_text(schema + "\n", "utf-8")

drafts = read_drafts(ROOT / "checklists")
entries = check_entries(REGISTRY.values(), drafts.regulations, drafts.checklists)
(ROOT / "docs" / "checks.md").write_text(as_markdown(entries), "utf-8")

loaded = """
from xiaobao.batch.warming import warm
from xiaobao.paper.code import loaded_files
warm()
print(*loaded_files(), sep="\\n")
"""
listed = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, check=True).stdout
(ROOT / "xiaobao" / "paper" / "kernel_files.txt").write_text(listed, "utf-8")

(ROOT / "docs" / "commands.md").write_text(commands_as_markdown(), "utf-8")
(ROOT / "docs" / "rights.md").write_text(rights_as_markdown(), "utf-8")

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
