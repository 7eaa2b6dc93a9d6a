"""The board's JavaScript comes from pinned sources, is built once, and once built asks nobody."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.factories.pages import make_overview
from xiaobao.pages import build as board_build
from xiaobao.pages.overview import Board, board_data
from xiaobao.pages.serve import EXTENSIONS, FIXED, JUPYTER, voila_command, voila_environment

NOTICE = Path(__file__).parent.parent / "NOTICE"


def lock() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((board_build.FRONTEND / "package-lock.json").read_text("utf-8"))
    return loaded


@pytest.fixture(scope="module")
def bundle() -> str:
    return board_build.build_bundle().read_text("utf-8")


@pytest.fixture
def frontend(tmp_path: Path) -> Path:
    """A copy of the sources without node_modules."""
    copy = tmp_path / "frontend"
    shutil.copytree(board_build.FRONTEND, copy, ignore=shutil.ignore_patterns("node_modules"))
    return copy


def test_the_lock_holds_versions_and_hashes_but_no_address() -> None:
    text = (board_build.FRONTEND / "package-lock.json").read_text("utf-8")
    assert "resolved" not in text
    assert not re.search(r"https?://(?!github\.com/sponsors)[^\"]*registry", text)
    packages = {name: entry for name, entry in lock()["packages"].items() if name}
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def test_every_direct_dependency_is_pinned_to_one_version() -> None:
    package = json.loads((board_build.FRONTEND / "package.json").read_text("utf-8"))
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert set(versions) == {"echarts", "esbuild"}
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions.values())


def test_the_bundle_is_made_of_the_sources_as_they_are(bundle: str) -> None:
    assert board_build.sources_digest() in bundle.splitlines()[0]


def test_the_bundle_names_no_address_but_xml_names(bundle: str) -> None:
    assert {match[1] for match in re.finditer(r"https?://([\w.-]+)", bundle)} <= {"www.w3.org"}


def test_the_bundle_is_read_by_the_oldest_browser_promised(bundle: str) -> None:
    """No class fields with private names, no static blocks: esbuild lowers them for the stated target."""
    assert not re.search(r"[{;]static\{", bundle)
    assert "chrome86" in board_build.OLDEST


def test_what_is_bundled_is_named_with_its_licence_in_the_notice() -> None:
    text = NOTICE.read_text("utf-8").lower()
    bundled = {
        name.rpartition("node_modules/")[2]
        for name, entry in lock()["packages"].items()
        if name and not entry.get("dev")
    }
    assert bundled == set(board_build.BUNDLED)
    assert all(name in text for name in bundled)


def test_the_licence_texts_travel_with_the_bundle(bundle: str) -> None:
    text = board_build.licences_of(board_build.BUNDLE).read_text("utf-8")
    for part in ("Apache License", "BSD 3-Clause License", "Baidu", "Microsoft Corporation"):
        assert part in text


def test_a_current_bundle_is_not_built_again(bundle: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("npm was run")

    monkeypatch.setattr(subprocess, "run", never)
    assert board_build.build_bundle() == board_build.BUNDLE


def test_a_changed_source_makes_the_bundle_stale(frontend: Path, bundle: str) -> None:
    assert board_build.bundle_is_current(frontend, board_build.BUNDLE)
    (frontend / "src" / "board.js").write_text("// another board\n", "utf-8")
    assert not board_build.bundle_is_current(frontend, board_build.BUNDLE)


def test_without_npm_the_builder_says_what_to_install(
    frontend: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(board_build.BuildError, match=r"Node\.js"):
        board_build.build_bundle(frontend, tmp_path / "board.js")


def test_a_failed_build_leaves_no_bundle(frontend: Path, tmp_path: Path) -> None:
    (frontend / "src" / "board.js").write_text("export default {", "utf-8")
    (frontend / "node_modules").symlink_to(board_build.FRONTEND / "node_modules")
    with pytest.raises(board_build.BuildError):
        board_build.build_bundle(frontend, tmp_path / "board.js")
    assert not (tmp_path / "board.js").exists()


def test_the_template_asks_no_other_host_and_is_chinese() -> None:
    files = [path for path in (JUPYTER / "voila").rglob("*") if path.is_file()]
    text = "\n".join(path.read_text("utf-8") for path in files)
    assert {path.name for path in files} == {"conf.json", "early.js", "index.html.j2", "page.css", "resting.js"}
    assert not re.search(r"https?://|@import|url\(", text)
    assert '<html lang="zh-CN">' in text


def test_voila_listens_on_this_machine_only_shows_no_source_and_culls_idle_kernels(tmp_path: Path) -> None:
    command = voila_command(tmp_path, 8899, base_url="/xiaobao/")
    assert "--Voila.ip=127.0.0.1" in command
    assert {"--strip_sources=True", "--show_tracebacks=False", "--base_url=/xiaobao/", "--port=8899"} <= set(command)
    assert "--NotebookNotary.db_file=:memory:" in command, "a page waits for no disk to ask whether it is trusted"
    assert {"--MappingKernelManager.cull_idle_timeout=900", "--MappingKernelManager.cull_interval=60"} <= set(command)
    assert (FIXED["VoilaConfiguration"]["file_allowlist"], FIXED["VoilaConfiguration"]["file_denylist"]) == ([], [".*"])
    assert FIXED["Voila"]["tornado_settings"] == {"websocket_max_message_size": 209715200}
    assert "@voila-dashboards/widgets-manager8" in EXTENSIONS


def test_kernels_of_pages_know_their_workspace_and_nothing_more_is_added(tmp_path: Path) -> None:
    assert voila_environment(tmp_path, {"PATH": "x"}) == {"PATH": "x", "XIAOBAO_HOME": str(tmp_path.resolve())}


def test_the_board_gets_figures_as_text_with_their_places() -> None:
    sent = board_data(make_overview())
    row = dict(zip(sent["fields"], sent["rows"][0], strict=True))
    assert row["total"] == "96.50"
    assert row["id"] == "0000"
    assert not [value for line in sent["rows"] for value in line if isinstance(value, float)]
    assert sent["rows"][-1][sent["fields"].index("total")] == "—"


def test_the_boards_text_is_the_same_each_time_and_a_table_stands_in_for_it() -> None:
    first, again = Board(make_overview()), Board(make_overview())
    assert repr(first) == repr(again)
    bundle, _ = first._repr_mimebundle_() or ({}, {})
    other, _ = again._repr_mimebundle_() or ({}, {})
    assert bundle["text/html"] == other["text/html"]
    assert "<table" in bundle["text/html"]
    assert "第0分行" in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
