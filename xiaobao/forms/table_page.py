"""A table page: rows of cells, some of which a person may fill; each row is saved on the revision it was seen at."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from xiaobao.errors import Fault, InputError, StaleRevision, XiaobaoError
from xiaobao.forms.conversing import Page, script
from xiaobao.forms.page_choice import Choices, PageChoice, choices
from xiaobao.forms.uploads import PIECE, Uploads, evidence_sent
from xiaobao.workbench.inspections.evidence import ALLOWED, MEGABYTES
from xiaobao.workbench.workspace import Workbench

TableRow = dict[str, object]
Given = tuple[str, bytes] | None
"""A file that was given with an act: its name and content."""


class TablePage(Page):
    """Subclasses say the columns, read the rows and save one row.

    A part of a column is text, facts, select, area, line, date, files, siblings, links or acts. Buttons of the head and
    acts of a row may ask for `fields`. A row says by `addable` and its acts what whoever looks may do with it.
    """

    _esm = script("core.js", "resting.js", "evidence.js", "table.js")
    columns: Sequence[Mapping[str, object]] = ()
    filters: Sequence[Mapping[str, object]] = ()
    actions: Sequence[Mapping[str, object]] = ()
    empty = ""
    reading = False  # nothing can be changed, so nothing is said of saving
    explicit = False  # a row is saved once its step (`to`) is chosen, and the rows are read anew
    verb = "sheet.see"

    def __init__(self, wb: Workbench, asked: PageChoice) -> None:
        self._wb = wb
        self._chosen = PageChoice()
        self._count = 0
        self._uploads = Uploads()
        self._given: Given = None
        super().__init__(self._open(asked))

    def _shown(self) -> str:
        where = " ".join(part for part in (self._chosen.unit, self._chosen.period, self._chosen.domain) if part)
        return f"{where} 共 {self._count} 条"

    def choices(self, asked: PageChoice) -> Choices:
        """Return what the head of the page offers to choose from."""
        return choices(self._wb, asked, any_unit=True, any_domain=True, verb=self.verb)

    @abstractmethod
    def read_rows(self, chosen: PageChoice) -> list[TableRow]:
        """Return the rows to show: id, revision, cells, tags (what filters compare), locked (cells as text)."""
        raise NotImplementedError

    @abstractmethod
    def save_row(self, row_id: str, cells: Mapping[str, str], seen_revision: int) -> None:
        """Save the changed cells of a row through the verbs of the workbench."""
        raise NotImplementedError

    def offered(self, chosen: PageChoice) -> list[Mapping[str, object]]:
        """Return the buttons of the page's head that whoever looks may press."""
        return list(self.actions)

    def bulk(self, rows: Sequence[TableRow]) -> list[Mapping[str, object]]:
        """Return what may be done to several rows at once: name, title, options, and the ids it may be done to."""
        return []

    def act_on_all(self, name: str, said: str, why: str, rows: Mapping[str, int]) -> Sequence[str]:
        """Do it to all of them or to none; `rows` are ids with the revisions that they were seen at."""
        raise InputError(f"不认识的操作：{name}")

    def act(
        self, name: str, chosen: PageChoice, values: Mapping[str, str]
    ) -> Sequence[str] | Mapping[str, object] | None:
        """Do what a button of the page's head says; return lines to show, or an answer such as a download.

        A file that came along is `self._given`.
        """
        raise InputError(f"不认识的操作：{name}")

    def act_on(
        self, name: str, row_id: str, seen: int, values: Mapping[str, str], file: Given
    ) -> Sequence[str] | Mapping[str, object]:
        """Do what a button of a row says; lines returned are shown in a box and kept nowhere, or it is a download."""
        raise InputError(f"不认识的操作：{name}")

    def add_file(self, row_id: str, part: str, name: str, data: bytes) -> None:
        """Keep a file that was sent for a row."""
        raise InputError("这里不能上传文件")

    def said(self, fault: Fault) -> Fault:
        """Return a fault as it is shown under its row: which row is plain to see, mostly which cell too."""
        return replace(fault, item="", column="")

    def reply(self, content: Mapping[str, object], buffers: Sequence[bytes] = ()) -> Mapping[str, object]:
        """Answer a message of the page: open, save, piece (of a file), evidence, bulk, row, or a button of the head.

        After an act the rows are read anew.
        """
        kind = str(content.get("type"))
        if kind == "open":
            asked = {name: str(content.get(name) or "") for name in ("unit", "period", "domain")}
            return {"type": "state", "state": self._open(PageChoice(**asked))}
        if kind == "save":
            return self._save(content.get("items"))
        if kind == "evidence":
            return evidence_sent(self._wb, content)
        if kind == "piece":
            return self._take_piece(content, b"".join(buffers))
        values = _texts(content.get("values"))
        file = (str(content.get("file") or ""), b"".join(buffers)) if buffers else None
        if kind == "row":
            said = self.act_on(str(content.get("name")), str(content.get("row")), _seen(content), values, file)
            if isinstance(said, Mapping):
                return said
            return {"type": "told", "lines": list(said)} if said else self._anew()
        if kind == "bulk":
            seen = content.get("rows")
            rows = {str(row): number for row, number in (seen if isinstance(seen, dict) else {}).items()}
            name, said, why = (str(content.get(key) or "") for key in ("name", "said", "why"))
            return self._anew(self.act_on_all(name, said, why, self._as_seen(rows)))
        self._given = file
        done = self.act(kind, self._chosen, values)
        return done if isinstance(done, Mapping) else self._anew(done or ())

    def _anew(self, lines: Sequence[str] = ()) -> Mapping[str, object]:
        return {"type": "state", "state": self._open(self._chosen), "lines": list(lines)}

    def _take_piece(self, content: Mapping[str, object], piece: bytes) -> Mapping[str, object]:
        whole = self._uploads.take(content, piece)
        if whole is None:
            return {"type": "piece"}
        row_id = str(content.get("row"))
        self.add_file(row_id, str(content.get("part")), str(content.get("name") or ""), whole)
        rows = {str(row["id"]): row for row in self.read_rows(self._chosen)}
        return {"type": "ack", "saved": {row_id: rows[row_id]} if row_id in rows else {}, "faults": {}, "stale": {}}

    def _as_seen(self, rows: Mapping[str, int]) -> Mapping[str, int]:
        """Return the rows where nobody changed one since they were seen. Raises InputError naming how many were."""
        now = {str(row["id"]): row["revision"] for row in self.read_rows(self._chosen)}
        changed = [one for one, seen in rows.items() if now.get(one) != seen]
        if changed or not rows:
            raise InputError(
                f"有 {len(changed)} 条已被他人更新或撤销，请刷新本页后重新选择" if rows else "没有选中任何一条"
            )
        return rows

    def _open(self, asked: PageChoice) -> dict[str, object]:
        offered = self.choices(asked)
        self._chosen, self._offered_units = offered.chosen, offered.units
        rows, fault = self._rows(offered)
        self._count = len(rows)
        return {
            "title": self.title,
            "bank": self._wb.settings.bank,
            "chooser": offered.plain(),
            "fault": fault,
            "columns": list(self.columns),
            "filters": list(self.filters),
            "actions": self.offered(self._chosen),
            "bulk": self.bulk(rows),
            "limits": {"piece": PIECE, "megabytes": MEGABYTES, "allowed": ALLOWED},
            "empty": self.empty,
            "reading": self.reading,
            "explicit": self.explicit,
            "rows": rows,
        }

    def _rows(self, offered: Choices) -> tuple[list[TableRow], str]:
        if offered.fault or not offered.chosen.period:
            return [], offered.fault
        try:
            return self.read_rows(offered.chosen), ""
        except XiaobaoError as error:
            return [], str(error)

    def _save(self, items: object) -> Mapping[str, object]:
        good: list[str] = []
        faults: dict[str, list[str]] = {}
        outdated: list[str] = []
        for row_id, patch in (items if isinstance(items, dict) else {}).items():
            try:
                cells, seen = _patch(patch)
                self.save_row(row_id, cells, seen)
                good.append(row_id)
            except StaleRevision:
                outdated.append(row_id)
            except XiaobaoError as error:
                faults[row_id] = [str(self.said(fault)) for fault in error.faults]
        rows = {str(row["id"]): row for row in self.read_rows(self._chosen)} if good or outdated else {}
        return {
            "type": "ack",
            "anew": self.explicit and bool(good),
            "saved": {row_id: rows.get(row_id, {}) for row_id in good if row_id in rows or self.explicit},
            "faults": faults,
            "stale": {row_id: rows[row_id] for row_id in outdated if row_id in rows},
        }


def _patch(patch: object) -> tuple[Mapping[str, str], int]:
    """Read an untrusted patch: texts of limited length and the revision they were typed on."""
    fields = patch if isinstance(patch, dict) else {}
    cells, seen = fields.get("cells"), fields.get("revision")
    if not isinstance(cells, dict) or not isinstance(seen, int):
        raise InputError("页面内容不完整，请刷新后重试")
    texts = {str(key): value for key, value in cells.items() if isinstance(value, str)}
    if any(len(text) > 4000 for text in texts.values()):
        raise InputError("文字太长，不超过 4000 字")
    return texts, seen


def _texts(values: object) -> dict[str, str]:
    """Read untrusted texts of limited length."""
    found = {str(key): one for key, one in (values if isinstance(values, dict) else {}).items() if isinstance(one, str)}
    if any(len(text) > 4000 for text in found.values()):
        raise InputError("文字太长，不超过 4000 字")
    return found


def _seen(content: Mapping[str, object]) -> int:
    seen = content.get("revision")
    return seen if isinstance(seen, int) else 0
