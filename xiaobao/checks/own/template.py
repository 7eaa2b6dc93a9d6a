"""The file that `checks new` writes, complete and running, and the item of a sheet that asks it."""

from __future__ import annotations

from xiaobao.checks.own.declaring import PREFIX

_FILE = '''"""本行检查 {id}。

改好以后：xiaobao checks test {name} 测试，再请另一位有权限的人 xiaobao checks publish {name} 发布；没有发布的不会运行。
函数只读给它的表：一个机构的记录，表头、类型和 xb.table 取出的一样。不能联网、读写文件；有时间和内存限制。
"""

# 声明：只写文字、数字、列表，不写算式。列名写表头或代码。
CHECK = {{
    "title": "投诉没有登记处理决定日期",
    "datasets": ["投诉台账"],  # 第一个是被检查的记录；看多个数据集的，其余的作为后面的参数
    "subject": "办理投诉的机构",  # 谁的义务
    "population": "检查期间受理的投诉",  # 哪些记录可能不合要求；要从表中挑的，另写函数 applies(rows)
    "reason": "投诉 {{投诉编号}} 受理于 {{受理日期}}，没有登记处理决定日期",  # 疑点怎样写
    "exceptions": [],  # 例外，没有的留空：{{"says": "…", "columns": ["列名"], "ask": "请机构举证什么"}}
    "day": "受理日期",
    "first_day": "2026-01-01",  # 最早适用日期：这一列早于它的记录不看
    "citations": [],  # 条文，依据登记簿里有的：["5号令", "第三十二条"]
    "requirement": "投诉台账登记完整",  # 本行要求；有条文的可以不写
    "judged_by": [],  # 缺了就无法判断的列：缺的记录列为未判
}}

# 测试：应当命中和不应命中的记录，内容编造，写要紧的列就够。
CASES = {{
    "hit": [{{"受理日期": "2026-03-01"}}],
    "clear": [{{"受理日期": "2026-03-01", "处理决定日期": "2026-03-10"}}],
}}


def hits(rows):
    """返回有疑问的行；要看检查基准日的写成 hits(rows, as_of)，并在 CASES 里写 "as_of"。"""
    return rows[rows["处理决定日期"].isna()]
'''
_ITEM = """- id: {item}
  title: （本行）投诉登记处理决定日期
  requirement: 投诉台账登记处理决定日期。
  practice: true            # 本行要求；有条文的删去这一行，写 citations
  procedure: 由数据检查 {id} 列出疑点，逐条核实。
  method: [复核验证]
  evidence: 投诉台账、处理决定书
  severity: medium
  points: 5                 # 分值由总分中分出，各项之和须等于总分
  answered_by: data
  checks: [{id}]
  rules:
    - kind: count
      causes:
        - {{id: {id}, label: 没有登记处理决定日期, rate: "1"}}
"""


def new_file(name: str) -> str:
    """Return the text of `checks/NAME.py`."""
    return _FILE.format(name=name, id=PREFIX + name)


def new_item(name: str) -> str:
    """Return the item of a checklist that asks the check, as YAML to be put among the items of a section."""
    return _ITEM.format(id=PREFIX + name, item="own-" + name.replace("_", "-"))
