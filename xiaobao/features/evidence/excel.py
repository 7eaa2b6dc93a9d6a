"""The whole list behind a page as an Excel file: every row, not the fifty that are drawn."""

from __future__ import annotations

import tempfile
from pathlib import Path

from xiaobao.features.evidence.verbs import documents_of, requests
from xiaobao.labels import REQUEST_STATES, written_day
from xiaobao.publishing import publish_leads
from xiaobao.workbench.evidence.listing import evidence_rows
from xiaobao.workbench.workspace import Workbench
from xiaobao.workbook.book import Book, SheetColumn

_EVIDENCE = (
    "机构号",
    "机构",
    "检查域",
    "对象",
    "文件或链接",
    "说明",
    "上传人",
    "上传日期",
    "保存至",
    "保存依据",
    "校验值",
)
_REQUESTS = (
    "机构号", "序号", "调阅内容", "期限", "状态", "要求人", "要求日期", "提交人", "提交日期", "资料", "验收人",
    "验收日期", "退回原因", "归还",
)  # fmt: skip
_WIDE = {"对象", "文件或链接", "说明", "保存依据", "调阅内容", "资料", "退回原因"}


def leads_book(wb: Workbench, period: str, unit: str, domain: str) -> tuple[str, bytes]:
    """Return name and content of the list of leads, as `xiaobao leads export` writes it."""
    code, _, name = period.partition("/")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"疑点核实清单-{code}{f'-{unit}' if unit else ''}.xlsx")
        publish_leads(wb, code, path, unit or None, name or None)
        return path.name, path.read_bytes()


def evidence_book(wb: Workbench, period: str, unit: str, domain: str) -> tuple[str, bytes]:
    """Return name and content of a book of two sheets: evidence with its years, and the list of requests."""
    campaign = wb.campaign(period)
    evidence = [
        [
            one.unit,
            one.unit_name,
            one.domain_title,
            one.subject,
            one.url or one.name,
            one.note + ("（已有新版本）" if one.replaced else ""),
            one.by,
            one.day.isoformat(),
            one.kept.until.isoformat() if one.kept.until else "",
            one.kept.rule,
            one.sha256[:16],
        ]
        for one in evidence_rows(wb, campaign, unit or None, domain or None)
    ]
    asked = [
        [
            one.unit,
            one.number,
            one.wanted,
            one.due.isoformat(),
            REQUEST_STATES[one.state],
            one.asked_by,
            one.asked_on.isoformat() if one.asked_on else "",
            one.received_by,
            one.received_on.isoformat() if one.received_on else "",
            "、".join([*(file.name for file in documents_of(wb, one)), *([one.note] if one.note else [])]),
            one.decided_by,
            one.decided_on.isoformat() if one.decided_on else "",
            one.reason,
            one.returned,
        ]
        for one in requests(wb, campaign, unit or None)
    ]
    title = f"{wb.settings.bank}佐证材料和调阅清单（{campaign.period}，{written_day(wb.today)}）"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"佐证与调阅-{campaign.period}{f'-{unit}' if unit else ''}.xlsx")
        with Book(path, title, wb.settings.bank, wb.today) as book:
            book.table("佐证材料", _columns(_EVIDENCE), evidence, above=(title,))
            book.table("调阅清单", _columns(_REQUESTS), asked, above=(title,))
        return path.name, path.read_bytes()


def _columns(titles: tuple[str, ...]) -> tuple[SheetColumn, ...]:
    return tuple(SheetColumn(title=title, width=32 if title in _WIDE else 13) for title in titles)
