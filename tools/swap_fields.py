"""Exchange two fields of one type where a value is made, and see that a test goes red.

Values are filled by name, so that the order of their fields says nothing. What can still be exchanged is what a call
says: `before=after, after=before`. For every pair below a copy of the tree gets each such call of that class exchanged
and the named tests run on it; a pair whose tests stay green is printed and makes the exit code 1.

    python tools/swap_fields.py              every pair (some minutes)
    python tools/swap_fields.py WorkPaper    the pairs of one class
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SCORING = ("tests/test_scoring_sheets.py", "tests/test_scoring_total.py", "tests/test_scoring_facts.py")
_CARD = ("tests/test_scorecard.py", "tests/test_two_scores.py")
PAIRS = (
    ("WorkPaper", "before", "after", ("tests/test_own_domain.py",)),
    ("PaperResult", "before", "after", ("tests/test_two_scores.py",)),
    ("ResultRecord", "before", "after", ("tests/test_store_records.py",)),
    ("Scorecard", "total", "total_before", _CARD),
    ("Scorecard", "rank", "peers", _CARD),
    ("Scorecard", "previous", "peer_median", _CARD),
    ("DomainScore", "before", "after", _CARD),
    ("DomainScore", "rank", "peers", _CARD),
    ("DomainScore", "confirmed_leads", "refuted_leads", ("tests/test_resolving.py", *_CARD)),
    ("Score", "possible", "earned", _SCORING),
    ("TraceLine", "possible", "earned", _SCORING),
    ("TraceLine", "should_deduct", "deducted", _SCORING),
    ("TraceLine", "node_id", "parent_id", _SCORING),
    ("TraceLine", "explanation", "reason", _SCORING),
    ("Amount", "possible", "earned", _SCORING),
    ("Amount", "shown_possible", "shown_earned", _SCORING),
    ("ItemLoss", "should", "deducted", _SCORING),
    ("RolledUp", "own", "children_mean", _SCORING),
    ("RolledUp", "children", "excluded", _SCORING),
    ("ScoreBridge", "before", "after", ("tests/test_scoring_bridge.py",)),
    ("BridgeStep", "change", "reached", ("tests/test_scoring_bridge.py",)),
    ("Finding", "criteria", "condition", ("tests/test_findings.py",)),
    ("Finding", "title", "recommendation", ("tests/test_findings.py",)),
)


class _Exchange(ast.NodeTransformer):
    """Give two keywords of every call of one class each other's values."""

    def __init__(self, name: str, one: str, other: str) -> None:
        self.name, self.one, self.other, self.found = name, one, other, 0

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        given = {keyword.arg: keyword for keyword in node.keywords}
        same = called == self.name or (called == "cls" and self.name == "Amount")
        if same and self.one in given and self.other in given:
            first, second = given[self.one], given[self.other]
            first.value, second.value = second.value, first.value
            self.found += 1
        return node


def exchange(tree: Path, name: str, one: str, other: str) -> int:
    """Exchange two fields in every call of `name` below `tree`/xiaobao and return how many calls there were."""
    calls = 0
    for path in sorted((tree / "xiaobao").rglob("*.py")):
        text = path.read_text("utf-8")
        if name in text:
            walker = _Exchange(name, one, other)
            changed = walker.visit(ast.parse(text))
            if walker.found:
                path.write_text(ast.unparse(ast.fix_missing_locations(changed)), "utf-8")
                calls += walker.found
    return calls


def goes_red(name: str, one: str, other: str, tests: tuple[str, ...]) -> str:
    """Return what the tests say of an exchanged copy: 红, 绿, or that nobody fills both fields."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", ".*_cache", "docs"))
        if not exchange(tree, name, one, other):
            return "no call fills both"
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
        ran = subprocess.run(command, cwd=tree, env={"PYTHONPATH": str(tree)}, capture_output=True, check=False)
        return "red" if ran.returncode == 1 else f"GREEN ({ran.returncode})"


def main() -> int:
    """Try every pair, or those of the classes named; print one line each."""
    wanted = set(sys.argv[1:])
    unseen = 0
    for name, one, other, tests in PAIRS:
        if not wanted or name in wanted:
            started = time.monotonic()
            said = goes_red(name, one, other, tests)
            unseen += said != "red"
            print(f"{name:12} {one} <-> {other}: {said}, {time.monotonic() - started:.0f} s", flush=True)
    return int(unseen > 0)


if __name__ == "__main__":
    sys.exit(main())
