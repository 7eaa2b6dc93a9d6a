"""Find what the package brings along: checklists, notebooks, templates. A checkout goes before an installed copy."""

from __future__ import annotations

from pathlib import Path

from xiaobao.errors import WorkspaceError

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(name: str) -> Path:
    """Return the folder `checklists`, `notebooks` or `reports/templates` as shipped."""
    for root in (_PACKAGE.parent, _PACKAGE / "_data"):
        if (root / name).is_dir() and (root == _PACKAGE / "_data" or (root / "pyproject.toml").is_file()):
            return root / name
    raise WorkspaceError(f"安装不完整：缺少随包文件 {name}，请重新安装 xiaobao")
