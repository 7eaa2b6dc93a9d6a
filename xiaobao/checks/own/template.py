"""The file that `checks new` writes, complete and running, and the item of a sheet that asks it."""

from __future__ import annotations

from xiaobao.checks.own.declaring import PREFIX
from xiaobao.datasets.catalogue import DATASETS
from xiaobao.datasets.shape import Column, Dataset

_FILE = '''"""本行检查 {id}。

改好以后：xiaobao checks test {name} 测试，再请另一位有权限的人 xiaobao checks publish {name} 发布；没有发布的不会运行。
函数只读给它的表：一个机构的记录，表头、类型和 xb.table 取出的一样。不能联网、读写文件；有时间和内存限制。
"""

# 声明：只写文字、数字、列表，不写算式。列名写表头或代码。
CHECK = {{
    "title": "{title}",
    "datasets": ["{dataset}"],  # 第一个是被检查的记录；看多个数据集的，其余的作为后面的参数
    "subject": "{subject}",  # 谁的义务
    "population": "{population}",  # 哪些记录可能不合要求；要从表中挑的，另写函数 applies(rows)
    "reason": "{reason}",  # 疑点怎样写
    "exceptions": [],  # 例外，没有的留空：{{"says": "…", "columns": ["列名"], "ask": "请机构举证什么"}}
{day}    "citations": [],  # 条文，依据登记簿里有的：["5号令", "第三十二条"]
    "requirement": "{dataset}登记完整",  # 本行要求；有条文的可以不写
    "judged_by": [],  # 缺了就无法判断的列：缺的记录列为未判
}}

# 测试：应当命中和不应命中的记录，内容编造，写要紧的列就够。
CASES = {{
    "hit": [{{{hit}}}],
    "clear": [{{{clear}}}],
}}


def hits(rows):
    """返回有疑问的行；要看检查基准日的写成 hits(rows, as_of)，并在 CASES 里写 "as_of"。"""
    return rows[rows["{asked}"].isna()]
'''
_DAY = """    "day": "{title}",
    "first_day": "2026-01-01",  # 最早适用日期：这一列早于它的记录不看
"""
_NO_DAY = """    "day": "",  # 按哪一列的日期；写了的另写 "first_day": "2026-01-01"，早于它的记录不看
"""
# Of the commonest table, in its own words.
_COMPLAINTS = {
    "subject": "办理投诉的机构",
    "population": "检查期间受理的投诉",
    "reason": "投诉 {投诉编号} 受理于 {受理日期}，没有登记处理决定日期",
    "asked": "decided_on",
}
_SIGNS = "\"'\\\\{}#:"
_SAMPLES = {
    "date": "2026-03-1{number}",
    "datetime": "2026-03-1{number} 10:00",
    "amount": "{number}.00",
    "decimal": "{number}.5",
    "flag": "是",
    "level": "{number}",
    "count": "{number}",
}
_ITEM = """- id: {item}
  title: （本行）{wanted}
  requirement: {dataset}{registers}。
  practice: true            # 本行要求；有条文的删去这一行，写 citations
  procedure: 由数据检查 {id} 列出疑点，逐条核实。
  method: [复核验证]
  evidence: {evidence}
  severity: medium
  points: 5                 # 分值由总分中分出，各项之和须等于总分
  answered_by: data
  checks: [{id}]
  rules:
    - kind: count
      causes:
        - {{id: {id}, label: 没有{registers}, rate: "1"}}
"""


def new_file(name: str, title: str = "", dataset: str = "complaints") -> str:
    """Return the text of `checks/NAME.py`: which records of a dataset lack a column that they need not have.

    `title` says what is suspicious, `dataset` is a code of the catalogue. The text passes its own test as it stands.
    """
    spec = DATASETS[dataset]
    asked, day, own = _asked(spec), _day(spec), _COMPLAINTS if dataset == "complaints" else {}
    # Two records that differ in their key, where a test does not number them itself.
    dated = {day.title: "2026-03-01"} if day else {}
    hit, clear = ({**dated, **_keys(spec, number)} for number in (1, 2))
    return _FILE.format(
        name=name,
        id=PREFIX + name,
        title=_plain(title) or f"{_short(spec)}没有登记{asked.title}",
        dataset=spec.title,
        subject=own.get("subject", f"登记{spec.title}的机构"),
        population=own.get("population", f"检查期间{spec.title}的记录" if day else f"{spec.title}的记录"),
        reason=own.get("reason", f"{_named(spec)}没有登记{asked.title}"),
        day=_DAY.format(title=day.title) if day else _NO_DAY,
        hit=_said(hit),
        clear=_said({**clear, asked.title: _sample(asked, 0)}),
        asked=asked.title,
    )


def new_item(name: str, title: str = "", dataset: str = "complaints") -> str:
    """Return the item of a checklist that asks the check, as YAML to be put among the items of a section."""
    spec = DATASETS[dataset]
    registers = f"登记{_asked(spec).title}"
    return _ITEM.format(
        name=name,
        id=PREFIX + name,
        item="own-" + name.replace("_", "-"),
        dataset=spec.title,
        registers=registers,
        wanted=f"核对：{_plain(title)}" if _plain(title) else _short(spec) + registers,
        evidence="投诉台账、处理决定书" if dataset == "complaints" else spec.title,
    )


def _plain(title: str) -> str:
    """Return a title that may stand in a text of Python and of YAML: quotes, signs of both and lines are no part."""
    words = "".join(one for one in title if one.isspace() or (one.isprintable() and one not in _SIGNS))
    return " ".join(words.split())


def _asked(spec: Dataset) -> Column:
    """Return the column that the example asks for: a day that may be missing, else any column that may."""
    if spec.name == "complaints":
        return spec.column(_COMPLAINTS["asked"])
    free = [one for one in spec.columns if one.name not in {*spec.key, spec.unit, spec.day} and not one.personal]
    missing = [one for one in free if not one.required] or free
    return next((one for one in missing if one.kind == "date"), missing[0])


def _day(spec: Dataset) -> Column | None:
    return spec.column(spec.day) if spec.day else None


def _named(spec: Dataset) -> str:
    """Return how a reason names the record: by the parts of its key that are nobody's secret."""
    shown = [f"{{{column.title}}}" for column in map(spec.column, spec.key) if not column.personal]
    return f"{spec.title} {' '.join(shown)} "


def _short(spec: Dataset) -> str:
    return spec.title.removesuffix("台账")


def _keys(spec: Dataset, number: int) -> dict[str, str]:
    keys = [one for one in map(spec.column, spec.key) if one.kind not in ("id", "text") and one.name != spec.day]
    return {one.title: _sample(one, number) for one in keys}


def _sample(column: Column, number: int) -> str:
    if column.allowed:
        return column.allowed[0]
    return _SAMPLES.get(column.kind, "编造").format(number=number)


def _said(row: dict[str, str]) -> str:
    return ", ".join(f'"{title}": "{value}"' for title, value in row.items())
