"""离线填报: export the workbook, take filled ones in with their files, decide cell by cell what two people said."""

from __future__ import annotations

import base64
import tempfile
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from xiaobao.errors import Fault, InputError
from xiaobao.forms.page_choice import PageChoice, choose, open_for_writing
from xiaobao.forms.showing import beijing
from xiaobao.forms.table_page import TablePage, TableRow
from xiaobao.forms.uploads import PIECE, Uploads
from xiaobao.publishing import publish_conflicts, publish_fill_sheets
from xiaobao.workbench.inspections.evidence import ALLOWED, MEGABYTES, display_name
from xiaobao.workbench.inspections.offline_round import (
    Conflict,
    OfflineRound,
    decide_book,
    decide_conflicts,
    import_book,
)
from xiaobao.workbook.conflicts import is_conflict_book, read_conflicts
from xiaobao.workbook.fill_sheets import is_offline_book, read_offline_book

_MOST = 200 * 1024 * 1024
_MINE, _THEIRS = "mine", "theirs"
_SIDES = ((_MINE, "我填的"), (_THEIRS, "现在的"))


class OfflinePage(TablePage):
    """Conflicts of the workbook last taken in, as rows; files that were chosen wait until they are taken in."""

    title: ClassVar[str] = "离线填报"
    verb = "sheet.export"
    empty = "导出填报表给机构填写；填好后选择填报表和它的佐证文件，再点“导入”。别人改过的答复会列在这里，逐格选定。"
    columns = (
        {
            "title": "哪一项",
            "width": "30%",
            "parts": [{"key": "title", "kind": "text", "strong": True}, {"key": "column", "kind": "text"}],
        },
        {"title": "我填的", "width": "25%", "parts": [{"key": "mine", "kind": "text"}]},
        {
            "title": "现在的",
            "width": "25%",
            "parts": [{"key": "theirs", "kind": "text"}, {"key": "by", "kind": "facts"}],
        },
        {
            "title": "采用",
            "width": "20%",
            "parts": [
                {
                    "key": "side",
                    "kind": "select",
                    "title": "采用",
                    "blank": "请选择",
                    "options": [list(side) for side in _SIDES],
                }
            ],
        },
    )

    def __init__(self, wb: Any, asked: PageChoice) -> None:
        self._files: dict[str, bytes] = {}
        self._uploads = Uploads()
        self._found: OfflineRound | None = None
        self._sides: dict[str, str] = {}
        self._notice = ""
        super().__init__(wb, asked)

    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return each cell that waits for a decision, with the side chosen so far."""
        return [self._row(place, one) for place, one in enumerate(self._waiting())]

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        buttons: list[Mapping[str, object]] = []
        if chosen.unit and chosen.period:
            buttons.append({"name": "export", "title": "导出填报表"})
        buttons += [{"name": "take", "title": f"导入所选 {len(self._files)} 个文件"}] if self._files else []
        if self._waiting():
            buttons += [{"name": "decide", "title": "按选定的保存"}, {"name": "marked", "title": "导出冲突清单"}]
        return buttons

    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Note the side chosen for one cell; nothing is saved before all are decided together."""
        if cells.get("side", "") not in ("", _MINE, _THEIRS):
            raise InputError(Fault("不在可选范围内", value=cells["side"]))
        self._sides[row_id] = cells.get("side", "")

    def reply(self, content: Mapping[str, object], buffers: Sequence[bytes] = ()) -> Mapping[str, object]:
        """Answer as a table does; beside, take pieces of files and hand out workbooks."""
        kind = content.get("type")
        if kind == "piece":
            return self._take_piece(content, b"".join(buffers))
        if kind == "export":
            return self._export()
        if kind == "marked":
            return self._marked()
        return super().reply(content, buffers)

    def act(self, name: str, chosen: PageChoice, values: Mapping[str, str]) -> None:
        """`take` what was chosen in, or `decide` what was found. Raises InputError for another name."""
        if name == "take":
            self._show(self._taken())
        elif name == "decide":
            self._show(self._decided())
        else:
            super().act(name, chosen, values)

    def _open(self, asked: PageChoice) -> dict[str, object]:
        limits = {"piece": PIECE, "megabytes": MEGABYTES, "allowed": ALLOWED}
        state = super()._open(asked)
        names = "、".join(self._files)
        notice = "\n".join(filter(None, (self._notice, f"已选择：{names}" if names else "")))
        return state | {"upload": "选择填好的文件", "limits": limits, "notice": notice}

    def _taken(self) -> OfflineRound:
        """Take in the one workbook of ours among the files chosen, the others as its evidence."""
        with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder:
            books = {}
            for number, (name, data) in enumerate(self._files.items()):
                if name.lower().endswith(".xlsx"):
                    (Path(folder) / str(number)).mkdir()
                    books[name] = Path(folder) / str(number) / name
                    books[name].write_bytes(data)
            ours = [name for name, path in books.items() if len(books) == 1 or _is_ours(path)]
            if len(ours) != 1:
                self._files = {}
                found = "没有填报表或冲突清单" if not ours else f"有 {len(ours)} 个填报表：{'、'.join(ours)}"
                raise InputError(Fault(f"所选文件中{found}", allowed="一个填报表，连同它的佐证文件"))
            [name] = ours
            files, self._files = {one: data for one, data in self._files.items() if one != name}, {}
            if is_conflict_book(books[name]):
                return decide_book(self._wb, read_conflicts(books[name]))
            return import_book(self._wb, read_offline_book(books[name]), files=files)

    def _decided(self) -> OfflineRound:
        found, waiting = self._found, self._waiting()
        if found is None:
            raise InputError("没有待选定的内容")
        open_cells = [one for place, one in enumerate(waiting) if not self._sides.get(str(place))]
        if open_cells:
            raise InputError(f"还有 {len(open_cells)} 格没有选定")
        mine = [(one.key, one.column) for place, one in enumerate(waiting) if self._sides[str(place)] == _MINE]
        return decide_conflicts(self._wb, found, mine)

    def _show(self, found: OfflineRound) -> None:
        self._found, self._sides, self._notice = found if found.conflicts else None, {}, found.text()

    def _waiting(self) -> tuple[Conflict, ...]:
        return self._found.conflicts if self._found else ()

    def _take_piece(self, content: Mapping[str, object], piece: bytes) -> Mapping[str, object]:
        whole = self._uploads.take(content, piece)
        if whole is None:
            return {"type": "piece"}
        if sum(map(len, self._files.values())) + len(whole) > _MOST:
            raise InputError(Fault("一次导入的文件太多", allowed=f"合计不超过 {_MOST >> 20} MB"))
        self._files[display_name(unicodedata.normalize("NFC", str(content.get("name") or "")))] = whole
        return {"type": "piece", "file": len(self._files)}

    def _export(self) -> Mapping[str, object]:
        chosen = self._chosen
        name = f"填报表-{chosen.unit}-{chosen.period.replace('/', '-')}.xlsx"
        domains = [chosen.domain] if chosen.domain else []
        with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder:
            path = Path(folder) / name
            publish_fill_sheets(self._wb, chosen.unit, chosen.period, path, domains)
            return _handed_out(path)

    def _marked(self) -> Mapping[str, object]:
        if self._found is None:
            raise InputError("没有待选定的内容")
        with tempfile.TemporaryDirectory(prefix="xiaobao-") as folder:
            path = Path(folder) / "填报冲突清单.xlsx"
            publish_conflicts(self._wb, self._found, path)
            return _handed_out(path)

    def _row(self, place: int, one: Conflict) -> TableRow:
        by = {"更新人": one.by, "时间": beijing(one.at) if one.at else ""}
        shown = {
            "title": one.title,
            "column": one.column,
            "mine": one.mine or "（空）",
            "theirs": one.theirs or "（空）",
        }
        return {
            "id": str(place),
            "revision": 0,
            "locked": [],
            "tags": {},
            "cells": {**shown, "by": by, "side": self._sides.get(str(place), "")},
        }


def offline(unit: str = "", period: str = "", workspace: str = "", as_of: str = "") -> OfflinePage:
    """打开离线填报：下载填报表、传回填好的；网页地址里的 ?unit=&period= 优先于参数。"""
    return OfflinePage(open_for_writing(workspace, as_of), choose(unit, period, ""))


def _is_ours(path: Path) -> bool:
    """Tell a workbook that we gave out from a spreadsheet that is evidence, also where it was damaged since."""
    try:
        return is_offline_book(path) or is_conflict_book(path)
    except InputError:
        return False


def _handed_out(path: Path) -> Mapping[str, object]:
    return {"type": "file", "name": path.name, "content": base64.b64encode(path.read_bytes()).decode()}
