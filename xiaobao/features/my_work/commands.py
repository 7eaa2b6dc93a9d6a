"""`xiaobao notify`: the morning digest of every registered person, on the screen, as files, or by e-mail."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from xiaobao.errors import Fault, UsageError, XiaobaoError, machine_words
from xiaobao.features.my_work.digest import Digest, digests
from xiaobao.features.my_work.sending import send_digests
from xiaobao.files import write_text
from xiaobao.model import to_plain
from xiaobao.terminal.output import JsonOption, bench, out, say

_ALONE = "单机"


def notify(
    login: Annotated[list[str] | None, typer.Option("--login", help="只给此人，可多次；不写则给登记的每个人")] = None,
    folder: Annotated[Path | None, typer.Option("--folder", help="每人写一个 .txt 到此文件夹")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="由 xiaobao.toml 的 [smtp] 所设邮件服务器发送")] = False,
    as_json: JsonOption = False,
) -> None:
    if mail and folder:
        raise UsageError("--folder 和 --mail 请择一")
    wb = bench(read_only=True)
    found = list(digests(wb, tuple(login or ())))
    if mail and not all(one.login for one in found):
        raise UsageError("还没有登记人员，不能发邮件；请先用 xiaobao people add 登记人员")
    if folder:
        _write(folder, found)
        say(f"已写出 {len(found)} 份到 {folder}")
    elif mail:
        waiting = [one for one in found if one.count]
        sent, faults = send_digests(wb.settings.smtp, waiting)
        say(f"已发送 {sent} 封，没有待办未发 {len(found) - len(waiting)} 人")
        if faults:
            raise XiaobaoError(faults)
    else:
        out(to_plain(found), as_json, lambda: say("\n".join(one.text for one in found)))


def _write(folder: Path, found: Sequence[Digest]) -> None:
    """Write one file a person, readable for nobody else, in the place of yesterday's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for one in found:
            write_text(folder / f"{one.login or _ALONE}.txt", one.text, mode=0o600, durable=False)
    except OSError as error:
        raise XiaobaoError(Fault(f"写不进文件夹：{machine_words(error)}", file=str(folder))) from error
