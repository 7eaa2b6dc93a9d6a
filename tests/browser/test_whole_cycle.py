"""Six people of three units take a sheet, a lead and a measure through their whole way, each in a browser of his own.

填报 → 确认 → 提交 → 退回 → 处理退回意见 → 复核 → 审定 → 申诉 → 终局；疑点核实与认定；整改报告、验证、销号。
Each also tries three doors that are not his, and a page of another origin tries from the browser of one who is signed
in. Pictures of every step go to the folder XIAOBAO_PICTURES, where whoever looks at them says so.
"""

from __future__ import annotations

import http.server
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec import structs
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Served, browsers
from tests.browser.people import register_people, seat
from tests.factories import tables
from tests.factories.answering import record_paper
from tests.factories.inspections import DOMAIN, OTHER, PERIOD, UNIT, checklist, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from tests.factories.people import acting_as
from xiaobao.model import CorrectiveAction, Person, Role
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.results.recording import raise_leads
from xiaobao.workbench.workspace import Workbench

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(1800)]
WAIT = 180_000
HEAD = "01"
PEOPLE = (
    Person(login="wang", name="王填报", seats=(seat(Role.FILLER),)),
    Person(login="li", name="李负责", seats=(seat(Role.UNIT_HEAD),)),
    Person(login="qian", name="钱河西", seats=(seat(Role.FILLER, OTHER),)),
    Person(login="zhang", name="张复核", seats=(seat(Role.REVIEWER, HEAD),)),
    Person(login="sun", name="孙检查", seats=(seat(Role.INSPECTOR, HEAD),)),
    Person(login="zhao", name="赵消保", seats=(seat(Role.HEAD_OFFICE, HEAD),)),
)
THIRD = Person(login="wu", name="吴三", seats=(seat(Role.HEAD_OFFICE, HEAD),))  # who has no part, for the appeal
NOTEBOOKS = ("fill", "leads", "corrective_actions", "my_work", "overview", "history", "desk", "evidence")
LATE = ["T1", UNIT, "2026-01-05", "2026-03-01"]
IN_TIME = ["T2", UNIT, "2026-02-02", "2026-02-06"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("cycle") / "bank", sheet=checklist(2))
    copy_notebooks(home, *NOTEBOOKS)
    with (home / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write("\n[signers.sub_branch]\nconfirm = true\napprove = true\n")
    wb = workbench(home)
    rows = [["投诉编号", "机构号", "受理日期", "处理决定日期"], LATE, IN_TIME]
    import_extract(wb, "complaints", [tables.write_csv(home, rows, name="complaints.csv")], PERIOD)
    with wb.store.writing(wb.actor) as tx:
        campaign = wb.campaign(PERIOD)
        tx.change_campaign(structs.replace(campaign, inspectors=("sun",)), "change")
        tx.ensure_inspections(campaign.id, [(unit, DOMAIN) for unit in (UNIT, OTHER)])
    assert raise_leads(wb, wb.campaign(PERIOD))
    wb.store.close()
    register_people(home, *PEOPLE, THIRD)
    return home


@dataclass
class Somebody:
    """A person with a browser of his own: what he opens, and a picture of each step."""

    login: str
    page: Page
    served: Served
    pictures: list[str] = field(default_factory=list)

    def opens(self, notebook: str, unit: str = UNIT) -> Page:
        named = f"unit={unit}&period={PERIOD}" + (f"&domain={DOMAIN}" if notebook == "fill" else "")
        self.page.goto(self.served.at(notebook, "" if notebook in ("my_work", "overview", "desk") else named))
        expect(self.page.locator("#loading")).to_have_count(0, timeout=WAIT)
        return self.page

    def sheet(self) -> Page:
        page = self.opens("fill")
        expect(page.locator(".xf-item").first).to_be_visible(timeout=WAIT)
        return page

    def keep(self, name: str) -> None:
        if folder := os.environ.get("XIAOBAO_PICTURES"):
            self.page.screenshot(path=Path(folder) / f"{self.login}-{name}.png", full_page=True)

    def signs(self, step: str, *, says: str = "", label: str = "") -> None:
        """Press a step of the sheet and confirm it in the dialogue."""
        self.page.get_by_role("button", name=step, exact=True).click()
        dialog = self.page.locator("dialog.xf-dialog")
        if label:
            dialog.get_by_label(label).fill(says)
        dialog.get_by_role("button", name=step, exact=True).click()
        expect(self.page.locator("dialog.xf-dialog")).to_have_count(0, timeout=WAIT)

    def offered(self, *steps: str) -> list[str]:
        """Return which of the steps the open page offers."""
        return [step for step in steps if self.page.get_by_role("button", name=step, exact=True).count()]


@pytest.fixture(scope="module")
def people(chromium: Browser, served: Served) -> Iterator[dict[str, Somebody]]:
    with browsers(chromium, served, wait=WAIT) as sign_in:
        yield {one.login: Somebody(one.login, sign_in(one.login), served) for one in (*PEOPLE, THIRD)}


def state(wb: Workbench) -> str:
    record = wb.store.inspection(wb.campaign(PERIOD).id, UNIT, DOMAIN)
    assert record is not None
    return record.state


def record_of(wb: Workbench) -> int:
    record = wb.store.inspection(wb.campaign(PERIOD).id, UNIT, DOMAIN)
    assert record is not None
    return record.id


def saved(page: Page) -> None:
    expect(page.locator(".xf-save")).to_have_text(re.compile(r"^已保存"), timeout=WAIT)


def answers_all(somebody: Somebody, tmp_path: Path) -> None:
    """Answer every item that a person answers, with what its kind asks for."""
    page = somebody.sheet()
    for item in ("c-01", "c-02", "c-judged", "c-count", "c-missing", "c-ramp", "c-proof"):
        card = page.locator(f'[data-item="{item}"]')
        card.get_by_role("radio", name="符合", exact=True).click()
        expect(card).to_have_attribute("data-answer", "compliant", timeout=WAIT)
        if item == "c-ramp":
            card.get_by_label(re.compile("实测|坡道|测得|数值")).first.fill("1.5")
        card.get_by_label("检查情况说明").fill("查阅登记簿，抽查 10 份")
        card.get_by_label("检查情况说明").blur()
    proof = tmp_path / "公示照片.txt"
    proof.write_text("公示栏照片说明", "utf-8")
    page.locator('[data-item="c-proof"] input[type=file]:not([capture])').set_input_files(proof)
    expect(page.locator('[data-item="c-proof"] .xf-file')).to_contain_text("公示照片.txt", timeout=WAIT)
    saved(page)


def row_of(page: Page) -> Locator:
    row = page.locator("[data-row]").first
    expect(row).to_be_visible(timeout=WAIT)
    return row


def decided(wb: Workbench) -> list[object]:
    return [one.decided for one in wb.store.decisions(wb.campaign(PERIOD).id).values()]


def test_a_sheet_goes_its_whole_way(people: dict[str, Somebody], wb: Workbench, tmp_path: Path) -> None:
    wang, li, zhang, zhao = (people[login] for login in ("wang", "li", "zhang", "zhao"))
    answers_all(wang, tmp_path)
    assert wang.offered("确认", "复核通过", "审定", "退回") == []
    wang.keep("1-filled")

    li.opens("my_work")
    expect(li.page.locator(".xb-view").first).to_contain_text("待确认的检查表", timeout=WAIT)
    li.keep("2-my-work")
    li.sheet()
    li.signs("确认")
    expect(li.page.locator(".xf-header")).to_contain_text("已确认", timeout=WAIT)
    li.keep("3-confirmed")

    wang.sheet()
    wang.signs("提交")
    expect(wang.page.locator(".xf-header")).to_contain_text("已提交", timeout=WAIT)
    assert state(wb) == "submitted"

    page = zhang.sheet()
    zhang.keep("4-review")
    item = page.locator('[data-item="c-01"]')
    item.get_by_role("button", name="写退回意见").click()
    item.locator("[data-name=remark]").fill("请写明抽查的登记簿编号")
    zhang.signs("退回", says="一处不清楚", label="退回原因（必填）")
    expect(page.locator(".xf-header")).to_contain_text("已退回", timeout=WAIT)

    page = wang.sheet()
    expect(page.locator('[data-name="returned"]')).to_contain_text("请写明抽查的登记簿编号")
    wang.keep("5-returned")
    item = page.locator('[data-item="c-01"]')
    item.get_by_label("检查情况说明").fill("查阅登记簿 2026-3 号，抽查 10 份")
    item.get_by_label("检查情况说明").blur()
    expect(item.locator(".xf-faults")).to_contain_text("改动原因", timeout=WAIT)  # a changed answer needs its reason
    item.get_by_label(re.compile("改动原因")).fill("按退回意见补登记簿编号")
    item.get_by_label(re.compile("改动原因")).blur()
    saved(page)
    item.get_by_role("button", name="已处理").click()
    dialog = page.locator("dialog.xf-dialog")
    dialog.get_by_label("做了什么（必填）").fill("已补编号")
    dialog.get_by_role("button", name="已处理").click()
    expect(item).to_contain_text("处理：已补编号", timeout=WAIT)

    li.sheet()
    li.signs("确认")
    expect(li.page.locator(".xf-header")).to_contain_text("已确认", timeout=WAIT)
    wang.sheet()
    wang.signs("提交")
    expect(wang.page.locator(".xf-header")).to_contain_text("已提交", timeout=WAIT)
    zhang.sheet()
    zhang.signs("复核通过", says="同意", label="复核意见")
    expect(zhang.page.locator(".xf-header")).to_contain_text("已复核", timeout=WAIT)
    assert zhang.offered("审定") == []
    zhao.sheet()
    zhao.keep("6-approve")
    zhao.signs("审定", says="同意", label="审定意见")
    expect(zhao.page.locator(".xf-header")).to_contain_text("已审定", timeout=WAIT)
    record = wb.store.inspection(wb.campaign(PERIOD).id, UNIT, DOMAIN)
    assert record is not None
    assert [(one.step, one.login) for one in record.signatures][-2:] == [("reviewed", "zhang"), ("approved", "zhao")]


def test_a_lead_is_answered_by_the_unit_and_decided_by_the_inspector(
    people: dict[str, Somebody], wb: Workbench
) -> None:
    wang, sun = people["wang"], people["sun"]
    row = row_of(wang.opens("leads"))
    assert row.get_by_label("认定结果").count() == 0  # not his to decide
    row.get_by_label("核实说明（必填）").fill("经核对原始登记，确属逾期")
    row.get_by_label("核实结果").select_option("confirmed")
    saved(wang.page)
    wang.keep("7-lead-answered")
    row = row_of(sun.opens("leads"))
    assert row.get_by_label("核实结果").count() == 0  # not his to answer
    row.get_by_label("认定理由（必填）").fill("同意核实结果")
    row.get_by_label("认定结果").select_option("confirmed")
    saved(sun.page)
    sun.keep("8-lead-decided")
    assert [str(one) for one in decided(wb)] == ["confirmed"]


def test_a_measure_is_reported_verified_and_closed(people: dict[str, Somebody], wb: Workbench, tmp_path: Path) -> None:
    wang, sun, zhao, li = (people[login] for login in ("wang", "sun", "zhao", "li"))
    record_paper(acting_as(wb, "zhao"), UNIT, PERIOD)
    page = zhao.opens("corrective_actions")
    page.get_by_role("button", name="按检查发现生成").click()
    expect(page.locator("[data-row]").first).to_be_visible(timeout=WAIT)
    case = next(one for one in actions(wb) if one.line == "case").id

    page = wang.opens("corrective_actions")
    row = page.locator(f'[data-row="{case}"]')
    row.get_by_label("整改措施（必填）").fill("补告知客户并退还手续费")
    row.get_by_label("责任人").fill("王填报")
    row.get_by_label("责任人").blur()
    saved(page)
    proof = tmp_path / "告知函.txt"
    proof.write_text("告知函", "utf-8")
    row.locator("input[type=file]:not([capture])").set_input_files(proof)
    expect(row).to_contain_text("告知函.txt", timeout=WAIT)
    row = page.locator(f'[data-row="{case}"]')
    row.get_by_label("是否已对消费者补救").select_option("yes")
    row.get_by_label("退还金额（元）").fill("20")
    row.get_by_label("告知消费者的日期").fill("2026-07-01")
    row.get_by_label("办理").select_option("done")
    row.get_by_label("进展、理由、验证情况").fill("已告知并退还")
    row.get_by_label("进展、理由、验证情况").blur()
    expect(row.locator(".xf-cell-strong").last).to_have_text("已整改待验证", timeout=WAIT)
    expect(row.locator(".xf-faults")).to_have_count(0)  # the note goes with the step, which is taken once
    wang.keep("9-reported")
    assert status(wb, case) == "done"

    for somebody, to, word in ((sun, "verified", "已核对告知函"), (zhao, "closed", "同意销号")):
        page = somebody.opens("corrective_actions")
        row = page.locator(f'[data-row="{case}"]')
        row.get_by_label("进展、理由、验证情况").fill(word)
        row.get_by_label("办理").select_option(to)
        page.locator(".xf-brand").click()
        saved(page)
        assert status(wb, case) == to
        somebody.keep(f"10-{to}")
    page = li.opens("corrective_actions")
    expect(page.locator(f'[data-row="{case}"]')).to_contain_text("已销号", timeout=WAIT)
    assert wb.store.verify() == []


def actions(wb: Workbench) -> list[CorrectiveAction]:
    return list(wb.store.actions(wb.campaign(PERIOD).id, UNIT))


def status(wb: Workbench, name: str) -> str:
    return next(one.status for one in actions(wb) if one.id == name)


def test_an_appeal_is_filed_and_decided_by_its_buttons(people: dict[str, Somebody], wb: Workbench) -> None:
    """The unit objects to an item; who reviewed or approved is not offered to decide; a third person does."""
    wang, zhang, sun = (people[login] for login in ("wang", "zhang", "sun"))
    page = wang.sheet()
    item = page.locator('[data-item="c-02"]')
    item.get_by_role("button", name="写申诉理由").click()
    item.locator("[data-name=remark]").fill("登记簿另有一册")
    page.get_by_role("button", name="申诉", exact=True).click()
    page.locator("dialog.xf-dialog").get_by_label("补充说明").fill("请复核")
    page.locator("dialog.xf-dialog").get_by_role("button", name="提出申诉").click()
    expect(page.locator('[data-name="appeal"]')).to_contain_text("登记簿另有一册", timeout=WAIT)
    wang.keep("11-appeal")
    for somebody in (zhang, sun, people["zhao"]):
        somebody.sheet()
        assert somebody.offered("处理申诉", "申诉", "撤回申诉") == [], somebody.login
    page = people["wu"].sheet()
    page.get_by_role("button", name="处理申诉", exact=True).click()
    dialog = page.locator("dialog.xf-dialog")
    dialog.get_by_label("处理结果").select_option("rejected")
    dialog.get_by_label("理由（必填）").fill("另册不在检查期间")
    people["wu"].keep("12-deciding")
    dialog.get_by_role("button", name="处理", exact=True).click()
    expect(page.locator('[data-name="appeal"]')).to_contain_text("不成立（吴三）：另册不在检查期间", timeout=WAIT)
    [told] = wb.store.appeals([record_of(wb)])[record_of(wb)]
    assert (told.state, told.decided_by) == ("rejected", "吴三")


# Doors that are not theirs: the page, the unit, what it must not offer or tell

DOORS = {
    "wang": (("fill", OTHER), ("leads", OTHER), ("desk", "")),
    "li": (("fill", OTHER), ("corrective_actions", OTHER), ("desk", "")),
    "qian": (("fill", UNIT), ("leads", UNIT), ("corrective_actions", UNIT)),
    "zhang": (("desk", ""), ("leads", UNIT), ("corrective_actions", UNIT)),
    "sun": (("desk", ""), ("fill", UNIT), ("corrective_actions", UNIT)),
    "zhao": (("fill", UNIT), ("leads", UNIT), ("corrective_actions", UNIT)),
}
# What only others may do there, as labels and buttons of the page.
NOT_OFFERED = {
    "zhang": ("核实结果", "认定结果", "办理", "按检查发现生成"),
    "sun": ("确认", "复核通过", "审定", "整改措施（必填）"),
    "zhao": ("核实结果", "确认", "整改措施（必填）", "提交"),
}


@pytest.mark.parametrize("login", list(DOORS))
def test_three_doors_that_are_not_his(people: dict[str, Somebody], wb: Workbench, login: str) -> None:
    somebody, before = people[login], wb.store.checkpoint()
    for notebook, unit in DOORS[login]:
        page = somebody.opens(notebook, unit)
        expect(page.locator(".xf-root, .xf-header, .xf-banner, .xb-view").first).to_be_visible(timeout=WAIT)
        somebody.keep(f"door-{notebook}-{unit or 'bank'}")
        if unit and login in ("wang", "li", "qian"):
            assert page.locator(".xf-item, [data-row]").count() == 0, (notebook, unit)
            foreign = "河西支行" if unit == OTHER else "城关支行"
            assert foreign not in page.locator("body").inner_text(), (notebook, unit)
        elif notebook == "desk":
            expect(page.locator("body")).to_contain_text("不能查看运行状态", timeout=WAIT)
        for words in NOT_OFFERED.get(login, ()):
            assert page.get_by_label(words, exact=True).count() == 0, (notebook, words)
            assert page.get_by_role("button", name=words, exact=True).count() == 0, (notebook, words)
    assert wb.store.checkpoint() == before


class _Other(http.server.BaseHTTPRequestHandler):
    """A page of another origin that a signed-in person opens: it reads, writes and connects, as far as it is let."""

    target = 0

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.target}"
        script = f"""
          window.told = {{}};
          const note = (name) => () => {{ told[name] = 'refused'; }};
          fetch('{base}/voila/render/fill.ipynb?unit={UNIT}&period={PERIOD}', {{credentials: 'include'}})
            .then((r) => r.text()).then((t) => {{ told.read = t; }}, note('read'));
          fetch('{base}/logout', {{method: 'POST', credentials: 'include', mode: 'no-cors', body: 'x=1'}})
            .then((r) => {{ told.post = r.type; }}, note('post'));
          const kernel = location.hash.slice(1);
          const socket = new WebSocket('ws://127.0.0.1:{self.target}/api/kernels/' + kernel + '/channels');
          socket.onopen = () => {{ told.socket = 'open'; }};
          socket.onerror = note('socket');
        """
        body = f"<!doctype html><meta charset=utf-8><p>别的网站<script>{script}</script>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def another_site(port: int) -> Iterator[int]:
    _Other.target = port
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Other)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_page_of_another_origin_tries_in_the_browser_of_each(people: dict[str, Somebody], wb: Workbench) -> None:
    """It reads nothing, connects to no kernel and signs nobody out."""
    wang = people["wang"]
    kernel = re.search(r'"kernelId": ?"([^"]+)"', wang.sheet().content())
    before = wb.store.checkpoint()
    with another_site(wang.served.port) as port:
        for somebody in [people[one.login] for one in PEOPLE]:
            for name in ("127.0.0.1", "localhost"):
                other = somebody.page.context.new_page()
                other.goto(f"http://{name}:{port}/#{kernel[1] if kernel else ''}")
                other.wait_for_function("told.read && told.post && told.socket")
                told = other.evaluate("told")
                assert (told["read"], told["socket"]) == ("refused", "refused"), (somebody.login, name)
                other.close()
            somebody.opens("my_work")
            expect(somebody.page.locator(".xb-who")).to_be_visible(timeout=WAIT)  # still signed in
    assert wb.store.checkpoint() == before
