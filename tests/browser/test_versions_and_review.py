"""Moving to a new version, confirming carried answers, and reviewing, clicked in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, Traffic
from tests.factories import tables
from tests.factories.answering import fails, hand_in
from tests.factories.inspections import (
    DOMAIN,
    FILLER,
    INSPECTOR,
    OTHER,
    PERIOD,
    UNIT,
    as_person,
    tiny_workspace,
    workbench,
)
from tests.factories.page_notebooks import copy_notebooks
from tests.factories.versions import publish, reworked
from xiaobao.model import Conclusion, Response
from xiaobao.workbench.importing import import_extract
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.results.freezing import Freezer
from xiaobao.workbench.results.questions import ask_questions
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser
WAIT = 60_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One unit has answered on the first version and a second is published; another has handed in."""
    home = tiny_workspace(tmp_path_factory.mktemp("versions") / "bank")
    copy_notebooks(home, "fill")
    wb = workbench(home)
    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    for item in ("c-01", "c-02", "c-03", "c-judged"):
        inspecting.answer(wb, form, Response(item_id=item, conclusion=Conclusion.COMPLIANT, note=f"{item} 已查"), 0)
    hand_in(as_person(wb, FILLER), PERIOD, OTHER, c_02=fails("登记缺两页"))
    publish(wb, reworked())
    wb.store.close()
    return home


@pytest.fixture
def wb(wb: Workbench) -> Workbench:
    return as_person(wb, INSPECTOR)


def open_page(page: Page, served: Served, unit: str) -> None:
    page.goto(served.at("fill", f"unit={unit}&period={PERIOD}&domain={DOMAIN}"))
    page.wait_for_selector(".xf-item", timeout=WAIT)


def test_a_draft_is_moved_and_its_answers_are_confirmed_or_given_anew(
    page: Page, traffic: Traffic, served: Served, wb: Workbench
) -> None:
    """Unchanged answers wait for 确认, a reworded item shows both wordings, a removed one is kept aside."""
    open_page(page, served, UNIT)
    expect(page.locator(".xf-banner")).to_contain_text("检查表已发布 2026.2 版，本检查任务仍用 2026.1 版")
    before = {i: e.response for i, e in inspecting.open_form(wb, UNIT, PERIOD, DOMAIN).items.items() if e.answered}

    page.get_by_role("button", name="换用新版").click()
    dialog = page.locator(".xf-dialog")
    expect(dialog).to_contain_text("换用 2026.2 版")
    dialog.get_by_label("原因（必填）").fill("总行修订检查表")
    dialog.get_by_role("button", name="换用", exact=True).click()
    expect(page.locator(".xf-brand")).to_contain_text("检查表版本 2026.2", timeout=WAIT)
    expect(page.locator(".xf-counted")).to_contain_text("已答 0/")

    aside = page.locator(".xf-aside")
    aside.locator("summary").click()
    expect(aside).to_contain_text("c-02 第2项登记完整（2026.1 版）符合；说明：c-02 已查")
    reworded = page.locator('[data-item="c-01"] .xf-carried')
    expect(reworded).to_contain_text("检查项已改版，请对照后重新作答")
    expect(reworded.locator("td").nth(0)).to_have_text("第1项登记完整，应有记录。")
    expect(reworded.locator("td").nth(1)).to_have_text("登记完整，并于当日录入系统。")

    same = page.locator('[data-item="c-judged"]')
    expect(same.locator(".xf-carried")).to_contain_text("待确认　2026.1 版的答复：符合；说明：c-judged 已查")
    same.get_by_role("button", name="原答复仍然成立，确认").click()
    expect(same.locator(".xf-carried")).to_have_count(0, timeout=WAIT)
    expect(page.locator(".xf-counted")).to_contain_text("已答 1/")

    page.locator('[data-item="c-01"]').get_by_role("radio", name="部分符合", exact=True).check()
    page.locator('[data-item="c-01"]').get_by_label(re.compile("扣分理由")).fill("未当日录入")
    page.locator('[data-item="c-01"]').get_by_label(re.compile("扣分理由")).blur()
    expect(page.locator('[data-item="c-01"] .xf-carried')).to_have_count(0, timeout=WAIT)

    form = inspecting.open_form(wb, UNIT, PERIOD, DOMAIN)
    assert form.checklist.version == "2026.2"
    now = {item: entry.response for item, entry in form.items.items()}
    assert (now["c-judged"].note, now["c-judged"].revision) == ("c-judged 已查", 2)
    assert (now["c-01"].conclusion, now["c-01"].revision) == (Conclusion.PARTIALLY_COMPLIANT, 2)
    assert now["c-03"] == before["c-03"]
    assert form.items["c-03"].carried is not None
    assert wb.store.responses(form.record.id)["c-02"] == before["c-02"]  # type: ignore[union-attr]
    assert [event.verb for event in wb.store.events() if event.verb == "move"] == ["move"]
    traffic.assert_clean()


def test_a_reviewer_answers_what_newer_data_ask(page: Page, traffic: Traffic, served: Served, wb: Workbench) -> None:
    """数据已更新: which checks, then and now, with the two answers; the sheet stays as it is where it is kept."""
    head = ["投诉编号", "机构号", "受理日期", "处理决定日期"]
    rows = [["T1", OTHER, "2026-01-05", "2026-03-01"]]
    import_extract(wb, "complaints", [tables.write_csv(wb.home, [head, *rows], name="c.csv")], PERIOD, replace=True)
    ask_questions(Freezer(wb, wb.campaign(PERIOD)))
    open_page(page, served, OTHER)
    asked = page.locator(".xf-asked")
    expect(asked).to_contain_text("数据已更新")
    expect(asked).to_contain_text("投诉台账 无数据 → 1 行")
    expect(asked).to_contain_text("提交时 无数据 0 条，现在 疑点待核实 1 条")
    expect(asked.get_by_role("button", name="退回，按新数据重填")).to_be_visible()
    asked.get_by_role("button", name="维持并说明理由").click()
    dialog = page.locator(".xf-dialog")
    dialog.get_by_role("button", name="维持", exact=True).click()
    expect(page.locator(".xf-dialog").last).to_contain_text("须写明理由", timeout=WAIT)
    page.locator(".xf-dialog").last.get_by_role("button", name="知道了").click()
    asked.get_by_role("button", name="维持并说明理由").click()
    page.locator(".xf-dialog").get_by_label("理由（必填）").fill("补报一件，下期处理")
    page.locator(".xf-dialog").get_by_role("button", name="维持", exact=True).click()
    expect(asked).to_contain_text("维持原结果：补报一件，下期处理", timeout=WAIT)
    expect(asked.get_by_role("button")).to_have_count(0)
    assert wb.store.questions(wb.campaign(PERIOD).id)[OTHER, DOMAIN].state == "kept"
    traffic.assert_clean()


def test_a_reviewer_says_otherwise_beside_the_units_answer(
    page: Page, traffic: Traffic, served: Served, wb: Workbench
) -> None:
    """The page's person did not fill this sheet: both answers stand side by side with what each earns, and why."""
    open_page(page, served, OTHER)
    expect(page.locator(".xf-view")).to_have_text("自评")
    item = page.locator('[data-item="c-01"]')
    expect(item.locator(".xf-review")).to_contain_text("尚无不同意见")
    item.get_by_role("button", name="复评不同意见").click()
    item.locator(".xf-review").get_by_role("radio", name="不符合", exact=True).check()
    item.get_by_role("button", name="保存复评").click()
    expect(item.locator(".xf-review .xf-faults")).to_contain_text("须", timeout=WAIT)
    item.get_by_label("与自评不同的理由（必填）").fill("抽查 5 份，3 份没有登记")
    item.get_by_role("button", name="保存复评").click()
    expect(item.locator(".xf-review")).to_contain_text("差异 -5 分", timeout=WAIT)
    rows = item.locator(".xf-review tbody tr")
    expect(rows.nth(0)).to_contain_text("自评符合")
    expect(rows.nth(0)).to_contain_text("5 / 5")
    expect(rows.nth(1)).to_contain_text("复评不符合")
    expect(rows.nth(1)).to_contain_text("0 / 5")
    expect(item.locator(".xf-review")).to_contain_text("理由：抽查 5 份，3 份没有登记")

    second = page.locator('[data-item="c-02"]')
    second.get_by_role("button", name="复评不同意见").click()
    second.locator(".xf-review").get_by_role("radio", name="符合", exact=True).check()
    second.get_by_label("与自评不同的理由（必填）").fill("缺页已补")
    second.get_by_role("button", name="保存复评").click()
    expect(second.locator(".xf-review")).to_contain_text("差异 +5 分", timeout=WAIT)
    second.get_by_role("button", name="撤回复评").click()
    expect(second.locator(".xf-review")).to_contain_text("尚无不同意见", timeout=WAIT)

    page.get_by_role("button", name="复核通过", exact=True).click()
    page.locator(".xf-dialog").get_by_role("button", name="复核通过").click()
    expect(page.locator(".xf-view")).to_have_text("复评", timeout=WAIT)
    expect(page.locator(".xf-review").get_by_role("button")).to_have_count(0)
    form = inspecting.open_form(wb, OTHER, PERIOD, DOMAIN)
    assert form.state == "reviewed"
    reviewed = {item_id: entry.review for item_id, entry in form.items.items() if entry.review}
    assert list(reviewed) == ["c-01"]
    assert form.items["c-01"].response.conclusion is Conclusion.COMPLIANT
    assert wb.store.verify() == []
    traffic.assert_clean()
