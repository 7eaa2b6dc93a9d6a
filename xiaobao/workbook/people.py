"""人员名单: a template and proposals out as Excel, filled lists back; a row is a seat, so a person may have several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.cells import Manner, Unreadable, parse_cell
from xiaobao.datasets.workbooks import RawSheet, read_workbook
from xiaobao.errors import Fault, InputError
from xiaobao.labels import DOMAINS, ROLES
from xiaobao.model import Seat, folded_name
from xiaobao.workbench.people import PersonEntry
from xiaobao.workbook.book import Book, SheetCell, SheetColumn

_SHEET = "人员"
_ROWS = 50_000
_COLUMNS = (
    SheetColumn(title="登录名", width=14, answer=True),
    SheetColumn(title="姓名", width=12, answer=True),
    SheetColumn(title="机构号", width=12, answer=True),
    SheetColumn(title="角色", width=14, answer=True),
    SheetColumn(title="条线", width=24, answer=True),
    SheetColumn(title="任职起", width=12, answer=True),
    SheetColumn(title="任职止", width=12, answer=True),
    SheetColumn(title="系统用户", width=14, answer=True),
)
_TITLES = tuple(column.title for column in _COLUMNS)
_WANTED = ("登录名", "姓名", "机构号", "角色")
_ROLES = {title: role for role, title in ROLES.items()}
_LINES = {title: code for code, title in DOMAINS.items()}
_DAY = next(column for column in DATASETS["staff"].columns if column.name == "from_date")
_ABOVE = (
    "人员名单",
    "一行一个任职；同一登录名可有多行。总行部门的角色可以不写机构号；条线部门在“条线”写检查域（顿号分隔）。",
    "系统用户：在命令行和 JupyterLab 使用时对应的操作系统用户名，可以不填。",
)


def write_people(entries: Sequence[PersonEntry], path: Path, *, author: str, day: date) -> None:
    """Write the list, empty as a template, with blank rows to be filled; roles are chosen from a list."""
    rows = [row for entry in entries for row in _rows(entry)]
    blank: list[list[SheetCell]] = [[None] * len(_COLUMNS) for _ in range(50)]
    with Book(path, _ABOVE[0], author, day) as book:
        sheet, head, count = book.table(_SHEET, _COLUMNS, [*rows, *blank], above=_ABOVE)
        place = _TITLES.index("角色")
        choice = {"validate": "list", "source": list(_ROLES), "error_message": "请从列表选择角色"}
        sheet.data_validation(head + 1, place, head + count, place, choice)


def _rows(entry: PersonEntry) -> list[list[SheetCell]]:
    titles = {code: title for title, code in _LINES.items()}
    return [
        [
            entry.login,
            entry.name or "",
            seat.unit,
            ROLES[seat.role],
            "、".join(titles.get(line, line) for line in seat.lines),
            seat.since.isoformat() if seat.since else "",
            seat.until.isoformat() if seat.until else "",
            (entry.system_user or "") if place == 0 else "",
        ]
        for place, seat in enumerate(entry.seats)
    ]


def read_people(path: Path) -> tuple[PersonEntry, ...]:
    """Read a filled list. Raises InputError with every fault by row and column."""
    if not path.is_file():
        raise InputError(Fault("文件不存在", file=path.name))
    book = read_workbook(path, _ROWS)
    sheets = [sheet for sheet in book.sheets if sheet.state == "visible"]
    named = [sheet for sheet in sheets if sheet.name == _SHEET] or sheets[:1]
    if not named:
        raise InputError(Fault("没有工作表", file=path.name))
    return _Reading(path.name, named[0], Manner(epoch=book.epoch)).entries()


class _Reading:
    """Reads one sheet and gathers what is wrong with each cell."""

    def __init__(self, file: str, sheet: RawSheet, manner: Manner) -> None:
        self.file, self.sheet, self.manner = file, sheet, manner
        self.faults: list[Fault] = []

    def entries(self) -> tuple[PersonEntry, ...]:
        head, places = self._head()
        found: dict[str, PersonEntry] = {}
        for number, cells in self.sheet.rows:
            named = {title: cells[place].strip() if place < len(cells) else "" for title, place in places.items()}
            if number > head and any(named.values()):
                self._take(found, number, named)
        if not found and not self.faults:
            self.faults.append(Fault("没有填写任何人员", file=self.file, sheet=self.sheet.name))
        if self.faults:
            raise InputError(self.faults)
        return tuple(found.values())

    def _head(self) -> tuple[int, Mapping[str, int]]:
        for number, cells in self.sheet.rows[:20]:
            places = {cell.strip(): place for place, cell in enumerate(cells) if cell.strip() in _TITLES}
            if _TITLES[0] in places:
                if missing := [title for title in _WANTED if title not in places]:
                    raise InputError(
                        Fault("缺少列", file=self.file, sheet=self.sheet.name, row=number, column=title)
                        for title in missing
                    )
                return number, places
        allowed = "用 xiaobao people template 生成的名单"
        raise InputError(Fault("找不到有“登录名”的表头", file=self.file, sheet=self.sheet.name, allowed=allowed))

    def _take(self, found: dict[str, PersonEntry], row: int, named: Mapping[str, str]) -> None:
        login, name = folded_name(named["登录名"]), named["姓名"]
        if not login:
            self._fault(row, "登录名", "没有写登录名")
            return
        seat, user = self._seat(row, named), named.get("系统用户", "")
        before = found.get(login)
        if before is None:
            seats = (seat,) if seat else ()
            found[login] = PersonEntry(
                login=named["登录名"], name=name or None, seats=seats, system_user=user or None, row=row
            )
            return
        if name and before.name and folded_name(name) != folded_name(before.name):
            self._fault(row, "姓名", f"同一登录名在第 {before.row} 行是另一个姓名", name)
        if user and before.system_user and folded_name(user) != folded_name(before.system_user):
            self._fault(row, "系统用户", f"同一登录名在第 {before.row} 行是另一个系统用户", user)
        if seat and seat in before.seats:
            self._fault(row, "角色", "与前面一行重复", named["角色"])
        found[login] = PersonEntry(
            login=before.login,
            name=before.name or name or None,
            seats=(*before.seats, seat) if seat else before.seats,
            system_user=before.system_user or user or None,
            row=before.row,
        )

    def _seat(self, row: int, named: Mapping[str, str]) -> Seat | None:
        role = _ROLES.get(named["角色"])
        if role is None:
            self._fault(
                row, "角色", "没有这个角色" if named["角色"] else "没有写角色", named["角色"], "、".join(_ROLES)
            )
        words = [word.strip() for word in named.get("条线", "").replace(",", "、").replace("，", "、").split("、")]
        lines = []
        for word in filter(None, words):
            if word not in _LINES and word not in DOMAINS:
                self._fault(row, "条线", "没有这个检查域", word, "、".join(_LINES))
            lines.append(_LINES.get(word, word))
        since, until = (self._day(row, title, named.get(title, "")) for title in ("任职起", "任职止"))
        return Seat(unit=named["机构号"], role=role, lines=tuple(lines), since=since, until=until) if role else None

    def _day(self, row: int, column: str, text: str) -> date | None:
        try:
            value = parse_cell(text, _DAY, self.manner)
        except Unreadable as error:
            self._fault(row, column, error.message, text, error.allowed)
            return None
        return value if isinstance(value, date) else None

    def _fault(self, row: int, column: str, message: str, value: str = "", allowed: str = "") -> None:
        where = {"file": self.file, "sheet": self.sheet.name, "row": row, "column": column}
        self.faults.append(Fault(message, **where, value=value, allowed=allowed))  # type: ignore[arg-type]
