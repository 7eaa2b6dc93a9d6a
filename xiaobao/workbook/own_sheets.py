"""A bank's own Excel checklist (序号, 检查内容, 分值, 扣分标准 …) as a draft in YAML, what is missing listed.

Each row of content becomes an item. Of the way points are taken only what is certain becomes a rule; the rest goes into
the procedure as it was written and is listed. Basis, evidence, method and severity are left blank where the sheet says
nothing: `checklist check` names them until they are filled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

from xiaobao.checklist.models import Method
from xiaobao.checklist.writing import draft_yaml
from xiaobao.datasets.headers import Header, find_header, header_key
from xiaobao.datasets.workbooks import RawSheet, read_workbook
from xiaobao.errors import ChecklistError, Fault
from xiaobao.workbook.checklists import ITEMS, RULES, SECTIONS

_ROWS = 5000
_HEADS = {
    "section": "检查项目 评价要素 一级指标 类别 项目 模块 检查类别 检查要素 考核项目 评价项目 检查大项 大类",
    "aspect": "检查项 检查点 检查指标 考核指标 评价指标 考评指标 测评指标 评价项 考核项",
    "number": "序号 编号 项次 项目编号",
    "content": "检查内容 检查要点 检查事项 具体内容 评价内容 考核内容 考评内容 测评内容 考核要点 评价要点 "
    "考评要点 检查项内容 二级指标 检查要求 具体要求 检查标准 评价标准 要求",
    "points": "分值 标准分 满分 权重 权重(%) 权重% 权重(分) 分值(分) 满分值 总分 应得分 分数 基本分 标准分值 基础分",
    "rule": "扣分标准 评分标准 评分办法 评分细则 扣分规则 计分标准 评分规则 计分方法 考核标准 扣分细则 扣分办法 "
    "评分方法",
    "basis": "依据 检查依据 制度依据 法规依据 政策依据 监管依据",
    "method": "方法 检查方法 检查方式",
    "procedure": "检查程序 检查步骤 程序 检查办法",
    "evidence": "佐证材料 证据 证据要求 所需材料 查阅资料 佐证 检查材料 查看资料",
    "severity": "严重程度 风险等级 重要性",
}
_KNOWN = {header_key(word): name for name, words in _HEADS.items() for word in words.split()}
_SEVERITY = {"高": "high", "重大": "high", "严重": "high", "中": "medium", "较大": "medium", "低": "low", "一般": "low"}
_NUMBER = r"(\d+(?:\.\d+)?)\s*分"
_EACH = re.compile(
    r"(?P<label>(?:每|发现|缺少?|少)[^，。；、]{0,16}?[一1]?(?:个|项|次|处|件|人|笔|份|户|例|类|起|张|条|日|天)[^，。；]{0,12}?)"
    rf"扣{_NUMBER}"
)
_ONCE = re.compile(rf"(?P<label>[^，。；]{{1,30}}?)[，,]?扣{_NUMBER}")
_JUDGED = re.compile(r"酌情扣|视情[况节]?扣|酌情(?:减|给)分")
_FORFEIT = re.compile(r"(?P<label>[^，。；]{1,30}?)[，,]?(?:本项)?(?:不得分|不给分|得0分|扣完|全扣|扣全分)")
_SIGNED = re.compile(
    r"(?:被?检查|受检|填表|复核|负责)?(?:单位|人|日期|机构)?(?:签字|签名|签章|盖章|意见)?[^，。]{0,6}[:：]"
)
_SECTION = re.compile(
    r"^[一二三四五六七八九十]+、|^[(（][一二三四五六七八九十]+[)）]|[(（]\s*\d+(?:\.\d+)?\s*分\s*[)）]\s*$"
)
_SECTION_POINTS = re.compile(r"[(（]?\s*(\d+(?:\.\d+)?)\s*分\s*[)）]?\s*$")


@dataclass(kw_only=True)
class OwnSheet:
    """What was read: the draft as plain values, and what is still missing, one line each."""

    title: str
    plain: dict[str, Any]
    items: int
    missing: list[str] = field(default_factory=list)

    def to_yaml(self, comment: str) -> str:
        """Return a draft checklist; its head comment lists what people still have to add."""
        listed = "\n".join(f"- {line}" for line in self.missing)
        return draft_yaml(self.plain, f"{comment}\n还要补的：\n{listed}")


def is_own_sheet(path: Path) -> bool:
    """Tell a bank's own sheet from a workbook that `checklist export` made: that one has sheets of these names."""
    if not path.is_file():
        return False
    names = {sheet.name for sheet in read_workbook(path, _ROWS).sheets if sheet.state == "visible"}
    return not names & {SECTIONS, ITEMS, RULES}


def read_own_sheet(path: Path) -> OwnSheet:
    """Read the first sheet that has a column of contents. Raises ChecklistError when none has."""
    for sheet in read_workbook(path, _ROWS).sheets:
        if sheet.state != "visible":
            continue
        head = find_header(sheet.rows, set(_KNOWN), sheet.merges)
        if head and "content" in _places(head):
            return _Reading(sheet, head, path.stem).read()
    allowed = "有“检查内容”和“分值”两列的表；认得的列名：" + "、".join(_HEADS["content"].split()[:6])
    raise ChecklistError(Fault("没有找到检查表：各工作表都没有检查内容一列", file=path.name, allowed=allowed))


def _places(head: Header) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(head.names):
        if (kind := _KNOWN.get(header_key(name))) and kind not in places:
            places[kind] = place
    aspect = places.pop("aspect", None)  # 考核指标 beside 考核内容 groups it, alone it is what is looked at
    if aspect is not None:
        places.setdefault("section" if "content" in places else "content", aspect)
    if "content" not in places and "section" in places:  # 检查项目 alone is what is looked at
        places["content"] = places.pop("section")
    return places


class _Reading:
    """One walk down a sheet: sections as they change, an item a row, and the list of what is missing."""

    def __init__(self, sheet: RawSheet, head: Header, name: str) -> None:
        self.places = _places(head)
        self.missing: list[str] = []
        self.rows = [(number, self._filled(sheet, number, cells)) for number, cells in sheet.rows[head.last + 1 :]]
        above = [cell.strip() for _, cells in sheet.rows[: head.first] for cell in cells if cell.strip()]
        titles = [cell for cell in above if "：" not in cell and ":" not in cell]
        self.first = next((cell for cell in titles[-1:] if _SECTION_POINTS.search(cell)), "")
        self.title = next((cell for cell in titles if cell != self.first), name)
        self.sections: list[dict[str, Any]] = []
        self.stated: dict[str, Decimal] = {}

    def _filled(self, sheet: RawSheet, number: int, cells: list[str]) -> list[str]:
        """Return a row with what is merged over it filled in."""
        width = max([len(cells), *(place + 1 for place in self.places.values())])
        row = [*cells, *[""] * (width - len(cells))]
        above = dict(sheet.rows)
        for top, left, bottom, right in sheet.merges:
            if top < number <= bottom and left == right and left <= width and not row[left - 1].strip():
                row[left - 1] = above.get(top, [""] * left)[left - 1] if top in above else ""
        return row

    def read(self) -> OwnSheet:
        """Return the draft; a line of one title alone begins a section. Raises ChecklistError where no item is read."""
        count, section = 0, self.first
        for number, cells in self.rows:
            said = {kind: cells[place].strip() for kind, place in self.places.items()}
            section = said.get("section") or section
            points = _points(said.get("points", ""))
            if not said["content"] or (points is None and not said.get("number") and not said.get("rule")):
                self._pass_over(number, cells, said)
                lone = [cell.strip() for cell in cells if cell.strip()]
                if len(lone) == 1 and (said["content"] or _SECTION.search(lone[0])):
                    section = lone[0]
                continue
            count += 1
            self._section(section)["items"].append(self._item(count, number, said, points))
        if not count:
            raise ChecklistError(Fault("检查表里没有读到检查项", value=self.title, allowed="每行有检查内容和分值"))
        self._totals()
        total = sum((item["points"] for one in self.sections for item in one["items"]), Decimal(0))
        plain = {
            "id": "own_sheet",
            "version": None,
            "title": self.title,
            "domain": "own_sheet",
            "purpose": None,
            "effective_from": None,
            "total": total,
            "sections": self.sections,
        }
        head = ["编号 id、检查域 domain：改为本行的代码", "版本 version、用途 purpose、施行日 effective_from"]
        return OwnSheet(title=self.title, plain=plain, items=count, missing=[*head, *self.missing])

    def _section(self, written: str) -> dict[str, Any]:
        title = _SECTION_POINTS.sub("", " ".join(written.split())).strip(" ：:") or "检查项"
        for one in self.sections:
            if one["title"] == title:
                return one
        made: dict[str, Any] = {"id": f"S{len(self.sections) + 1}", "title": title, "items": []}
        self.sections.append(made)
        if match := _SECTION_POINTS.search(written):
            self.stated[title] = Decimal(match[1])
        return made

    def _pass_over(self, number: int, cells: Sequence[str], said: dict[str, str]) -> None:
        text = next((cell.strip() for cell in cells if cell.strip()), "")
        if text and not said.get("number") and not _SIGNED.match(text):
            self.missing.append(f"第 {number} 行“{text[:20]}”没有作为检查项读取，请核对")

    def _item(self, count: int, number: int, said: dict[str, str], points: Decimal | None) -> dict[str, Any]:
        name = f"OWN-{count:02d}"
        lacks = []
        written = said.get("rule") or ""
        rules = read_rules(written or said["content"], points or Decimal(0))
        if points is None:
            lacks.append("分值")
        if not rules:
            lacks.append(f"计分规则（原文“{written[:40]}”读不成规则，已放进检查程序）" if written else "计分规则")
        procedure = said.get("procedure", "")
        if written and not rules:
            procedure = f"{procedure}\n扣分标准原文：{written}".strip()
        if said.get("basis"):
            procedure = f"{procedure}\n依据原文：{said['basis']}".strip()
        methods = [one for one in get_args(Method) if one in said.get("method", "")]
        severity = _SEVERITY.get(said.get("severity", ""))
        basis = said.get("basis", "")
        lacks.append(f"检查依据（原文“{basis[:40]}”，请改成登记簿的文件和条款）" if basis else "检查依据")
        lacks += [] if procedure else ["检查程序"]
        lacks += [] if methods else ["检查方法"]
        lacks += [] if said.get("evidence") else ["证据要求"]
        lacks += [] if severity else ["严重程度"]
        self.missing.append(f"{name}（第 {number} 行）：" + "、".join(lacks))
        return {
            "id": name,
            "title": _short_title(said["content"]),
            "requirement": " ".join(said["content"].split()),
            "citations": [],
            "procedure": procedure or None,
            "method": methods,
            "evidence": said.get("evidence") or None,
            "severity": severity,
            "points": points if points is not None else Decimal(0),
            "answered_by": "person",
            "rules": rules,
        }

    def _totals(self) -> None:
        for one in self.sections:
            summed = sum((item["points"] for item in one["items"]), Decimal(0))
            stated = self.stated.get(one["title"])
            if stated is not None and stated != summed:
                said = f"“{one['title']}”标明 {stated} 分，各项合计 {summed} 分"
                self.missing.append(f"{said}，请核对")


def read_rules(text: str, points: Decimal) -> list[dict[str, Any]]:
    """Return the rules that a text of how points are taken certainly says; nothing where any part of it is unclear."""
    plain = re.sub(r"\s+", "", text)
    causes: list[dict[str, Any]] = []
    rules: list[dict[str, Any]] = []
    for clause in filter(None, re.split(r"[。；;]|(?<=分)[，,、]", plain)):
        if re.fullmatch(r"[^扣]*扣完(?:该项分值|分值|本项)?为止", clause):
            continue  # the floor of every item
        if _JUDGED.search(clause):
            limits = [Decimal(number) for number in re.findall(r"\d+(?:\.\d+)?", clause)]
            rules.append({"kind": "judged", "max": min(max(limits), points) if limits else points})
        elif match := _EACH.search(clause):
            causes.append({"label": match["label"], "rate": Decimal(match[2])})
        elif match := _FORFEIT.search(clause):
            causes.append({"label": match["label"].rpartition("，")[2], "rate": points, "forfeits": True})
        elif match := _ONCE.search(clause):
            taken = Decimal(match[2])
            causes.append({"label": match["label"].rpartition("，")[2], "rate": taken, "limit": taken})
        elif re.search(r"扣|得\d|\d分|减", clause):
            return []
    if len(causes) == 1 and causes[0].get("forfeits") and not rules:
        return [{"kind": "all_or_nothing"}]
    if causes:
        made = [{"id": f"c{place}", **one} for place, one in enumerate(causes, 1)]
        rules.insert(0, {"kind": "count", "causes": made})
    return rules if all(rule.get("max", 1) for rule in rules) else []


def _points(text: str) -> Decimal | None:
    match = re.fullmatch(r"(\d{1,4}(?:\.\d{1,3})?)\s*[分%％]?", text)
    return Decimal(match[1]) if match else None


def _short_title(content: str) -> str:
    first = re.split(r"[，。；,;\n]", content.strip())[0]
    return first if len(first) <= 30 else first[:29] + "…"
