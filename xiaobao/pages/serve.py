"""Serve the pages: Voila over the workspace's app notebooks, on this machine, or to people who sign in."""

from __future__ import annotations

import errno
import ipaddress
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.errors import Fault, WorkspaceError

if TYPE_CHECKING:
    from xiaobao.workbench.workspace import Workbench

ADDRESS = "127.0.0.1"
JUPYTER = Path(__file__).parent / "jupyter"
TEMPLATE = "xiaobao"
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget")
_IDLE_SECONDS = 900
_END_SECONDS = 15
_CULL_SECONDS = 60
# Lists and tables that nobody chooses: on the command line they would be warned of in English.
FIXED: dict[str, dict[str, object]] = {
    "VoilaConfiguration": {"extension_allowlist": list(EXTENSIONS), "file_allowlist": [], "file_denylist": [".*"]},
    "Voila": {"tornado_settings": {"websocket_max_message_size": 200 * 1024 * 1024}},
}


@dataclass(frozen=True, kw_only=True)
class Listening:
    """Where to listen and how: address, certificate and key, names that are answered besides this machine's own."""

    ip: str = ADDRESS
    certfile: str = ""
    keyfile: str = ""
    hosts: tuple[str, ...] = ()


def voila_command(
    home: Path,
    port: int,
    *,
    notebooks: Path | None = None,
    open_browser: bool = False,
    base_url: str = "/",
    listening: Listening = Listening(),
) -> list[str]:
    """Return the command that serves workspace `home`; `notebooks` defaults to its folder of that name.

    Who may come in, the server asks the workspace's store (`voila_app`). Kernels of closed tabs end by idle culling as
    well, for a page that was killed says no word.
    """
    folder = notebooks or home / "notebooks"
    return [
        sys.executable,
        "-m",
        "xiaobao.pages.voila_app",
        str(folder),
        f"--port={port}",
        f"--Voila.ip={listening.ip}",
        "--Voila.port_retries=0",
        f"--base_url={base_url}",
        "--Voila.open_browser=False",
        f"--XiaobaoPages.show_link={open_browser}",
        f"--XiaobaoPages.certfile={listening.certfile}",
        f"--XiaobaoPages.keyfile={listening.keyfile}",
        *(f"--XiaobaoPages.hosts={host}" for host in listening.hosts),
        f"--template={TEMPLATE}",
        "--theme=light",
        "--VoilaConfiguration.kernel_spec_manager_class=xiaobao.pages.kernels.ServedKernels",
        "--strip_sources=True",
        "--show_tracebacks=False",
        "--VoilaConfiguration.allow_template_override=NO",
        "--VoilaConfiguration.allow_theme_override=NO",
        "--NotebookNotary.db_file=:memory:",  # a page asks nobody's signature, and waited for a disk to look for it
        f"--MappingKernelManager.cull_idle_timeout={_IDLE_SECONDS}",
        f"--MappingKernelManager.cull_interval={_CULL_SECONDS}",
    ]


def voila_environment(home: Path, base: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment that kernels start in: which workspace it is. The template's place the app adds itself."""
    return {**(os.environ if base is None else base), "XIAOBAO_HOME": str(home.resolve())}


def serve(
    home: Path, port: int = 8866, open_browser: bool = False, base_url: str = "/", listening: Listening = Listening()
) -> int:
    """Serve until interrupted or terminated; return the server's exit code.

    Raises WorkspaceError when there are no notebooks, the port is taken, or the certificate cannot be read.
    """
    folder = home / "notebooks"
    if not (folder / "overview.ipynb").is_file():
        why = "工作区里没有页面笔记本，请先运行 xiaobao init 或 xiaobao demo"
        raise WorkspaceError(Fault(why, file=folder.name))
    _refuse_taken(port, listening.ip)
    _refuse_unreadable(listening)
    command = voila_command(home, port, open_browser=open_browser, base_url=base_url, listening=listening)
    command.append("--Voila.log_level=ERROR")
    # A service that systemd or a person stops ends as by Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    # What libraries warn of is for developers, in English; errors still come.
    environment = {**voila_environment(home), "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        return process.wait()
    except KeyboardInterrupt:
        return 0
    finally:
        signal.signal(signal.SIGTERM, before)
        _end(process)


def warnings(wb: Workbench, listening: Listening) -> tuple[str, ...]:
    """Return what whoever serves these pages must know. Raises WorkspaceError where others would come in unknown."""
    near = is_loopback(listening.ip)
    if not near and not wb.store.anybody():
        why = "还没有登记人员，只能在本机（127.0.0.1）使用；请先用 xiaobao people add 登记人员"
        raise WorkspaceError(Fault(why, value=listening.ip))
    if near or listening.certfile or wb.settings.serve.proxy.addresses:
        return ()
    return ("没有证书也没有代理：密码和客户资料在网络上不加密，他人可以看到。请用 --certfile、--keyfile 或前置代理",)


def is_loopback(address: str) -> bool:
    """Tell whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"


def _refuse_taken(port: int, ip: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise WorkspaceError(Fault("端口已被占用，请用 --port 换一个", value=str(port))) from None
            raise WorkspaceError(Fault(f"不能在这个地址上提供页面：{error.strerror}", value=f"{ip}:{port}")) from None


def _refuse_unreadable(listening: Listening) -> None:
    if not listening.certfile:
        if listening.keyfile:
            raise WorkspaceError("有 --keyfile 还须有 --certfile")
        return
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(listening.certfile, listening.keyfile or None, lambda: "")
    except (OSError, ValueError):
        why = "证书或密钥读不出来、不配对或有口令；须是 PEM 格式"
        raise WorkspaceError(Fault(why, file=listening.certfile)) from None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the server, and with it its kernels."""
    process.terminate()
    try:
        process.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
