"""The project keeps its word: floors, locked versions, conda users, two commands, a small public face."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from papermill.engines import papermill_engines

from xiaobao.pages.kernels import KERNEL_NAME

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
DEPENDENCIES = [Requirement(text) for text in PROJECT["project"]["dependencies"]]
EXTRAS = [Requirement(text) for extra in PROJECT["project"]["optional-dependencies"].values() for text in extra]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")

# Lowest versions without a known fault that touches us. The faults are named in docs/decisions.md.
FAULT_FREE = {
    "defusedxml": "0.7.1",
    "docxtpl": "0.20.2",
    "jinja2": "3.1.6",
    "jupyter-core": "5.8",
    "jupyter-server": "2.20.0",
    "jupyterlab": "4.2.5",
    "nbconvert": "7.17.1",
    "openpyxl": "3.1",
    "papermill": "2.7",
    "python-docx": "1.1",
    "tornado": "6.5",
    "voila": "0.5.6",
}


def group(name: str) -> list[Requirement]:
    """Return a dependency group with the groups it includes."""
    found: list[Requirement] = []
    for entry in PROJECT["dependency-groups"][name]:
        found += group(entry["include-group"]) if isinstance(entry, dict) else [Requirement(entry)]
    return found


def locked(name: str) -> dict[str, str]:
    """Return the versions that a lock gives this interpreter."""
    lines = (line for line in (ROOT / name).read_text("utf-8").splitlines() if re.match(r"[a-z0-9]", line))
    pins = (re.fullmatch(r"([a-z0-9-]+)(?:\[[a-z]+\])?==(\S+)(?: ; (.+?))? \\", line) for line in lines)
    return {pin[1]: pin[2] for pin in pins if pin and (not pin[3] or Marker(pin[3]).evaluate())}


def test_no_room_reaches_above_its_floor() -> None:
    """The contracts of pyproject.toml hold; a new module must be given a floor."""
    code = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_public_class_has_a_name_of_its_own() -> None:
    """Who searches for a class by its name finds one: the second meaning takes a longer name."""
    homes: defaultdict[str, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "xiaobao").rglob("*.py")):
        if "node_modules" not in path.parts:
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    homes[node.name].append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert len(homes) > 500
    assert {name: places for name, places in homes.items() if len(places) > 1} == {}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_versions_and_hashes_but_no_place(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert not re.search(r"://|@|--(?:extra-)?index|--find-links|--trusted-host", text)
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[a-z0-9-]+(\[[a-z]+\])?==\S+", entry), entry
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("requirements.lock", DEPENDENCIES + EXTRAS),
        ("requirements-build.lock", group("build")),
        ("requirements-dev.lock", DEPENDENCIES + EXTRAS + group("dev")),
    ],
)
def test_a_lock_holds_every_dependency_within_its_range(name: str, wanted: list[Requirement]) -> None:
    """After a change in pyproject.toml: `make lock`."""
    pins = locked(name)
    for requirement in wanted:
        assert requirement.specifier.contains(pins[canonicalize_name(requirement.name)], prereleases=True), requirement


def test_locks_agree_with_each_other() -> None:
    whole = locked("requirements-dev.lock")
    for name in LOCKS[:2]:
        assert locked(name).items() <= whole.items()


def test_conda_users_get_the_same_ranges() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    *conda, by_pip = environment["dependencies"]
    assert f"python{PROJECT['project']['requires-python']}" in conda
    given = {str(Requirement(text)) for text in by_pip["pip"]}
    assert given == {str(requirement) for requirement in DEPENDENCIES}


@pytest.mark.parametrize("name", sorted(FAULT_FREE))
def test_versions_with_known_faults_cannot_be_installed(name: str) -> None:
    """The range starts at or above the first sound version, and what is installed lies in the range."""
    requirement = next(r for r in DEPENDENCIES if canonicalize_name(r.name) == name)
    floor = next(Version(part.version) for part in requirement.specifier if part.operator == ">=")
    assert floor >= Version(FAULT_FREE[name])
    assert requirement.specifier.contains(version(name), prereleases=True)


def test_the_public_face_is_what_it_says() -> None:
    """Names are sorted and importable, and importing the root stays cheap."""
    code = (
        "import sys, xiaobao\n"
        "heavy = {'pandas', 'pandera', 'openpyxl', 'sqlalchemy', 'ipywidgets', 'docx'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert list(xiaobao.__all__) == sorted(xiaobao.__all__)\n"
        "for name in xiaobao.__all__: getattr(xiaobao, name)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "load",
    [
        "from xiaobao.batch.workers import _STEPS\nfor step in _STEPS: import_module(step.partition(':')[0])",
        "import xiaobao.pages.voila_app",
    ],
    ids=["what executes notebooks", "what serves pages"],
)
def test_no_start_pays_for_a_grammar_of_addresses(load: str) -> None:
    begin, end = (
        "import sys\nfrom importlib import import_module\n",
        "\nprint(*{'nbformat', 'rfc3987_syntax'} & set(sys.modules))",
    )
    code = begin + load + end
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["nbformat"], done.stderr


def test_a_run_through_papermill_uses_the_kernel_of_the_pages() -> None:
    assert papermill_engines.get_engine("xiaobao").kernelspec == KERNEL_NAME


def test_continuous_integration_does_what_a_person_does() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert script.splitlines()[0] == "#!/usr/bin/env bash"
    assert script.rstrip().endswith("make test")


def test_every_target_says_what_it_does() -> None:
    """`make help` lists what the README names."""
    shown = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "serve", "lab", "screenshots", "bundle", "lock", "lint", "clean"):
        assert f"make {target} " in shown


def test_nothing_committed_names_this_machine_or_a_registry() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    hosts = re.compile(rb"/work/(?:main|shared)|registry\.npmjs|pypi\.org|files\.pythonhosted|/opt/pypi")
    own = Path(__file__).relative_to(ROOT).as_posix()
    files = [ROOT / name for name in listed.split("\0") if name and name != own]
    assert not [path.name for path in files if path.is_file() and hosts.search(path.read_bytes())]
