"""Voila as xiaobao runs it: a start page, only the app notebooks, error texts in Chinese, no tree of files.

Run by `xiaobao.pages.serve`; imports Voila, so nothing else imports it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Awaitable
from pathlib import Path
from typing import Any, ClassVar, cast
from urllib.parse import urlsplit

import tornado.web
import voila.notebook_renderer
from jupyter_server.utils import url_path_join
from voila.app import Voila
from voila.execute import VoilaExecutor
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from xiaobao import errors
from xiaobao.pages.serve import JUPYTER

START = "overview"
PAGES = ("overview", "6_scorecard", "fill", "leads", "corrective_actions", "history", "head_office")
_GENERAL = "程序出错，原因已记入服务器日志。请把页面地址和时间告诉系统管理员。"
_OURS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.XiaobaoError)
}
_STATUS = {403: "没有权限打开这个页面", 404: "没有这个页面", 405: "不支持的操作"}
_PAGE = """<!DOCTYPE html><html lang="zh-CN"><meta charset="utf-8"><title>消保自查</title>
<link rel="icon" href="data:;base64,=">
<style>body{{font:15px/1.7 "Microsoft YaHei","PingFang SC","Noto Sans CJK SC","Source Han Sans SC",sans-serif;
color:#1f2937;max-width:40em;margin:12vh auto;padding:0 24px}}a{{color:#144f8c}}</style>
<h1>{title}</h1><p><a href="{start}">返回总览</a></p></html>"""


class QuietExecutor(VoilaExecutor):
    """Show what our own errors say to people, and of all others only that something broke."""

    def strip_code_cell_errors(self, cell: Any) -> Any:
        """Put our Chinese sentence, or a general one for errors of others, in the place of name and traceback."""
        for output in cell.get("outputs", ()):
            if output["output_type"] == "error":
                said = output["evalue"] if output["ename"] in _OURS else _GENERAL
                output.update(ename="", evalue=said, traceback=[said])
        return cell


class ChinesePage(tornado.web.RequestHandler):
    """Error pages without a word of English and without a link to anywhere."""

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write one Chinese sentence for the status and a link to the overview."""
        start = url_path_join(self.settings["base_url"], "voila/render", f"{START}.ipynb")
        title = _STATUS.get(status_code, "页面暂时打不开，请稍后再试")
        self.finish(_PAGE.format(title=title, start=tornado.escape.xhtml_escape(start)))


class EndKernel(VoilaShutdownKernelHandler):
    """A closed or reloaded page ends its kernel.

    Voila's front end sends no cross-site token, so its own handler answers 403 and the kernel stays. A page of another
    site is told by its Origin instead, and would have to guess the kernel's random id as well.
    """

    def check_xsrf_cookie(self) -> None:
        """Raise HTTPError 403 unless the request's Origin is this very host."""
        origin = urlsplit(self.request.headers.get("Origin", ""))
        if origin.netloc.lower() != self.request.host.lower():
            raise tornado.web.HTTPError(403)


class StartPage(ChinesePage):
    """`/` leads to the overview."""

    def get(self) -> None:
        self.redirect(url_path_join(self.settings["base_url"], "voila/render", f"{START}.ipynb"))


class NotFound(ChinesePage):
    """Whatever no handler is for. Voila's own answer would be an English page."""

    def prepare(self) -> None:
        raise tornado.web.HTTPError(404)


class AppPage(ChinesePage, TornadoVoilaHandler):
    """One app notebook; every other file of the folder does not exist here."""

    async def get(self, path: str | None = None) -> None:
        """Render one of our pages. Raises HTTPError 404 for every other path."""
        if path not in {f"{name}.ipynb" for name in PAGES}:
            raise tornado.web.HTTPError(404)
        await cast("Awaitable[None]", super().get(path))


class XiaobaoPages(Voila):
    """Voila with our handlers in place of its tree, contents and error pages."""

    hidden: ClassVar[tuple[str, ...]] = ("TornadoVoilaTreeHandler", "VoilaContentsHandler", "AllowListFileHandler")

    def init_settings(self) -> Any:
        """Let tornado answer unknown paths by `NotFound`."""
        settings = super().init_settings()
        return {**settings, "default_handler_class": NotFound, "default_handler_args": {}}

    def init_handlers(self) -> list[Any]:
        """Return Voila's handlers without those that list files, two of them replaced by ours, `/` first."""
        kept = [rule for rule in super().init_handlers() if rule[1].__name__ not in self.hidden]
        ours = {TornadoVoilaHandler: AppPage, VoilaShutdownKernelHandler: EndKernel}
        kept = [(rule[0], ours.get(rule[1], rule[1]), *rule[2:]) for rule in kept]
        return [(self.server_url, StartPage), *kept]


def _bank(home: Path) -> str:
    """Return the bank's name for the page header; a broken settings file is said by the notebooks, not here."""
    try:
        return str(tomllib.loads((home / "xiaobao.toml").read_text("utf-8")).get("bank", ""))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return ""


def main() -> None:
    """Start the server with the arguments of the command line."""
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(JUPYTER), os.environ.get("JUPYTER_PATH", "")]))
    voila.notebook_renderer.VoilaExecutor = QuietExecutor
    app = XiaobaoPages.instance()
    app.initialize()
    there = sorted(path.stem for path in Path(app.root_dir).glob("*.ipynb"))
    app.voila_configuration.config.VoilaConfiguration.resources = {
        "bank": _bank(Path(os.environ.get("XIAOBAO_HOME", "."))),
        "pages": [name for name in PAGES if name in there],
    }
    app.start()


if __name__ == "__main__":
    main()
