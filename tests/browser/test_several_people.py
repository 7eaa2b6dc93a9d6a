"""What several people do at one sheet and one lead: work divided, a verdict over the data's, siblings, 还原.

Each has a browser of his own; what one may not do is not offered to him.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served, browsers, printed
from tests.browser.people import register_people, seat
from tests.factories.answering import as_handed_in, fill
from tests.factories.inspections import (
    CHECK,
    DOMAIN,
    OTHER,
    PERIOD,
    UNIT,
    inspection,
    record_finding,
    tiny_workspace,
    workbench,
)
from tests.factories.page_notebooks import copy_notebooks
from tests.factories.people import acting_as
from xiaobao.datasets.personal import load_key, pseudonym
from xiaobao.features.history.history_lines import history_entries
from xiaobao.model import Lead, Person, Role
from xiaobao.workbench.inspections import filling
from xiaobao.workbench.workspace import KEY_FILE, Workbench

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.timeout(900)]
WAIT = 120_000
HEAD, CUSTOMER = "01", "8800123456"
PEOPLE = (
    Person(login="wang", name="王填报", seats=(seat(Role.FILLER),)),
    Person(login="zhao", name="赵填报", seats=(seat(Role.FILLER),)),
    Person(login="li", name="李负责", seats=(seat(Role.UNIT_HEAD),)),
    Person(login="qian", name="钱河西", seats=(seat(Role.FILLER, OTHER),)),
    Person(login="zhang", name="张复核", seats=(seat(Role.REVIEWER, HEAD),)),
    Person(login="sun", name="孙消保", seats=(seat(Role.HEAD_OFFICE, HEAD),)),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Leads of one unit by three tellers, two of one customer; a sheet that the data have answered, handed in."""
    home = tiny_workspace(tmp_path_factory.mktemp("several") / "bank")
    copy_notebooks(home, "fill", "leads", "my_work", "overview")
    wb = workbench(home)
    key = load_key(home / KEY_FILE)
    customers = [pseudonym(number, "customer", key) for number in (CUSTOMER, CUSTOMER, "8800000002", "8800000003")]
    _, record = inspection(wb, OTHER)
    leads = [
        Lead(
            id=f"L{n}",
            check_id=CHECK,
            item_id="c-overdue",
            unit=OTHER,
            period=PERIOD,
            summary=f"第 {n} 件超过时限",
            record={"投诉编号": f"TS{n}", "柜员号": "001" if n < 4 else "002", "客户号": customers[n - 1]},
            business_date=date(2026, 3, 1 if n in (1, 4) else n),
        )
        for n in (1, 2, 3, 4)
    ]
    with wb.store.writing(wb.actor) as tx:
        tx.raise_leads(record.id, [CHECK], leads, date(2026, 7, 1))
    record_finding(wb)
    wb.store.close()
    register_people(home, *PEOPLE)
    return home


@pytest.fixture(scope="module")
def people(chromium: Browser, served: Served) -> Iterator[dict[str, Page]]:
    with browsers(chromium, served, wait=WAIT) as sign_in:
        yield {one.login: sign_in(one.login) for one in PEOPLE}


def opens(page: Page, served: Served, notebook: str, unit: str = UNIT) -> Page:
    page.goto(served.at(notebook, f"unit={unit}&period={PERIOD}" + (f"&domain={DOMAIN}" if notebook == "fill" else "")))
    expect(page.locator(".xf-item, [data-row]").first).to_be_visible(timeout=WAIT)
    return page


def test_the_head_divides_a_sheet_and_sees_who_is_where_while_they_work(
    people: dict[str, Page], served: Served, wb: Workbench
) -> None:
    head = opens(people["li"], served, "fill")
    head.get_by_role("button", name="分工", exact=True).click()
    share = head.locator("dialog.xf-share")
    share.locator("summary", has_text="登记").click()
    share.get_by_label("整个要素：登记").select_option(label="王填报")
    share.get_by_label("第2项登记完整").select_option(label="赵填报")
    share.get_by_role("button", name="完成").click()
    expect(share).to_have_count(0)
    where = head.locator('[data-name="work"]')
    expect(where).to_have_text("分工　王填报 0/2；　赵填报 0/1", timeout=WAIT)
    expect(head.locator('[data-item="c-02"] .xf-ask')).to_contain_text("负责人 赵填报")

    wang = opens(people["wang"], served, "fill")
    expect(wang.get_by_role("button", name="分工", exact=True)).to_have_count(0)
    wang.get_by_role("button", name="只看我的").click()
    expect(wang.locator('[data-item="c-01"]')).to_be_visible()
    expect(wang.locator('[data-item="c-02"]')).to_be_hidden()
    expect(wang.locator('[data-item="c-judged"]')).to_be_visible()  # given to nobody: everybody's
    wang.locator('[data-item="c-01"]').get_by_role("radio", name="符合", exact=True).check()
    expect(wang.locator(".xf-save")).to_have_text(re.compile("^已保存"), timeout=WAIT)
    expect(where).to_contain_text("王填报 1/2，最近在“第1项登记完整”", timeout=WAIT)  # without a reload
    expect(head.locator('[data-item="c-01"]')).to_have_attribute("data-answer", "compliant", timeout=WAIT)


def test_a_reviewer_puts_his_verdict_beside_that_of_the_data(
    people: dict[str, Page], served: Served, wb: Workbench
) -> None:
    """Both verdicts stay, with who and why; without a reason nothing is kept; taken back, the data's stands alone."""
    if filling.open_form(acting_as(wb, "wang"), UNIT, PERIOD, DOMAIN).open:
        fill(acting_as(wb, "wang"), PERIOD)
        as_handed_in(wb, PERIOD)
    page = opens(people["zhang"], served, "fill")
    item = page.locator('[data-item="c-overdue"]')
    item.locator("summary .xf-number").click()
    box = item.locator(".xf-review")
    expect(box).to_contain_text("没有人工认定，以数据和疑点认定为准")
    expect(box.locator("tbody tr").first).to_contain_text("数据检查")
    item.get_by_role("button", name="人工认定", exact=True).click()
    box.get_by_role("radio", name="符合", exact=True).check()
    item.get_by_role("button", name="保存人工认定").click()
    expect(box.locator(".xf-faults")).to_contain_text("须写明理由", timeout=WAIT)
    item.get_by_label("与数据结论不同的理由（必填）").fill("两件均有延期审批，系统未录入")
    item.get_by_role("button", name="保存人工认定").click()
    expect(box.locator("tbody tr")).to_have_count(2, timeout=WAIT)
    expect(box.locator("tbody tr").nth(0)).to_contain_text("数据检查")
    expect(box.locator("tbody tr").nth(1)).to_contain_text(re.compile("人工认定.*符合.*张复核"))
    expect(box).to_contain_text("理由：两件均有延期审批，系统未录入")
    review = filling.open_form(acting_as(wb, "zhang"), UNIT, PERIOD, DOMAIN).items["c-overdue"].review
    assert review is not None
    assert (review.answer.author, review.answer.reason) == ("张复核", "两件均有延期审批，系统未录入")

    filler = opens(people["wang"], served, "fill").locator('[data-item="c-overdue"]')
    filler.locator("summary .xf-number").click()
    expect(filler.locator(".xf-review")).to_contain_text("两件均有延期审批，系统未录入")
    expect(filler.locator(".xf-review").get_by_role("button")).to_have_count(0)

    item.get_by_role("button", name="撤回人工认定").click()
    expect(box).to_contain_text("没有人工认定，以数据和疑点认定为准", timeout=WAIT)
    assert filling.open_form(acting_as(wb, "zhang"), UNIT, PERIOD, DOMAIN).items["c-overdue"].review is None


def test_a_lead_leads_to_those_of_its_teller_its_customer_and_its_day(people: dict[str, Page], served: Served) -> None:
    page = opens(people["sun"], served, "leads", OTHER)
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(4)
    for title, shown in (
        ("同一柜员 001 另有 2 条", {"L1", "L2", "L3"}),
        ("同一客户", {"L1", "L2"}),
        ("同一天 2026-03-01 另有 1 条", {"L1", "L4"}),
    ):
        page.locator('[data-row="L1"]').get_by_role("button", name=title).click()
        expect(rows).to_have_count(len(shown))
        assert set(rows.evaluate_all("all => all.map(one => one.dataset.row)")) == shown
        page.get_by_role("button", name="显示全部").click()
        expect(rows).to_have_count(4)


def test_leads_are_printed_whole_without_what_only_a_screen_needs(people: dict[str, Page], served: Served) -> None:
    """Empty boxes print nothing, a long reason all its lines, and each sheet tells its number once."""
    page = opens(people["qian"], served, "leads", OTHER)
    reason = "逐笔调阅原始凭证，" * 30 + "现已补齐"
    page.locator('[data-row="L4"]').get_by_label("核实结果").select_option("refuted")
    page.locator('[data-row="L4"] [data-part="answer_note"]').fill(reason)
    page.locator(".xf-find").click()
    expect(page.locator(".xf-save")).to_have_text(re.compile("^已保存"), timeout=WAIT)
    sheets = [sheet.replace("⻚", "页") for sheet in printed(page)]
    text = "".join(sheets)
    assert text.count("调阅") == 30  # lines of neighbouring columns stand between
    assert not [word for word in ("必填", "核实结果", "还原化名", "附链接", "选中筛出的各条") if word in text]
    assert "同一柜员001另有2条" in text
    assert [sheet.count(f"第{place}页,共{len(sheets)}页") for place, sheet in enumerate(sheets, 1)] == [1] * len(sheets)


def test_a_pseudonym_is_turned_back_by_who_may_with_a_reason_and_is_noted(
    people: dict[str, Page], served: Served, wb: Workbench, tmp_path: Path
) -> None:
    """A list without the customer is refused in words; what is found is shown once and stands nowhere after."""
    page = opens(people["sun"], served, "leads", OTHER)
    page.locator('[data-row="L1"]').get_by_role("button", name="还原化名").click()
    dialog = page.locator("dialog.xf-dialog")
    dialog.get_by_role("button", name="还原化名").click()
    expect(dialog).to_contain_text("还原理由")
    dialog.get_by_label("还原理由").fill("客户来访核对")
    wrong, right = tmp_path / "别的名单.txt", tmp_path / "当日客户.csv"
    wrong.write_text("8899999999\n", "utf-8")
    right.write_text(f"客户号,网点\n8800000009,河西\n{CUSTOMER},河西\n", "gb18030")
    dialog.locator("input[type=file]").set_input_files(wrong)
    dialog.get_by_role("button", name="还原化名").click()
    expect(dialog).to_contain_text("没有找到这个化名", timeout=WAIT)
    dialog.locator("input[type=file]").set_input_files(right)
    dialog.get_by_role("button", name="还原化名").click()
    expect(dialog).to_contain_text(f"= {CUSTOMER}", timeout=WAIT)
    dialog.get_by_role("button", name="知道了").click()
    expect(page.locator("body")).not_to_contain_text(CUSTOMER)
    acts = [one for one in history_entries(acting_as(wb, "sun"), wb.campaign(PERIOD), unit=OTHER) if one.act == "还原"]
    assert {one.reason for one in acts} == {"客户来访核对"}
    assert all(CUSTOMER not in one.changed() for one in acts)
    assert wb.store.verify() == []

    reviewer = opens(people["zhang"], served, "leads", OTHER)
    expect(reviewer.get_by_role("button", name="还原化名")).to_have_count(0)
