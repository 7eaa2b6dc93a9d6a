"""Evidence and leads in the browser: opened in place, never as a page of ours; asked for on a phone."""

from __future__ import annotations

import io
import os
import re
import wave
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.factories.inspections import CHECK, DOMAIN, PERIOD, UNIT, inspection, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.features.visits.verbs import Planned, enter_visit, plan_visit
from xiaobao.model import Lead
from xiaobao.workbench.evidence.attaching import attach_file, find_subject
from xiaobao.workbench.inspections.filling import attach, open_form

pytestmark = pytest.mark.browser
WIDER = """() => [...document.querySelectorAll('.xf, .xf *')].filter((one) => one.checkVisibility()
  && one.getBoundingClientRect().right > window.innerWidth + 1).map((one) => one.className || one.tagName)"""
SECONDS = 60_000
SHOTS = os.environ.get("XIAOBAO_SHOTS", "")
PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)


def picture() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (1200, 800), "seagreen").save(made, "JPEG")
    return made.getvalue()


def paper() -> bytes:
    made, text = io.BytesIO(), docx.Document()
    text.add_heading("情况说明", 1)
    text.add_paragraph("<img src=x onerror=alert(1)>")
    text.save(made)
    return made.getvalue()


PAPER = paper()


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 8000)
    return made.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("evidence") / "bank", 3)
    copy_notebooks(home, "leads", "evidence", "corrective_actions", "overview", "visits")
    wb = workbench(home)
    _, record = inspection(wb)
    team = Planned(kind="regular", mode="off_site", period=PERIOD, leader="张检", inspectors=("张检", "李查"))
    enter_visit(wb, plan_visit(wb, UNIT, wb.today.year, replace(team, domains=(DOMAIN,))).number)
    leads = [
        Lead(
            id=f"L{n:02}",
            check_id=CHECK,
            item_id="c-overdue",
            unit=UNIT,
            period=PERIOD,
            summary=f"办理用时超过时限 {n} 天",
            record={"投诉编号": f"TS{n:02}", "柜员号": f"{n % 7:03}"},
            business_date=date(2026, 3, 1 + n % 28),
        )
        for n in range(1, 9)
    ]
    with wb.store.writing(wb.actor) as tx:
        tx.raise_leads(record.id, [CHECK], leads, date(2026, 6, 30))
    form = open_form(wb, UNIT, PERIOD, DOMAIN)
    for name, data in (("公示.jpg", picture()), ("说明.docx", PAPER), ("通知.pdf", PDF), ("录音.wav", sound())):
        attach(wb, form, "c-01", name, data)
    attach_file(wb, find_subject(wb, "lead", "L01"), "被改过.txt", "原文\n".encode())
    for row in wb.store.kept("attachments"):
        (wb.home / row.path).write_bytes("改过\n".encode())
    wb.store.close()
    return home


def opened(page: Page, served: Any, name: str, width: int = 1366, height: int = 768) -> Page:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(served.at(name, f"unit={UNIT}&period={PERIOD}"))
    expect(page.locator(".xf-table")).to_be_visible(timeout=60_000)
    expect(page.locator("#loading")).to_have_count(0, timeout=60_000)
    return page


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def view(page: Page, name: str) -> Any:
    page.get_by_label(f"打开 {name}").click()
    return page.locator("dialog.xf-viewer")


def test_each_kind_of_file_opens_in_place(page: Page, served: Any, traffic: Any) -> None:
    opened(page, served, "evidence")
    shot(page, "evidence")
    box = view(page, "公示.jpg")
    expect(box.locator("img")).to_be_visible()
    assert box.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") == 1200
    shot(page, "evidence-image")
    box.get_by_text("关闭").click()
    expect(box).to_have_count(0)
    frame = view(page, "说明.docx").frame_locator("iframe")
    expect(frame.locator("h2")).to_have_text("情况说明")
    expect(frame.locator("main")).to_contain_text("<img src=x onerror=alert(1)>")
    shot(page, "evidence-preview")
    page.keyboard.press("Escape")
    sound = view(page, "录音.wav").locator("audio")
    sound.evaluate("one => new Promise((done) => { one.currentTime = 0.5; one.onseeked = done; })")
    page.keyboard.press("Escape")
    expect(view(page, "通知.pdf").locator("iframe")).to_have_count(1)
    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_label("下载 说明.docx").click()
    assert Path(download.value.path()).read_bytes() == PAPER
    traffic.assert_clean()


def test_the_server_hands_a_file_out_as_nothing_that_could_act_on_our_site(page: Page, served: Any) -> None:
    opened(page, served, "evidence")
    source = page.locator("img.xf-thumb").first.get_attribute("src")
    assert source is not None
    base = f"http://127.0.0.1:{served.port}{source.rpartition('/')[0]}"
    answer = page.request.get(f"{base}/view")
    policy = answer.headers["content-security-policy"]
    assert (answer.headers["content-type"], answer.headers["x-content-type-options"]) == ("image/jpeg", "nosniff")
    assert policy.startswith("sandbox; default-src 'none'")
    assert page.request.get(f"{base}/download").headers["content-disposition"].startswith("attachment")
    part = page.request.get(f"{base}/view", headers={"Range": "bytes=10-19"})
    assert (part.status, part.body()) == (206, picture()[10:20])
    nothing = page.request.get(f"http://127.0.0.1:{served.port}/evidence/{'0' * 64}/view")
    assert (nothing.status, "您不能查看" in nothing.text()) == (403, True)


def test_a_changed_file_is_told_and_not_shown(page: Page, served: Any) -> None:
    opened(page, served, "leads")
    box = view(page, "被改过.txt")
    expect(box).to_contain_text("与上传时不一致")
    expect(box.locator("iframe")).to_have_count(0)


def test_the_whole_list_comes_as_excel(page: Page, served: Any) -> None:
    opened(page, served, "leads")
    shot(page, "leads")
    with page.expect_download() as book:
        page.get_by_role("button", name="导出 Excel").click()
    assert book.value.suggested_filename == f"疑点核实清单-{PERIOD}-{UNIT}.xlsx"


def test_a_matter_of_a_visit_keeps_what_was_typed_until_it_is_taken(page: Page, served: Any, traffic: Any) -> None:
    """A dialog opened before the notebook's scripts have come stays on top when they move the page; refusals stand in
    it, in our words; the file opens in place; the working paper is one choice away."""
    held: list[Any] = []
    page.route(re.compile(r"/static/voila\.js"), lambda route: held.append(route))  # noqa: PLW0108  a builtin is none
    opened(page, served, "visits")
    row = page.locator(".xf-table tbody tr")
    row.get_by_role("button", name="登记问题").click()
    box = page.locator("dialog")
    expect(box).to_be_visible()
    page.wait_for_function("document.getElementById('rendered_cells').parentElement === document.body")
    for route in held:
        route.continue_()
    expect(page.locator(".xf-early")).to_have_count(0, timeout=SECONDS)
    take = box.get_by_role("button", name="登记问题")
    take.click()
    expect(box.get_by_role("alert")).to_have_text("请填写：事项、定性、依据、事实")
    box.get_by_label("事项").fill("双录缺失")
    box.get_by_label("定性").select_option(label="违规")
    box.get_by_label("依据").fill("本行办法")
    box.get_by_label("事实").fill("抽查 42 笔，6 笔没有双录")
    box.get_by_label("笔数").fill("六")
    box.get_by_label("佐证文件").set_input_files(
        {"name": "柜面.jpg", "mimeType": "image/jpeg", "buffer": picture() + b"\n"}
    )
    take.click()
    expect(box.get_by_role("alert")).to_contain_text("不是笔数", timeout=SECONDS)
    box.get_by_label("笔数").fill("6")
    take.click()
    expect(box).to_have_count(0, timeout=SECONDS)
    expect(row).to_contain_text("双录缺失（违规）", timeout=SECONDS)
    expect(view(page, "柜面.jpg").locator("img")).to_be_visible(timeout=SECONDS)
    page.locator("dialog").get_by_role("button", name="关闭").click()
    row.locator("select").select_option(label="出具检查底稿（问题 1）")
    expect(row).to_contain_text("检查底稿", timeout=SECONDS)
    assert page.evaluate(WIDER) == []
    traffic.assert_clean()


def test_a_request_goes_from_asked_to_handed_over_on_a_phone(page: Page, served: Any, traffic: Any) -> None:
    opened(page, served, "evidence", 390, 844)
    shot(page, "evidence-phone")
    assert page.evaluate(WIDER) == []
    page.get_by_role("button", name="要求调阅").click()
    page.fill("[data-field=wanted]", "投诉登记簿\n消保培训签到表")
    page.locator("dialog").get_by_role("button", name="要求调阅").click()
    rows = page.locator("tr[data-row^='request:']")
    expect(rows).to_have_count(2)
    rows.first.locator("input[type=file]").set_input_files(
        {"name": "登记簿.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    )
    expect(rows.first.get_by_label("打开 登记簿.jpg")).to_be_visible()
    rows.first.get_by_role("button", name="提交").click()
    page.locator("dialog").get_by_role("button", name="提交").click()
    expect(rows.first).to_contain_text("已提交")
    shot(page, "evidence-phone-request")
    traffic.assert_clean()
    opened(page, served, "leads", 390, 844)
    shot(page, "leads-phone")
    assert page.evaluate(WIDER) == []
