"""The form in a real browser: what the page says is saved is in the store, and nothing leaves this machine."""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import Served, Traffic, kernel_processes
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, raise_two_leads, record_finding, tiny_workspace
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.model import Conclusion, Disposition, Response
from xiaobao.workbench import leads
from xiaobao.workbench.inspections import filling as inspecting
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser
PLAIN_ITEMS = 40
WAIT = 60_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("fill") / "bank", PLAIN_ITEMS)
    copy_notebooks(home, "fill", "leads", "corrective_actions")
    return home


def open_page(page: Page, served: Served, unit: str, notebook: str = "fill") -> None:
    page.goto(served.at(notebook, f"unit={unit}&period={PERIOD}&domain={DOMAIN}"))
    page.wait_for_selector(".xf-item, .xf-table", timeout=WAIT)


def connected(page: Page) -> None:
    """Wait until a page that stands has its way to the kernel."""
    expect(page.locator(".xf")).not_to_have_class(re.compile("xf-early"), timeout=WAIT)


def stored(wb: Workbench, unit: str) -> dict[str, Response]:
    form = inspecting.open_form(wb, unit, PERIOD, DOMAIN)
    return {key: entry.response for key, entry in form.items.items() if entry.answered}


def saved(page: Page) -> None:
    expect(page.locator(".xf-save")).to_have_text(re.compile(r"^已保存 \d\d:\d\d:\d\d$"), timeout=WAIT)


def test_forty_answers_typed_fast_are_all_stored_and_shown_again(
    page: Page, traffic: Traffic, served: Served, wb: Workbench
) -> None:
    """Keys 1 answer and move on; the page says 已保存 only when the store has them all; a reload shows them."""
    open_page(page, served, UNIT)
    for _ in range(PLAIN_ITEMS):
        page.keyboard.press("1")
    saved(page)
    assert set(stored(wb, UNIT)) == {f"c-{n:02}" for n in range(1, PLAIN_ITEMS + 1)}
    page.reload()
    page.wait_for_selector(".xf-item", timeout=WAIT)
    expect(page.locator('.xf-item[data-answer="compliant"]')).to_have_count(PLAIN_ITEMS)
    expect(page.locator(".xf-counted")).to_contain_text(f"已答 {PLAIN_ITEMS}/45")
    traffic.assert_clean()


def test_a_form_is_answered_before_the_scripts_of_the_notebook_have_come(
    page: Page, served: Served, wb: Workbench
) -> None:
    """The form stands as soon as the page does; what is typed waits for its kernel, and stays where it was."""
    unit, held = "0102", list[Route]()
    page.route(re.compile(r"/static/voila\.js"), lambda route: held.append(route))  # noqa: PLW0108  a builtin is none
    page.goto(served.at("fill", f"unit={unit}&period={PERIOD}&domain={DOMAIN}"), wait_until="commit")
    page.locator('[data-item="c-31"]').get_by_role("radio", name="符合", exact=True).check(timeout=WAIT)
    note = page.locator('[data-item="c-31"]').get_by_label("检查情况说明")
    note.fill("先写")
    expect(page.locator(".xf-save")).to_contain_text(re.compile("正在保存|未保存"))
    assert "c-31" not in stored(wb, unit)
    held[0].continue_()
    saved(page)
    assert (stored(wb, unit)["c-31"].conclusion, stored(wb, unit)["c-31"].note) == (Conclusion.COMPLIANT, "先写")
    expect(note).to_be_focused()
    expect(page.locator(".xf-fill")).to_have_count(1)
    expect(page.locator('[data-item="c-31"]')).to_be_in_viewport()


def test_answers_by_mouse_ask_for_what_they_need(page: Page, traffic: Traffic, served: Served, wb: Workbench) -> None:
    """不适用 without a reason is refused at the item; with the reason it is stored; missing items are named."""
    unit = "0102"
    open_page(page, served, unit)
    first = page.locator('[data-item="c-01"]')
    first.get_by_role("radio", name="不适用", exact=True).check()
    expect(first.locator(".xf-faults")).to_contain_text("须说明原因", timeout=WAIT)
    expect(page.locator(".xf-save")).to_contain_text("未通过 1 项")
    assert "c-01" not in stored(wb, unit)
    first.get_by_label("不适用的理由（必填）").fill("本网点不办理")
    first.get_by_label("不适用的理由（必填）").blur()
    saved(page)
    assert stored(wb, unit)["c-01"].conclusion is Conclusion.NOT_APPLICABLE
    judged = page.locator('[data-item="c-judged"]')
    judged.get_by_role("radio", name="部分符合", exact=True).check()
    judged.get_by_label(re.compile("酌情扣分")).fill("1.5")
    judged.get_by_label(re.compile("扣分理由")).fill("抽查 10 件，2 件口径不一")
    judged.get_by_label(re.compile("扣分理由")).blur()
    saved(page)
    assert str(stored(wb, unit)["c-judged"].deduction) == "1.5"
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator(".xf-dialog")).to_contain_text("未完成")
    expect(page.locator(".xf-dialog")).to_contain_text("第2项登记完整")
    page.get_by_role("button", name="知道了").click()
    traffic.assert_clean()


def test_digits_in_a_text_box_are_text(page: Page, served: Served, wb: Workbench) -> None:
    """Keys answer only outside text boxes."""
    unit = "0102"
    open_page(page, served, unit)
    note = page.locator('[data-item="c-05"]').get_by_label("检查情况说明")
    note.click()
    page.keyboard.type("1234")
    note.blur()
    saved(page)
    assert "c-05" not in stored(wb, unit)
    assert note.input_value() == "1234"

    note.fill("现场查看并与经办人员访谈，做法与制度一致；" * 3)
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".xf-phone")
    shown = """() => {
        const box = document.querySelector('[data-item="c-05"] textarea');
        return box.scrollHeight <= box.clientHeight + 2;
    }"""
    page.wait_for_function(shown, timeout=WAIT)  # a text is as high as its lines are on the phone


def test_evidence_is_uploaded_in_pieces_and_listed(
    page: Page, traffic: Traffic, served: Served, wb: Workbench, tmp_path: Path
) -> None:
    unit = "0102"
    big = tmp_path / "大照片.pdf"
    big.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20_000)
    wrong = tmp_path / "程序.txt"
    wrong.write_bytes(b"MZ\x00\x00")
    open_page(page, served, unit)
    proof = page.locator('[data-item="c-proof"]')
    proof.get_by_role("radio", name="符合", exact=True).check()
    proof.locator("input[type=file]:not([capture])").set_input_files(big)
    expect(proof.locator(".xf-file")).to_contain_text("大照片.pdf", timeout=WAIT)
    saved(page)
    (sha,) = stored(wb, unit)["c-proof"].evidence
    kept = next((wb.home / "evidence").glob(f"*/{sha}.pdf"))
    assert kept.read_bytes() == big.read_bytes()
    proof.locator("input[type=file]:not([capture])").set_input_files(wrong)
    expect(proof.locator(".xf-upload")).to_contain_text("不接受这种文件", timeout=WAIT)
    traffic.assert_clean()
    # The browser's own reader of PDF loads parts of itself.
    proof.get_by_role("button", name="打开 大照片.pdf").click()
    expect(page.locator(".xf-viewer iframe")).to_be_visible(timeout=WAIT)
    page.get_by_role("button", name="关闭").click()
    expect(page.locator(".xf-viewer")).to_have_count(0)


def answered(page: Page, item: Locator) -> None:
    """Say 符合, where an earlier test has not."""
    choice = item.get_by_role("radio", name="符合", exact=True)
    if not choice.is_checked():
        choice.check()
        saved(page)


def test_a_file_on_its_way_is_not_lost_where_the_kernel_answers_late(
    page: Page, served: Served, wb: Workbench, tmp_path: Path
) -> None:
    """The page says that it hears nothing; it does not open itself anew, which would let the file drop."""
    late = tmp_path / "晚到.pdf"
    late.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 8_000)
    open_page(page, served, UNIT)
    connected(page)
    proof = page.locator('[data-item="c-proof"]')
    answered(page, proof)
    kernels = kernel_processes(served)
    try:
        for kernel in kernels:
            with contextlib.suppress(psutil.NoSuchProcess):
                kernel.suspend()
        proof.locator("input[type=file]:not([capture])").set_input_files(late)
        expect(page.locator(".xf-banner.xf-bad")).to_contain_text("连接已断开", timeout=WAIT)
        page.wait_for_timeout(4_000)
    finally:
        for kernel in kernels:
            with contextlib.suppress(psutil.NoSuchProcess):  # one that its page gave back meanwhile
                kernel.resume()
    expect(proof.locator(".xf-file").filter(has_text="晚到.pdf")).to_have_count(1, timeout=WAIT)
    expect(page.locator(".xf-banner.xf-bad")).to_have_count(0, timeout=WAIT)
    saved(page)
    assert stored(wb, UNIT)["c-proof"].evidence.count(hashlib.sha256(late.read_bytes()).hexdigest()) == 1


def test_a_file_whose_kernel_died_goes_to_the_next_one_without_being_chosen_again(
    page: Page, served: Served, wb: Workbench, tmp_path: Path
) -> None:
    """The page still holds the file; it is stored once, whatever had arrived before."""
    twice = tmp_path / "再传.pdf"
    twice.write_bytes(b"%PDF-1.7\n" + bytes(range(255, -1, -1)) * 40_000)  # three pieces
    open_page(page, served, UNIT)
    connected(page)
    page.evaluate("window.before = document")
    proof = page.locator('[data-item="c-proof"]')
    answered(page, proof)
    kernels = kernel_processes(served)
    for kernel in kernels:
        kernel.suspend()
    proof.locator("input[type=file]:not([capture])").set_input_files(twice)
    page.wait_for_timeout(500)
    for kernel in kernels:
        with contextlib.suppress(psutil.NoSuchProcess):
            kernel.kill()
    expect(proof.locator(".xf-file").filter(has_text="再传.pdf")).to_have_count(1, timeout=WAIT)
    expect(page.locator(".xf-banner.xf-bad")).to_have_count(0, timeout=WAIT)
    saved(page)
    assert page.evaluate("window.before === document"), "the page was loaded anew"
    assert stored(wb, UNIT)["c-proof"].evidence.count(hashlib.sha256(twice.read_bytes()).hexdigest()) == 1


def test_a_stale_answer_shows_both_and_the_person_chooses(page: Page, served: Served, wb: Workbench) -> None:
    unit = "0102"
    open_page(page, served, unit)
    form = inspecting.open_form(wb, unit, PERIOD, DOMAIN)
    inspecting.answer(wb, form, Response(item_id="c-09", conclusion=Conclusion.COMPLIANT, note="先到的人写的"), 0)
    item = page.locator('[data-item="c-09"]')
    item.get_by_role("radio", name="不符合", exact=True).check()
    item.get_by_label(re.compile("扣分理由")).fill("后到的人写的")
    item.get_by_label(re.compile("扣分理由")).blur()
    expect(item.locator(".xf-both")).to_contain_text("先到的人写的", timeout=WAIT)
    expect(item.locator(".xf-both")).to_contain_text("后到的人写的")
    item.get_by_role("button", name="用我的").click()
    saved(page)
    kept = stored(wb, unit)["c-09"]
    assert (kept.conclusion, kept.reason, kept.revision) == (Conclusion.NON_COMPLIANT, "后到的人写的", 2)


def test_an_unknown_unit_in_the_address_is_named_and_not_replaced(page: Page, served: Served) -> None:
    page.goto(served.at("fill", f"unit=<b>9999</b>&period={PERIOD}&domain={DOMAIN}"))
    expect(page.locator(".xf-banner")).to_contain_text("机构不存在", timeout=WAIT)
    expect(page.locator(".xf-item")).to_have_count(0)


def test_the_page_prints_every_item(page: Page, served: Served) -> None:
    open_page(page, served, UNIT)
    page.emulate_media(media="print")
    assert page.locator(".xf-nav").is_hidden()
    assert page.pdf(format="A4").count(b"/Type /Page\n") > 3
    page.emulate_media(media="screen")


def test_a_page_whose_kernel_is_gone_comes_back_by_itself_with_what_was_typed(
    page: Page, served: Served, wb: Workbench
) -> None:
    """An answer that gets no acknowledgement is never called saved; nothing has to be pressed to have it back."""
    unit = "0102"
    open_page(page, served, unit)
    connected(page)
    page.evaluate("WebSocket.prototype.send = function () {}")
    page.locator('[data-item="c-12"]').get_by_role("radio", name="符合", exact=True).check()
    expect(page.locator(".xf-banner.xf-bad")).to_contain_text("连接已断开", timeout=WAIT)
    expect(page.locator(".xf-save")).to_contain_text("连接已断开　未保存 1 项")
    assert "c-12" not in stored(wb, unit)
    expect(page.locator(".xf-banner.xf-info")).to_contain_text("已取回上次在本机填写、还没有保存的 1 项", timeout=WAIT)
    saved(page)
    assert stored(wb, unit)["c-12"].conclusion is Conclusion.COMPLIANT
    expect(page.locator(".xf-current")).to_have_attribute("data-item", "c-12")


def test_what_another_saves_appears_within_seconds_and_beside_what_i_type(
    page: Page, served: Served, wb: Workbench
) -> None:
    unit = "0102"
    open_page(page, served, unit)
    connected(page)
    form = inspecting.open_form(wb, unit, PERIOD, DOMAIN)
    inspecting.answer(wb, form, Response(item_id="c-20", conclusion=Conclusion.COMPLIANT, note="别人写的"), 0)
    theirs = page.locator('[data-item="c-20"]')
    expect(theirs.get_by_label("检查情况说明")).to_have_value("别人写的", timeout=10_000)
    item = page.locator('[data-item="c-21"]')
    item.get_by_role("radio", name="不适用", exact=True).check()  # refused until the reason is there
    expect(item.locator(".xf-faults")).to_contain_text("须说明原因", timeout=WAIT)
    inspecting.answer(wb, form, Response(item_id="c-21", conclusion=Conclusion.COMPLIANT, note="先到"), 0)
    expect(item.locator(".xf-both")).to_contain_text("先到", timeout=10_000)


def test_pages_show_though_other_hosts_never_answer(hanging_page: Page, traffic: Traffic, served: Served) -> None:
    open_page(hanging_page, served, UNIT)
    traffic.assert_clean()


def test_leads_are_answered_on_their_page(page: Page, traffic: Traffic, served: Served, wb: Workbench) -> None:
    """The unit's answer is stored with its explanation; the one who answered cannot decide."""
    first, _ = raise_two_leads(wb)
    open_page(page, served, UNIT, "leads")
    row = page.locator(f'[data-row="{first.id}"]')
    row.get_by_label("核实结果").select_option("confirmed")
    expect(row.locator(".xf-faults")).to_contain_text("须填写核实说明", timeout=WAIT)
    row.get_by_label("核实说明（必填）").fill("经核对，确属逾期")
    row.get_by_label("核实说明（必填）").blur()
    saved(page)
    (said,) = [r.decision for r in leads.leads_table(wb, PERIOD, UNIT) if r.lead.id == first.id]
    assert said is not None
    assert (said.answer, said.answer_note) == (Disposition.CONFIRMED, "经核对，确属逾期")
    row.get_by_label("认定理由（必填）").fill("同意")
    row.get_by_label("认定结果").select_option("confirmed")
    expect(row.locator(".xf-faults")).to_contain_text("核实人不能认定", timeout=WAIT)
    traffic.assert_clean()


def test_leads_are_ticked_and_decided_together_and_leave_what_was_filtered_for(
    page: Page, traffic: Traffic, served: Served, wb: Workbench
) -> None:
    raised = raise_two_leads(wb, "0102")
    open_page(page, served, "0102", "leads")
    page.get_by_label("状态").select_option("待核实")
    page.get_by_role("button", name="选中筛出的各条").click()
    bar = page.locator(".xf-bulk")
    expect(bar).to_contain_text("已选 2 条")
    bar.get_by_label("核实结果").select_option("refuted")
    bar.get_by_label("核实说明（必填）").fill("均在期限内办结")
    bar.get_by_role("button", name="批量核实").click()
    expect(page.locator("[data-row]")).to_have_count(0, timeout=WAIT)
    page.get_by_label("状态").select_option("待认定")
    expect(page.locator("[data-row]")).to_have_count(2)
    said = wb.store.decisions(wb.campaign(PERIOD).id)
    assert {said[one.id].answer_note for one in raised} == {"均在期限内办结"}
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_selector(".xf-phone")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    traffic.assert_clean()


def test_measures_are_proposed_and_filled_on_their_page(
    page: Page, traffic: Traffic, served: Served, wb: Workbench
) -> None:
    record_finding(wb)
    page.goto(served.at("corrective_actions", f"period={PERIOD}"))
    page.get_by_role("button", name="按检查发现生成").click(timeout=WAIT)
    row = page.locator("[data-row]").first
    row.get_by_label("责任人").fill("王五", timeout=WAIT)
    row.get_by_label("责任人").blur()
    saved(page)
    assert "王五" in {action.owner for action in wb.store.actions()}
    traffic.assert_clean()


def test_the_store_is_sound_after_all_of_it(wb: Workbench) -> None:
    assert wb.store.verify() == []
