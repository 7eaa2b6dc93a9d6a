"""The verbs of the table of rights as commands say them: what to type for each, run as a person in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import pytest

from tests.factories.inspections import DOMAIN, PERIOD
from tests.factories.remaining_rights import CUSTOMER, LATE, in_person, month
from tests.factories.rights import NAME, OWN, Doors, write_newer
from xiaobao.cli import main
from xiaobao.workbench.workspace import Workbench

Words = Callable[[Doors, object], tuple[object, ...]]
SPAN = ("--period", PERIOD)
CAMPAIGN = (*SPAN, "--campaign", NAME)
UNIT = (*CAMPAIGN, "--unit", OWN)
SHEET = (*UNIT, "--domain", DOMAIN)


def run_as(wb: Workbench, capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    """Run a command as the person; return its exit code and what it said on both ways."""
    with in_person(wb), pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["xiaobao", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
    out, err = capsys.readouterr()
    return int(ended.value.code or 0), out, err


def _file(doors: Doors, name: str, text: str) -> str:
    place = doors.wb.home / name
    place.write_text(text, "utf-8")
    return str(place)


def _new(doors: Doors, ending: str) -> str:
    return str(doors.wb.home / f"写出{next(doors.numbers)}{ending}")


READY = object()


def _publish(doors: Doors, _ready: object) -> tuple[object, ...]:
    write_newer(doors)
    return ("checklist", "publish")


def words(*fixed: object) -> Words:
    """Return what types these words, `READY` among them being what was prepared."""
    return lambda _doors, ready: tuple(ready if one is READY else one for one in fixed)


PERIODIC = ("--period", READY, "--unit", OWN)
# In this order: what makes further campaigns of the period comes last.
BY_COMMAND: Mapping[str, Words] = {
    "sheet.move": words("checklist", "move", *SHEET, "--reason", "新办法已施行"),
    "sheet.export": lambda d, _: ("sheet", "export", *UNIT, "-o", _new(d, ".xlsx")),
    "sheet.submit": words("sheet", "submit", *SHEET),
    "sheet.return": words("sheet", "return", *SHEET, "--reason", "缺佐证"),
    "sheet.review": words("sheet", "review", *SHEET),
    "question.answer": words("questions", "keep", *SHEET, "--reason", "不影响结论"),
    "result.appeal": words("appeals", "file", *SHEET, "--item", "c-01", "--grounds", "不服"),
    "result.decide": words("appeals", "decide", *SHEET, "--verdict", "rejected", "--reason", "证据不足"),
    "lead.raise": words("leads", "raise", *CAMPAIGN),
    "lead.answer": words("leads", "answer", READY, "--as", "confirmed", "--note", "属实"),
    "lead.decide": words("leads", "decide", READY, "--as", "confirmed", "--reason", "同意"),
    "lead.attach": words("evidence", "attach", "lead", READY, "--link", "档案柜三", "--note", "凭证"),
    "lead.remind": words("leads", "remind", *UNIT),
    "lead.restore": lambda d, ready: (
        ("leads", "restore", ready, "--list", _file(d, "名单.txt", CUSTOMER), "--reason", "客户来访核对")
    ),
    "lead.export": lambda d, _: ("leads", "export", *UNIT, "-o", _new(d, ".xlsx")),
    "veto.record": words(
        *("veto", "add", *UNIT, "--veto", "V", "--day", "2026-03-01", "--event", "伪造", "--evidence", "认定书")
    ),
    "veto.withdraw": words("veto", "withdraw", *UNIT, "--veto", "V", "--reason", "记错了"),
    "pool.record": words(
        *("bonus", "add", *UNIT, "--pool", "P", "--points", "1", "--reason", "表扬"),
        *("--day", "2026-03-01", "--evidence", "通报"),
    ),
    "pool.withdraw": words("bonus", "withdraw", *UNIT, "--number", READY, "--reason", "记错了"),
    "action.propose": words("actions", "propose", *UNIT),
    "action.report": words("actions", "report", READY, "--note", "已补办"),
    "action.attach": words("evidence", "attach", "action", READY, "--link", "档案柜三", "--note", "凭证"),
    "action.verify": words("actions", "verify", READY, "--note", "已核对"),
    "action.close": words("actions", "close", READY, "--note", "已核对"),
    "action.close_own": words("actions", "close", READY, "--note", "已核对"),
    "evidence.open": lambda d, ready: ("evidence", "open", ready, *CAMPAIGN, "-o", _new(d, ".txt")),
    "request.ask": words("evidence", "request", *UNIT, "--want", "登记簿", "--due", "2026-07-20"),
    "report.bank": lambda d, _: ("report", "summary", *CAMPAIGN, "-o", _new(d, ".xlsx")),
    "report.issue": lambda d, _: ("report", "inspection", *UNIT, "-o", _new(d, ".docx")),
    "status.see": words("status"),
    "store.keep": words("scan"),
    "supervision.issue": lambda d, _: ("supervise", "--unit", OWN, "--date", LATE, "-o", _new(d, ".docx")),
    "data.import": lambda d, _: ("import", "units", d.wb.home / "units.csv", *SPAN, "--replace"),
    "checklist.publish": _publish,
    "check.write": lambda d, _: ("checks", "new", f"typed_{next(d.numbers)}"),
    "check.publish": words("checks", "publish", READY),
    "register.see": words("registers", "show", *SPAN),
    "filing.issue": lambda d, _: ("filings", "issue", "monthly", "--period", month(d), "--unit", OWN),
    "filing.file": lambda d, ready: (
        *("filings", "file", "monthly", "--period", ready, "--unit", OWN),
        *("--figures", _file(d, "报数.csv", "指标,数值\n件数,3\n")),
    ),
    "filing.return": words("filings", "return", "monthly", *PERIODIC, "--reason", "缺件"),
    "filing.accept": words("filings", "accept", "monthly", *PERIODIC),
    "filing.remind": words("filings", "remind", "monthly", *PERIODIC),
    "filing.merge": lambda d, ready: ("filings", "merge", "monthly", "--period", ready, "-o", _new(d, ".xlsx")),
    "sample.define": lambda d, _: (
        *("sample", "define", "双录完整性", *SHEET, "--list", _file(d, "清单.csv", "编号,金额\nA1,100\nA2,200\n")),
        *("--key", "编号", "--basis", "fixed", "--size", "1", "--seed", "7"),
    ),
    "sample.record": lambda d, ready: (
        *("sample", "record", ready),
        *(d.wb.store.kept("samples", number=str(ready))[0].drawn[0].record, "pass"),
    ),
    "sample.redraw": words("sample", "redraw", READY),
    "sample.confirm": words("sample", "confirm", READY),
    "sample.see": words("sample", "show", READY),
    "visit.work": words("visit", "request", READY, "登记簿"),
    "visit.issue": words("visit", "paper", READY, "plan"),
    "visit.opine": words("visit", "opinion", READY, "facts", "--agree"),
    "visit.see": words("visit", "show", READY),
    "visit.see_hidden": words("visit", "show", READY),
    "visit.coverage": words("visit", "coverage"),
    "visit.dossier": words("visit", "dossier", OWN),
    "visit.plan": words(
        *("visit", "new", "--unit", OWN, "--year", "2026", "--kind", "regular", "--mode", "on_site", *SPAN),
        *("--from", "2026-07-06", "--to", "2026-07-08", "--leader", "inspector"),
        *("--inspector", "inspector", "--inspector", "guest", "--domain", DOMAIN),
    ),
    "appraisal.appeal": words("appraisal", "appeal", *PERIODIC, "--grounds", "不服"),
    "appraisal.decide": words("appraisal", "decide", *PERIODIC, "--reject", "--reason", "证据不足"),
    "appraisal.finalise": words("appraisal", "finalise", "--period", READY),
    "people.see": words("people", "list"),
    "people.manage": words("people", "disable", "absent"),
    "campaign.create": words("campaign", "create", "另一批次", *SPAN),
    "campaign.change": words("campaign", "delete", *SPAN, "--campaign", READY, "--reason", "建错了"),
    "campaign.close": words("campaign", "close", *SPAN, "--campaign", READY),
    "campaign.reopen": words(
        "campaign", "reopen", *SPAN, "--campaign", READY, "--reason", "有误", "--approved-by", "行长"
    ),
}
