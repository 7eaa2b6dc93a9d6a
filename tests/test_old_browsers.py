"""What we ship runs in Chromium 86, which desktops of 信创 still have: syntax by esbuild's target, calls, CSS by name.

No such browser is to be had here. The names below came into Chromium later (the version stands beside each); they are
looked for in every script, style sheet and template of ours. What Voila and JupyterLab bring themselves is theirs.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from xiaobao.pages import build

ROOT = Path(__file__).parents[1] / "xiaobao"
CALLS = {
    r"\.at\(": 92, r"\bstructuredClone\b": 98, r"\bObject\.hasOwn\b": 93,
    r"\.findLast(Index)?\(": 97, r"\.to(Sorted|Reversed|Spliced)\(": 110, r"\bObject\.groupBy\b": 117,
    r"\brandomUUID\b": 92, r"\bAbortSignal\.(timeout|any)\b": 103, r"\bcause:": 93, r"\.inert\b": 102,
    r"\bshowPopover\b": 114, r"\bIntl\.Segmenter\b": 87, r"\bURL\.canParse\b": 120, r"\bscrollend\b": 114,
    r"\bPromise\.withResolvers\b": 119, r"\brequestClose\(": 134,
    r"\.(union|difference|intersection|isSubsetOf)\(": 122, r"\breportError\(": 95,
    r"\bcheckVisibility\(": 105, r"\bReadableStream\.from\b": 124, r"\bstartViewTransition\b": 111,
}  # fmt: skip
RULES = {
    r"@container|container-type": 105, r":has\(": 105, r":is\(|:where\(": 88, r"@layer": 99, r"@scope": 118,
    r"aspect-ratio\s*:": 88, r"\binset\s*:": 87, r"accent-color": 93, r"color-mix\(": 111, r"\d[dsl]v[hw]\b": 108,
    r"overflow(-[xy])?\s*:\s*clip": 90, r"scrollbar-gutter": 94, r"text-wrap\s*:": 114, r"subgrid": 117,
    r":not\([^()]*[ ,>+~][^()]*\)": 88, r"field-sizing": 123, r"\boklch\(|\blab\(": 111, r"@starting-style": 117,
    r":user-(in)?valid": 119,
    r"(^|[;{])\s*(translate|rotate|scale)\s*:": 104, r":open\b": 133, r"\blh\b(?=[;}])": 109,
}  # fmt: skip
OLDEST = 86


def shipped(*endings: str) -> list[Path]:
    """Return what we wrote and ship; not the bundle, whose sources are read, nor other people's modules."""
    found = [
        path
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in endings and "node_modules" not in path.parts and path.name != "board.js.new"
    ]
    assert found
    return [path for path in found if path != build.BUNDLE]


def too_new(text: str, names: dict[str, int]) -> Iterator[str]:
    for name, since in names.items():
        if since > OLDEST and (found := re.search(name, text, re.MULTILINE)):
            yield f"{found[0].strip()}: Chromium {since}"


@pytest.fixture(scope="module")
def esbuild() -> Path:
    build.build_bundle()
    found = build.FRONTEND / "node_modules" / ".bin" / "esbuild"
    if not found.is_file():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=build.FRONTEND, check=True)
    return found


def written(esbuild: Path, paths: list[Path], target: str, folder: Path) -> dict[str, str]:
    """Return each file as esbuild writes it for `target`."""
    made = folder / target
    words = [str(esbuild), *map(str, paths), f"--outdir={made}", f"--target={target}", "--log-level=error"]
    words += ["--supported:optional-chain=true"]  # there since 80; esbuild shuns a rare fault of engines before 91
    subprocess.run(words, check=True, capture_output=True)
    return {str(path.relative_to(made)): path.read_text("utf-8") for path in sorted(made.rglob("*.*"))}


def test_esbuild_tells_newer_syntax_by_changing_it(esbuild: Path, tmp_path: Path) -> None:
    texts = {
        "a.js": "class A { static { A.y = 1; } }",
        "b.js": "x ||= 1",
        "c.css": "a{&:hover{top:0}}",
        "d.js": "let x = 1",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, "utf-8")
    paths = [tmp_path / name for name in texts]
    old, new = (written(esbuild, paths, target, tmp_path) for target in ("chrome84", "esnext"))
    assert [name for name in texts if old[name] != new[name]] == ["a.js", "b.js", "c.css"]


def test_syntax_needs_nothing_newer_than_the_oldest_browser_promised(esbuild: Path, tmp_path: Path) -> None:
    """What esbuild writes for that browser is what it writes for the newest: there was nothing to lower."""
    paths = shipped(".js", ".css")
    old, new = (written(esbuild, paths, target, tmp_path) for target in (f"chrome{OLDEST}", "esnext"))
    assert len(old) == len(paths)
    assert [name for name in old if old[name] != new[name]] == []


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("rows.at(-1)", CALLS), ("structuredClone(x)", CALLS), ("seen.difference(all)", CALLS),
        ("@container (max-width:9px){}", RULES), ("a:has(b){}", RULES), ("p{inset:0}", RULES),
        ("button:not(thead button){}", RULES), ("div{height:100dvh}", RULES), ("a{rotate:3deg}", RULES),
    ],
)  # fmt: skip
def test_a_call_or_rule_that_came_later_is_named(text: str, names: dict[str, int]) -> None:
    assert list(too_new(text, names))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("item.at = at", CALLS), ('text.replaceAll(",", "")', CALLS), ("input:not([type=hidden]){}", RULES),
        ("a{transform:rotate(3deg)}", RULES), ("a:focus-visible{gap:1px}", RULES), ("table{line-height:1}", RULES),
    ],
)  # fmt: skip
def test_what_it_knows_is_let_through(text: str, names: dict[str, int]) -> None:
    assert list(too_new(text, names)) == []


def test_no_script_calls_and_no_sheet_says_what_came_later() -> None:
    """Templates hold both."""
    told = [
        f"{path.relative_to(ROOT)}: {fault}"
        for endings, names in ((".js .html .j2", CALLS), (".css .html .j2", RULES))
        for path in shipped(*endings.split())
        for fault in too_new(path.read_text("utf-8"), names)
    ]
    assert told == []
