"""Upload at the desk: which dataset a file is, its columns and values against ours with samples, and the import.

What is sure is chosen beforehand; what is not waits for a person. Samples are covered where a column is personal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.columns import known_headers
from xiaobao.datasets.mapping_books import write_mapping_book
from xiaobao.datasets.reading import FileLimits, ReadTable, header_key, read_table
from xiaobao.datasets.suggesting import Suggestion, ValueProposal, read_for_suggestion, suggestion
from xiaobao.datasets.usual_names import usual_names
from xiaobao.errors import Fault, InputError
from xiaobao.personal import mask
from xiaobao.workbench.importing import value_lists

if TYPE_CHECKING:
    from xiaobao.datasets.shape import Column, Dataset
    from xiaobao.workbench.workspace import Workbench

_Plain = dict[str, object]
_BOOK = "列的对应.xlsx"
_FAULTS = "问题清单.xlsx"
_ASIDE = "搁置清单.xlsx"
_SAMPLES, _VALUES, _LONGEST = 3, 80, 24
_PERSONAL = re.compile(r"姓名|客户|投诉人|来电人|联系|电话|手机|证件|身份证|账号|卡号|地址|出生|用户", re.IGNORECASE)
_NAMED_FILE = 0.5
# What banks call their levels, by the word in it; proposed, never taken unseen.
_LEVELS = {
    "网点": ("分理处", "储蓄所", "营业所", "营业网点", "营业部", "便民点", "服务站"),
    "支行": ("管辖支行", "一级支行", "二级支行", "支公司"),
    "分行": ("一级分行", "二级分行", "管理部", "区域"),
    "部室": ("部门", "科室", "中心"),
    "总行": ("总部", "本部", "总社", "联社"),
}


def data_files(folder: Path | None) -> list[Path]:
    """Return the files of a batch that hold data. Raises InputError where there are none."""
    found = sorted(path for path in folder.iterdir() if path.name != _BOOK) if folder else []
    if not found:
        raise InputError(Fault("请先选择文件"))
    return found


def guess(wb: Workbench, path: Path) -> Dataset:
    """Return the dataset whose required columns a file's headers name best. Raises InputError where none is near."""
    limits = _limits(wb)
    best: tuple[float, str] = (0.0, "")
    table = _read_any(path, limits)
    keys = {header_key(header) for header in table.headers if header.strip()}
    for dataset in DATASETS.values():
        required = [column for column in dataset.columns if column.required]
        share = sum(bool(_names(column) & keys) for column in required) / max(1, len(required))
        known = sum(bool(_names(column) & keys) for column in dataset.columns) / max(1, len(keys))
        score = share + known / 2 + (_NAMED_FILE if dataset.title in path.name else 0.0)
        best = max(best, (score, dataset.name))
    if best[0] < _NAMED_FILE:
        raise InputError(Fault("认不出是哪个数据集，请在“数据集”中选定", file=path.name))
    return DATASETS[best[1]]


def _read_any(path: Path, limits: FileLimits) -> ReadTable:
    """Read a file by whatever heads any dataset has, once."""
    try:
        return read_table(path, [name for one in DATASETS.values() for name in known_headers(one, None)], limits)
    except InputError:
        return read_for_suggestion(path, DATASETS["complaints"], limits)


def _names(column: Column) -> set[str]:
    return {header_key(name) for name in (column.title, *column.aliases, *usual_names(column))}


_OPTIONS = [
    {"name": "replace", "title": "替换本期已导入的同一数据集", "kind": "check", "value": ""},
    {"name": "aside", "title": "有错的行搁置、其余导入（不选则有一处错就全部不导入）", "kind": "check", "value": ""},
]


def mapping_block(wb: Workbench, dataset: Dataset, folder: Path, period: str, guessed: bool) -> _Plain:
    """Return what the page draws to match a file's columns and values. Raises InputError for an unreadable file."""
    files = data_files(folder)
    lists = value_lists(wb, dataset.name)
    table = read_for_suggestion(files[0], dataset, _limits(wb))
    found = suggestion(table, dataset, lists)
    covered = {one.header for one in found.proposals if one.column.personal}
    how = "系统判断" if guessed else "已选定"
    return {
        "kind": "mapping",
        "dataset": dataset.name,
        "said": f"{how}：{dataset.title}；{mask(table.file)} 共 {len(table.rows)} 行，"
        f"表头在第 {table.header_row} 行；检查期间 {period}。"
        + (f"另有 {len(files) - 1} 个文件按同样的列一起导入。" if len(files) > 1 else ""),
        "headers": [
            _header(table, place, covered) for place in range(len(table.headers)) if table.headers[place].strip()
        ],
        "columns": _columns(dataset, found),
        "values": [_value(one, dataset, lists) for one in found.values[:_VALUES] if not one.column.personal],
        "unused": [mask(header) for header in found.unused()],
        "asked": _asked(found),
        "options": _OPTIONS,
        "command": " ".join(
            (
                "xiaobao import",
                dataset.name,
                *(path.name for path in files),
                "--period",
                period,
                "--map",
                _BOOK,
                "--faults",
                _FAULTS,
            )
        ),
    }


def _columns(dataset: Dataset, found: Suggestion) -> list[_Plain]:
    """Return the columns of a dataset, each with the header proposed for it and why; else what it means."""
    by_name = {one.column.name: one for one in found.proposals}
    return [
        {
            "name": column.name,
            "title": column.title,
            "required": column.required,
            "proposed": by_name[column.name].header if column.name in by_name else "",
            "sure": column.name in by_name and by_name[column.name].sure,
            "why": by_name[column.name].why if column.name in by_name else column.meaning,
        }
        for column in dataset.columns
    ]


def _header(table: ReadTable, place: int, covered: set[str]) -> _Plain:
    header = table.headers[place].strip()
    values = dict.fromkeys(cells[place].strip() for _, cells in table.rows[:200] if cells[place].strip())
    hide = header in covered or bool(_PERSONAL.search(header))
    samples = [f"{one[:1]}＊＊" if hide else mask(one)[:_LONGEST] for one in list(values)[:_SAMPLES]]
    return {"name": header, "samples": samples}


def _value(one: ValueProposal, dataset: Dataset, lists: Mapping[str, object]) -> _Plain:
    listed = lists.get(one.column.name)
    names: Sequence[str] = getattr(listed, "names", ()) or one.column.allowed
    shown: Mapping[str, str] = getattr(listed, "shown", {})
    options = [[name, f"{shown[name]}（{name}）" if name in shown else name] for name in names]
    ours, why = one.ours, one.why
    if (dataset.name, one.column.name) == ("units", "level"):
        ours = next((level for level, words in _LEVELS.items() if any(word in one.value for word in words)), "")
        why = f"{one.why.partition('，')[0]}，请按本行的管理关系选"
    return {
        "column": one.column.name,
        "title": one.column.title,
        "theirs": mask(one.value),
        "ours": ours,
        "said": shown.get(ours, ours),
        "sure": one.sure,
        "options": options,
        "why": why,
    }


def _asked(found: Suggestion) -> list[_Plain]:
    """Return what else a person has to say yes to, each with the row of the mapping that it makes."""
    asked: list[_Plain] = [{"id": f"blanks|{word}|", "words": f"“{mask(word)}”表示没有填"} for word in found.blanks]
    asked += [
        {"id": f"take|{title}|{way}", "words": f"列“{title}”的值含在文字里，按“{way}”取出"}
        for title, way in found.taken
    ]
    asked += [{"id": f"unit|{title}|元", "words": f"列“{title}”的表头没有写单位，单位是元"} for title in found.units]
    proposed = {one.column.name for one in found.proposals}
    if any((column.name,) == found.dataset.key and column.name not in proposed for column in found.missing()):
        asked.append({"id": "number_rows||R{row}", "words": "文件没有编号列，按行号编号"})
    return asked


def write_mapping(wb: Workbench, dataset: Dataset, folder: Path, chosen: Mapping[str, object]) -> Path:
    """Write what a person chose as the mapping that the command reads. Raises InputError for what is not the file's."""
    table = read_for_suggestion(data_files(folder)[0], dataset, _limits(wb))
    headers = {header.strip() for header in table.headers if header.strip()}
    columns = {name: header for name, header in _texts(chosen.get("columns")).items() if header}
    titles = {column.name: column.title for column in dataset.columns}
    faults = [Fault("文件中没有这一列", value=header) for header in columns.values() if header not in headers]
    faults += [Fault("没有这一列", value=name) for name in columns if name not in titles]
    twice = {header for header in columns.values() if list(columns.values()).count(header) > 1}
    faults += [Fault("文件的一列不能对应本系统的两列", value=header) for header in sorted(twice)]
    constants = {n: v for n, v in _texts(chosen.get("constants")).items() if v and n in titles and n not in columns}
    rest = [("是", "dataset", "", dataset.name, ""), ("是", "confirmed", "", "是", "")]
    rest += [("是", "constants", titles[name], value, "") for name, value in constants.items()]
    rest += [("是", "ignore", header, "", "") for header in sorted(headers - set(columns.values()))]
    asked = chosen.get("asked")
    for key, on in asked.items() if isinstance(asked, Mapping) else ():
        name, what, value = [*str(key).split("|"), "", ""][:3]
        if on and name in {"blanks", "take", "unit", "number_rows"}:
            rest.append(("是", name, what, value, ""))
    by_number = any(row[1] == "number_rows" for row in rest)
    lack = [c for c in dataset.columns if c.required and c.name not in columns and c.name not in constants]
    faults += [
        Fault("必填列还没有对应文件中的列", column=column.title)
        for column in lack
        if not (by_number and (column.name,) == dataset.key)
    ]
    if faults:
        raise InputError(faults)
    path = folder / _BOOK
    path.unlink(missing_ok=True)
    write_mapping_book(
        path,
        [("是", titles[name], header, "") for name, header in columns.items()],
        [
            ("是", titles[name], theirs, ours, "")
            for name, theirs, ours in _values(chosen.get("values"))
            if name in columns
        ],
        rest,
    )
    return path


def import_words(dataset: Dataset, folder: Path, period: str, values: Mapping[str, object]) -> tuple[list[str], str]:
    """Return the words of the import, and how they are shown."""
    files = data_files(folder)
    words = ["import", dataset.name, *(f"{{in}}/{path.name}" for path in files), "--period", period]
    words += ["--map", f"{{in}}/{_BOOK}", "--faults", f"{{out}}/{_FAULTS}"]
    if values.get("replace"):
        words.append("--replace")
    if values.get("aside"):
        words += ["--set-aside", f"{{out}}/{_ASIDE}"]
    return words, "xiaobao " + " ".join(word.removeprefix("{in}/").removeprefix("{out}/") for word in words)


def _texts(found: object) -> dict[str, str]:
    return {str(name): str(value).strip() for name, value in found.items()} if isinstance(found, Mapping) else {}


def _values(found: object) -> list[tuple[str, str, str]]:
    rows = found if isinstance(found, list) else []
    read = [
        (str(one.get("column")), str(one.get("theirs")), str(one.get("ours") or ""))
        for one in rows
        if isinstance(one, Mapping)
    ]
    return [one for one in read if one[2]]


def _limits(wb: Workbench) -> FileLimits:
    return FileLimits(megabytes=wb.settings.limits.file_megabytes, rows=wb.settings.limits.rows)
