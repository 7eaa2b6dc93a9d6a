"""Sign-in in a real Chromium: the login page on phone and desk, a form filled as a person, a page of another site."""

from __future__ import annotations

import http.server
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, Served, free_port
from tests.browser.people import (
    ADMIN,
    HOME,
    LI,
    PASSWORD,
    WANG,
    Client,
    first_number,
    give_password,
    register,
    register_people,
)
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser
WAIT = 60_000
QUERY = f"unit={UNIT}&period={PERIOD}&domain={DOMAIN}"
Serve = Callable[..., AbstractContextManager[Served]]


def new_home(folder: Path) -> Path:
    home = tiny_workspace(folder / "bank", 3)
    copy_notebooks(home, "fill", "overview")
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = new_home(tmp_path_factory.mktemp("page"))
    register_people(home, WANG, LI)
    return home


def stored(wb: Workbench) -> set[str]:
    """Return the items that have an answer, as the store has them."""
    campaign = wb.campaign(PERIOD)
    homes = [one.id for one in wb.store.inspections(campaign.id) if (one.unit, one.domain) == (UNIT, DOMAIN)]
    return {item for home in homes for item in wb.store.responses(home)}


def sign_in(page: Page, served: Served, login: str = "wang", password: str = PASSWORD) -> None:
    page.goto(served.at("fill", QUERY))
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


def let_another_in(page: Page, served: Served) -> None:
    """李四 signs in in a second tab of the same browser."""
    second = page.context.new_page()
    second.goto(served.at("overview"))
    second.get_by_role("button", name="切换人员").click()
    second.get_by_label("登录名").fill("li")
    second.get_by_label("密码").fill(PASSWORD)
    second.get_by_role("button", name="登录").click()
    expect(second.locator(".xb-who")).to_contain_text("李四", timeout=WAIT)


@pytest.mark.parametrize("width", [390, 1366])
def test_the_login_page_fits_the_screen_and_says_what_to_do(
    page: Page, traffic: object, served: Served, width: int, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, served, password="wrong-1234567")
    expect(page.get_by_role("alert")).to_contain_text("登录名或密码不对")
    expect(page.get_by_role("button", name="登录")).to_be_in_viewport()
    expect(page.locator("body")).to_contain_text("第一次登录、忘记密码或被锁定")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    keep(page, f"login-{width}")


def keep(page: Page, name: str) -> None:
    """Keep a picture where whoever looks at them says so."""
    if folder := os.environ.get("XIAOBAO_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_person_signs_in_fills_and_signs_out(page: Page, traffic, served: Served, wb: Workbench) -> None:  # type: ignore[no-untyped-def]
    sign_in(page, served)
    page.wait_for_selector(".xf-item", timeout=WAIT)  # back on the page that was asked for
    expect(page.locator(".xb-who")).to_contain_text("王五 · 填报人（")
    page.keyboard.press("1")
    expect(page.locator(".xf-save")).to_have_text(re.compile("^已保存"), timeout=WAIT)
    keep(page, "signed-in")
    assert "c-01" in stored(wb)
    event = next(e for e in wb.store.events(20) if e.object == "response:c-01")
    assert (event.actor, event.login, event.verified) == ("王五", "wang", True)
    traffic.assert_clean()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    traffic.assert_clean()


def test_two_tabs_as_two_people(page: Page, served: Served, wb: Workbench) -> None:
    """The form of the first says that it is cut off; nothing is saved in the other's name."""
    sign_in(page, served)
    page.wait_for_selector(".xf-item", timeout=WAIT)
    let_another_in(page, served)
    item = page.locator('[data-item="c-02"]')
    item.get_by_role("radio", name="符合", exact=True).check()
    expect(page.locator(".xf-banner.xf-bad")).to_contain_text("本浏览器已换人登录", timeout=WAIT)
    assert "c-02" not in stored(wb)


def test_a_form_whose_way_to_its_kernel_never_came_is_not_opened_again_for_another(
    page: Page, served: Served, wb: Workbench
) -> None:
    """It would have loaded itself anew as the other's, without a word of what the first had just answered."""
    page.route_web_socket(re.compile("/api/kernels/"), lambda way: None)
    sign_in(page, served)
    page.wait_for_selector(".xf-item", timeout=WAIT)
    let_another_in(page, served)
    page.locator('[data-item="c-03"]').get_by_role("radio", name="符合", exact=True).check()
    expect(page.locator(".xf-banner.xf-bad")).to_contain_text("本浏览器已换人登录", timeout=WAIT)
    expect(page.locator(".xb-who")).to_contain_text("王五")
    assert "c-03" not in stored(wb)


def test_a_first_link_and_a_personal_link_lead_in_by_a_click(page: Page, served: Served, wb: Workbench) -> None:
    number = first_number(wb, "li")
    page.goto(f"http://127.0.0.1:{served.port}/first#{number}")
    assert number not in page.url  # nothing is left for whoever looks over the shoulder or into a log
    page.get_by_label("新密码").fill("Changjiang-2026")
    page.get_by_label("再输一次").fill("Changjiang-2026")
    keep(page, "first")
    page.get_by_role("button", name="保存并登录").click()
    expect(page.locator(".xb-who")).to_contain_text("李四", timeout=WAIT)
    assert number not in served.log.read_text("utf-8", "replace")
    give_password(wb, LI)


class _Evil(http.server.BaseHTTPRequestHandler):
    """A page of another site that tries what a page can try."""

    target = 0

    def do_GET(self) -> None:
        at = f"http://127.0.0.1:{self.target}"
        body = f"""<!DOCTYPE html><meta charset=utf-8><script>window.told = {{}};
        fetch("{at}/voila/render/fill.ipynb?{QUERY}", {{credentials: "include"}})
          .then(r => r.text()).then(t => told.read = t).catch(() => told.read = "refused");
        fetch("{at}/login", {{method: "POST", credentials: "include", mode: "no-cors", body: "login=wang"}})
          .then(r => told.post = "sent " + r.type).catch(() => told.post = "refused");
        var kernel = location.hash.slice(1), api = "ws://127.0.0.1:{self.target}/api/kernels/";
        var s = new WebSocket(api + kernel + "/channels?session_id=x");
        s.onopen = () => told.socket = "open"; s.onerror = () => told.socket = "refused";
        </script><iframe src="{at}/voila/render/fill.ipynb?{QUERY}" onload="told.frame = 1"></iframe>
        <script src="{at}/voila/static/voila.js" onload="told.script='run'" onerror="told.script='refused'"></script>
        <form id=out method=post action="{at}/logout" target=_blank></form>
        <a id=link href="{at}/voila/render/fill.ipynb?{QUERY}">link</a>"""
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_a_page_of_another_site_neither_reads_nor_writes_nor_frames(
    chromium: Browser, served: Served, wb: Workbench
) -> None:
    """The person is signed in and opens it in the same browser, under another port and another name."""
    _Evil.target = served.port
    evil = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Evil)
    threading.Thread(target=evil.serve_forever, daemon=True).start()
    context = chromium.new_context(locale="zh-CN")
    context.set_default_timeout(WAIT)
    try:
        page = context.new_page()
        sign_in(page, served)
        page.wait_for_selector(".xf-item")
        client = Client(served.port, {one["name"]: one["value"] for one in context.cookies()})
        kernel = client.open_page(f"/voila/render/fill.ipynb?{QUERY}")
        for name in ("127.0.0.1", "localhost"):  # the first is the same site, the second another
            other = context.new_page()
            other.goto(f"http://{name}:{evil.server_port}/#{kernel}")
            other.wait_for_function("told.read && told.post && told.socket && told.script")
            told = other.evaluate("told")
            assert told["read"] == "refused"
            assert told["socket"] == "refused"
            assert told["script"] == "refused"
            assert all("王五" not in frame.content() for frame in other.frames)
            with context.expect_page() as opened:
                other.evaluate("document.getElementById('out').submit()")
            expect(opened.value.locator("body")).to_contain_text("没有权限")
            assert client.get(f"/voila/render/fill.ipynb?{QUERY}").status == 200  # still signed in
            other.click("#link")
            other.wait_for_selector(".xf-item")  # a link leads here, and the person is still known
            assert "王五" in other.content()
    finally:
        context.close()
        evil.shutdown()
        evil.server_close()
    assert wb.store.verify() == []


# Alone, and the demo's choice


def test_alone_a_link_is_good_once_and_every_page_says_so(
    chromium: Browser, serve_notebooks: Serve, tmp_path: Path
) -> None:
    home = new_home(tmp_path)
    with serve_notebooks(home / "notebooks", home, tmp_path / "voila.log") as served:
        context = chromium.new_context(locale="zh-CN")
        page = context.new_page()
        page.goto(served.at("fill", QUERY))  # another user of this machine, without the link
        expect(page.locator("h1")).to_have_text("请用链接打开")
        link = served.link()
        page.goto(link)
        expect(page.locator(".xb-who")).to_have_text("单机，未认证", timeout=WAIT)
        page.goto(served.at("fill", QUERY))
        page.wait_for_selector(".xf-item", timeout=WAIT)
        expect(page.locator(".xb-who")).to_have_text("单机，未认证")
        page.keyboard.press("1")
        expect(page.locator(".xf-save")).to_have_text(re.compile("^已保存"), timeout=WAIT)
        keep(page, "alone")
        again = chromium.new_context().new_page()
        again.goto(link)
        expect(again.locator("h1")).to_have_text("请用链接打开")
        assert served.link() != link
        again.context.close()

        wb = workbench(home)  # now the first person is registered, with the form still open
        register(wb, WANG)
        page.locator('[data-item="c-02"]').get_by_role("radio", name="符合", exact=True).check()
        expect(page.locator(".xf-banner.xf-bad, .xf-faults:not(:empty)").first).to_be_visible(timeout=WAIT)
        assert "c-02" not in stored(wb)
        page.reload()
        expect(page.get_by_role("heading", name="登录")).to_be_visible()
        wb.store.close()
        context.close()


def test_in_the_demos_own_store_people_are_chosen_by_a_click(
    chromium: Browser, serve_notebooks: Serve, tmp_path: Path
) -> None:
    home = new_home(tmp_path)
    wb = workbench(home)
    register(wb, WANG, LI, ADMIN)
    with wb.store.writing(HOME) as tx:
        tx.mark_sample()
    with serve_notebooks(home / "notebooks", home, tmp_path / "voila.log", people=True) as served:
        assert "王五" in Client(served.port).get("/login").text
        for elsewhere in ({"X_Forwarded_For": "10.1.2.3", "Host": "127.0.0.1"}, {"Host": "localhost"}):
            assert Client(served.port).get("/login", **elsewhere).status == 200
        page = chromium.new_context(locale="zh-CN", viewport={"width": 1366, "height": 800}).new_page()
        page.goto(served.at("overview"))
        keep(page, "demo-1366")
        page.get_by_role("button", name="王五").click()
        expect(page.locator(".xb-who")).to_contain_text("王五", timeout=WAIT)
        page.get_by_role("button", name="切换人员").click()
        page.get_by_role("button", name="李四").click()
        expect(page.locator(".xb-who")).to_contain_text("李四", timeout=WAIT)
        page.context.close()
    wb.store.close()


# Addresses and certificates, by the command


def serve(home: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from xiaobao.cli import main; main()", "serve", *words]
    env = {**os.environ, "XIAOBAO_HOME": str(home), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_with_nobody_registered_only_this_machine_is_served(tmp_path: Path) -> None:
    done = serve(new_home(tmp_path), "--ip", "0.0.0.0", "--port", str(free_port()))
    _, said = done.communicate(timeout=60)
    assert done.returncode == 1
    assert "还没有登记人员，只能在本机" in said


def test_a_certificate_that_cannot_be_read_is_named(home: Path, tmp_path: Path) -> None:
    (tmp_path / "cert.pem").write_text("x", "utf-8")
    done = serve(home, "--certfile", str(tmp_path / "cert.pem"), "--port", str(free_port()))
    _, said = done.communicate(timeout=60)
    assert done.returncode == 1
    assert "证书或密钥读不出来" in said


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.3)


def test_behind_tls_cookies_are_secure_and_without_it_the_command_warns(
    home: Path, wb: Workbench, tmp_path: Path
) -> None:
    import http.client
    import ssl

    cert = tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", cert, "-out", tmp_path / "c"], check=True, capture_output=True)
    cert.write_text(cert.read_text("ascii") + (tmp_path / "c").read_text("ascii"), "ascii")
    port, plain = free_port(), free_port()
    running = [
        serve(home, "--port", str(port), "--certfile", str(cert)),
        serve(home, "--ip", "0.0.0.0", "--port", str(plain)),
    ]
    try:
        wait_for(port)
        context = ssl.create_default_context(cafile=cert)
        context.check_hostname = False
        asked = http.client.HTTPSConnection("127.0.0.1", port, context=context)
        asked.request("GET", "/login")
        first = asked.getresponse()
        text = first.read().decode()
        token = re.search(r'name="_xsrf" value="([^"]+)"', text)[1]  # type: ignore[index]
        xsrf = first.headers["Set-Cookie"].partition(";")[0]
        form = f"_xsrf={token}&login=wang&password={PASSWORD}".replace("|", "%7C")
        heads = {"Cookie": xsrf, "Content-Type": "application/x-www-form-urlencoded"}
        asked.request("POST", "/login", form, {**heads, "Origin": f"https://127.0.0.1:{port}"})
        answer = asked.getresponse()
        assert answer.status == 302
        [cookie] = [c for c in answer.headers.get_all("Set-Cookie") if c.startswith("xiaobao-")]
        assert {"Secure", "HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
        answer.read()
        asked.close()
        wait_for(plain)
        assert Client(plain).get("/login").status == 200
        assert Client(plain).get("/login", Host="10.0.0.1").status == 421
    finally:
        for process in running:
            process.terminate()
        said = [process.communicate(timeout=30)[1] for process in running]
    assert "提示" not in said[0]
    assert "没有证书也没有代理" in said[1]
