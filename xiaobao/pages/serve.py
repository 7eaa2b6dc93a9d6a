"""Serve the pages: Voila over the workspace's app notebooks, on this machine only."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from xiaobao.errors import Fault, WorkspaceError

ADDRESS = "127.0.0.1"
JUPYTER = Path(__file__).parent / "jupyter"
TEMPLATE = "xiaobao"
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget")
_IDLE_SECONDS = 900
_END_SECONDS = 15
_CULL_SECONDS = 60
_MESSAGE_BYTES = 200 * 1024 * 1024


def voila_command(
    home: Path, port: int, *, notebooks: Path | None = None, open_browser: bool = False, base_url: str = "/"
) -> list[str]:
    """Return the command that serves workspace `home`; `notebooks` defaults to its folder of that name.

    Only loopback is bound and no token asked: whoever works on this machine may look, nobody else can. To share
    pages, put a proxy that knows people in front (docs/deploy.md). Kernels of closed tabs end by idle culling, for
    Voila's own shutdown call is refused without a cross-site token.
    """
    folder = notebooks or home / "notebooks"
    return [
        sys.executable,
        "-m",
        "xiaobao.pages.voila_app",
        str(folder),
        f"--port={port}",
        f"--Voila.ip={ADDRESS}",
        "--Voila.port_retries=0",
        f"--base_url={base_url}",
        f"--Voila.open_browser={open_browser}",
        f"--template={TEMPLATE}",
        "--theme=light",
        f"--VoilaConfiguration.extension_allowlist={list(EXTENSIONS)!r}",
        "--VoilaConfiguration.file_allowlist=[]",
        "--VoilaConfiguration.file_denylist=['.*']",
        "--VoilaConfiguration.kernel_spec_manager_class=xiaobao.pages.kernels.ServedKernels",
        "--strip_sources=True",
        "--show_tracebacks=False",
        "--VoilaConfiguration.allow_template_override=NO",
        "--VoilaConfiguration.allow_theme_override=NO",
        f"--MappingKernelManager.cull_idle_timeout={_IDLE_SECONDS}",
        f"--MappingKernelManager.cull_interval={_CULL_SECONDS}",
        f"--Voila.tornado_settings={{'websocket_max_message_size': {_MESSAGE_BYTES}}}",
    ]


def voila_environment(home: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment that kernels start in: which workspace it is. The template's place the app adds itself."""
    return {**(os.environ if base is None else base), "XIAOBAO_HOME": str(home.resolve())}


def serve(home: Path, port: int = 8866, open_browser: bool = False, base_url: str = "/") -> int:
    """Serve until interrupted or terminated; return the server's exit code.

    Raises WorkspaceError when there are no notebooks or the port is taken.
    """
    folder = home / "notebooks"
    if not (folder / "overview.ipynb").is_file():
        why = "工作区里没有页面笔记本，请先运行 xiaobao init 或 xiaobao demo"
        raise WorkspaceError(Fault(why, file=folder.name))
    _refuse_taken(port)
    command = voila_command(home, port, open_browser=open_browser, base_url=base_url)
    # A service that its keeper stops ends as by Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    process = subprocess.Popen(command, env=voila_environment(home), cwd=folder)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
        _end(process)


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise WorkspaceError(Fault("端口已被占用，请用 --port 换一个", value=str(port))) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server, and with it its kernels."""
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
