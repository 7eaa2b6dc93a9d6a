"""Sign-in over real HTTP and sockets: a real server process, people of a register, and who should not be in."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import replace as dataclass_replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
import websocket
from jupyter_server.services.kernels.kernelmanager import AsyncMappingKernelManager
from msgspec.structs import replace

from tests.browser.conftest import ROOT, Served
from tests.browser.fake_hub import FakeHub
from tests.browser.people import (
    ADMIN,
    HOME,
    LI,
    PASSWORD,
    SOCKETS,
    WANG,
    Client,
    first_number,
    give_password,
    register_people,
)
from tests.factories.inspections import DOMAIN, PERIOD, UNIT, tiny_workspace, workbench
from tests.factories.page_notebooks import copy_notebooks
from xiaobao.errors import WorkspaceError
from xiaobao.model import Actor, utc_now
from xiaobao.pages.hub import HUB_REFUSED as HUB_REFUSED
from xiaobao.pages.hub import hub_client
from xiaobao.settings import Hub
from xiaobao.workbench.signing_in import LINK_REFUSED, REFUSED, hash_of, make_personal_link
from xiaobao.workbench.workspace import Workbench

pytestmark = pytest.mark.browser
Serve = Callable[..., AbstractContextManager[Served]]
FILL = f"/voila/render/fill.ipynb?unit={UNIT}&period={PERIOD}&domain={DOMAIN}"


@pytest.fixture(scope="module")
def hub() -> Iterator[FakeHub]:
    with FakeHub.running() as hub:
        yield hub


@pytest.fixture(scope="module")
def home(hub: FakeHub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tiny_workspace(tmp_path_factory.mktemp("sign_in") / "bank", 3)
    copy_notebooks(home, "fill", "overview", "desk")
    with (home / "xiaobao.toml").open("a", encoding="utf-8") as file:
        file.write('\n[serve]\nhosts = ["xiaobao.bank.test"]\n\n[serve.proxy]\naddresses = ["127.0.0.7"]\n')
        file.write(f'socket = "{home / "p.sock"}"\n\n[serve.hub]\napi = "{hub.address}/api"\n')
        file.write(f'address = "{hub.address}"\ncallback = "/oauth_callback"\n')
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "hub.token").write_text(hub.token, "utf-8")
    register_people(home, WANG, LI)
    return home


@pytest.fixture
def wb(wb: Workbench) -> Iterator[Workbench]:
    yield wb
    with wb.store.writing(HOME) as tx:  # no test leaves another locked out
        for subject in ("login:wang", "login:li", "address:127.0.0.1", "proxy:127.0.0.1"):
            tx.access.forget_failures(subject)


@pytest.fixture
def client(served: Served) -> Client:
    return Client(served.port)


@pytest.fixture(autouse=True)
def closed_sockets() -> Iterator[None]:
    yield
    while SOCKETS:
        SOCKETS.pop().shutdown()


def told(wb: Workbench, what: str) -> list[dict[str, str]]:
    payloads = [json.loads(event.payload or "{}") for event in wb.store.each_event() if event.verb == "sign_in"]
    return [one for one in payloads if one["what"] == what]


# In and out


def test_whoever_is_not_signed_in_gets_the_login_page_and_nothing_else(client: Client) -> None:
    answer = client.get(FILL)
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/login?next=%2Fvoila%2Frender%2Ffill.ipynb")
    assert client.get("/").headers["Location"].startswith("/login?next=")
    for path in ("/voila/static/voila.js", "/voila/templates/lab/static/voila.js", "/nothing", "/voila/files/x"):
        assert client.get(path).status in (302, 403), path
    kernel = str(uuid.uuid4())
    assert client.get(f"/api/kernels/{kernel}").status == 403
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        client.socket(kernel)


def test_a_password_lets_in_and_the_way_out_ends_it(client: Client, wb: Workbench) -> None:
    page = client.get("/login?next=%2Fvoila%2Frender%2Ffill.ipynb")
    assert page.status == 200
    assert '<html lang="zh-CN">' in page.text
    assert not re.search(r"https?://", page.text)  # nothing from another host
    answer = client.sign_in("ＷＡＮＧ ")
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    [cookie] = [line for line in answer.headers.get_all("Set-Cookie") if line.startswith("xiaobao-")]
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    assert "王五" in client.get(FILL).text
    history = [event.payload for event in wb.store.each_event()]
    assert client.session() not in f"{history} {wb.store.session(hash_of(client.session()), utc_now())}"
    before = client.session()
    assert client.post_out().status == 302
    assert client.session() == ""
    client.cookies[f"xiaobao-{client.port}"] = before
    assert client.get(FILL).status == 302
    assert told(wb, "signed_in")[-1]["kind"] == "password"


@pytest.mark.parametrize(
    ("login", "password"), [("wang", "wrong-1234567"), ("nobody", PASSWORD), ("", ""), ("guanli", "")]
)
def test_whatever_was_wrong_the_same_is_said(client: Client, wb: Workbench, login: str, password: str) -> None:
    answer = client.sign_in(login, password)
    assert answer.status == 403
    assert REFUSED in answer.text
    assert client.session() == ""


def test_five_wrong_passwords_lock_and_the_right_one_is_refused_in_the_same_words(
    client: Client, wb: Workbench
) -> None:
    for _ in range(5):
        client.sign_in("li", "wrong-1234567")
    assert REFUSED in client.sign_in("li").text
    assert client.session() == ""
    assert told(wb, "locked")[-1] == {"what": "locked", "login": "li", "address": "127.0.0.1"}
    assert client.sign_in("wang").status == 302  # others come in


def test_a_form_is_good_only_from_its_own_page(client: Client, wb: Workbench) -> None:
    client.get("/login")
    form = {"login": "wang", "password": PASSWORD}
    assert client.ask("POST", "/login", form).status == 403
    assert client.ask("POST", "/login", {**form, "_xsrf": "2|x|y|1"}).status == 403
    page = client.get("/login").text
    token = re.search(r'name="_xsrf" value="([^"]+)"', page)[1]  # type: ignore[index]
    assert client.ask("POST", "/login", {**form, "_xsrf": token}).status == 302
    assert client.ask("POST", "/login", {**form, "_xsrf": token}).status == 403  # the same form again
    assert client.ask("POST", "/logout", {}).status == 403
    assert client.get(FILL).status == 200


# Names, origins, other machines


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "xiaobao.bank.test.evil", "", "[::1", "10.0.0.1"])
def test_a_name_that_was_not_set_is_not_answered(client: Client, host: str) -> None:
    """A page of another site whose name was made to lead here (rebinding) gets nothing."""
    client.sign_in("wang")
    answer = client.get(FILL, Host=host)
    assert answer.status in (400, 421)
    assert "王五" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "xiaobao.bank.test", "XIAOBAO.bank.test:443"])
def test_a_name_that_was_set_is_answered(client: Client, host: str) -> None:
    assert client.get("/login", Host=host).status == 200


def test_a_page_of_another_site_reaches_nothing(client: Client) -> None:
    client.sign_in("wang")
    kernel = client.open_page(FILL)
    for origin in (
        "http://evil.test",
        "null",
        f"http://localhost:{client.port}",
        f"http://127.0.0.1:{client.port + 1}",
    ):
        assert client.get(FILL, Origin=origin).status == 403, origin
        assert client.get("/voila/static/voila.js", Origin=origin).status == 403
        assert client.ask("POST", "/login", {}, Origin=origin).status == 403
        assert client.ask("POST", f"/voila/api/shutdown/{kernel}", {}, Origin=origin).status == 403
        with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
            client.socket(kernel, origin=origin)
    other = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "iframe"}
    assert client.get(FILL, **other).status == 403
    assert client.get(FILL, **{**other, "Sec_Fetch_Mode": "navigate"}).status == 403
    led = client.get(FILL, Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate", Sec_Fetch_Dest="document")
    assert led.status == 200
    assert 'http-equiv="refresh"' in led.text
    assert "王五" not in led.text


def test_the_menu_leaves_out_what_one_may_not_open(client: Client, served: Served, wb: Workbench) -> None:
    client.sign_in("wang")
    page = client.get("/voila/render/overview.ipynb").text
    assert "fill.ipynb" in page and "desk.ipynb" not in page
    give_password(wb, ADMIN)
    other = Client(served.port)
    other.sign_in("guanli")
    assert "/voila/render/desk.ipynb" in other.get("/voila/render/desk.ipynb").text


def test_pages_cannot_be_framed_and_are_not_kept(client: Client) -> None:
    client.sign_in("wang")
    for path in ("/login", FILL):
        headers = client.get(path).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"
        assert "no-store" in (headers["Cache-Control"] or "") or path == "/login"
        assert headers["Server"] is None


# Kernels


def message(kind: str, channel: str = "shell", **content: Any) -> str:
    header = {"msg_id": uuid.uuid4().hex, "msg_type": kind, "session": "test", "username": "", "version": "5.3"}
    return json.dumps(
        {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": channel, "buffers": []}
    )


def replies(socket: websocket.WebSocket, seconds: float) -> list[str]:
    kinds, end = [], time.monotonic() + seconds
    socket.settimeout(0.5)
    while time.monotonic() < end:
        try:
            sent = socket.recv()
        except websocket.WebSocketTimeoutException:
            continue
        except websocket.WebSocketConnectionClosedException:
            return [*kinds, "closed"]
        if not sent:
            return [*kinds, "closed"]
        kinds.append(json.loads(sent)["header"]["msg_type"] if isinstance(sent, str) else "binary")
    return kinds


NOT_FROM_A_PAGE = [
    "execute_request",
    "shutdown_request",
    "interrupt_request",
    "complete_request",
    "inspect_request",
    "history_request",
    "debug_request",
    "is_complete_request",
    "input_reply",
    "create_subshell_request",
    "usage_request",
    "abort_request",
]


def test_a_kernel_takes_only_what_a_page_sends(client: Client, home: Path) -> None:
    """No execute, no shutdown, on no channel, however it is spelt; the kernel lives and answers on."""
    client.sign_in("wang")
    kernel, mark = client.open_page(FILL), home / "written-by-socket"
    socket = client.socket(kernel)
    code = f"open({str(mark)!r}, 'w').close()"
    for kind in NOT_FROM_A_PAGE:
        for channel in ("shell", "control", "stdin", "iopub", ""):
            socket.send(message(kind, channel, code=code, silent=False, restart=False, value=code, cursor_pos=1))
    socket.send(message("comm_info_request", "control"))
    socket.send(message("kernel_info_request"))
    kinds = replies(socket, 6)
    assert "kernel_info_reply" in kinds
    assert not {f"{kind.removesuffix('_request')}_reply" for kind in NOT_FROM_A_PAGE} & set(kinds)
    assert "comm_info_reply" not in kinds
    assert not mark.exists()
    assert client.get(f"/api/kernels/{kernel}").status == 200
    socket.send("{")
    assert replies(socket, 3)[-1:] == ["closed"]


def test_the_api_is_closed_but_for_ones_own_kernel(client: Client, served: Served) -> None:
    client.sign_in("wang")
    kernel = client.open_page(FILL)
    assert client.get(f"/api/kernels/{kernel}").status == 200
    for method, path in (
        ("DELETE", f"/api/kernels/{kernel}"),
        ("POST", f"/api/kernels/{kernel}/interrupt"),
        ("POST", f"/api/kernels/{kernel}/restart"),
        ("GET", "/api/kernels"),
        ("POST", "/api/kernels"),
        ("GET", "/api/sessions"),
        ("GET", "/api/contents"),
        ("GET", "/voila/api/contents"),
        ("GET", "/api/terminals"),
        ("GET", "/api/status"),
        ("GET", "/api/me"),
        ("GET", "/voila/files/xiaobao.toml"),
        ("GET", "/voila/tree"),
        ("GET", "/files/xiaobao.sqlite"),
    ):
        assert client.ask(method, path, {} if method != "GET" else None).status in (403, 404, 405), path
    assert client.get(f"/api/kernels/{kernel}").status == 200

    other = Client(served.port)
    other.sign_in("li")
    assert other.get(f"/api/kernels/{kernel}").status == 403
    with pytest.raises(websocket.WebSocketBadStatusException, match="403"):
        other.socket(kernel)
    own = {"Origin": f"http://127.0.0.1:{served.port}"}
    assert other.ask("POST", f"/voila/api/shutdown/{kernel}", {}, **own).status == 404
    assert client.get(f"/api/kernels/{kernel}").status == 200
    assert client.ask("POST", f"/voila/api/shutdown/{kernel}", {}, **own).status == 204
    assert client.ask("POST", f"/voila/api/shutdown/{kernel}", {}, **own).status == 204, "it has ended already"
    assert client.get(f"/api/kernels/{kernel}").status in (403, 404)


def test_signing_out_ends_ones_kernels_and_sockets(client: Client) -> None:
    client.sign_in("wang")
    kernel = client.open_page(FILL)
    socket = client.socket(kernel)
    assert client.post_out().status == 302
    assert replies(socket, 10)[-1:] == ["closed"]


def test_a_second_person_in_the_same_browser_ends_the_firsts_session(client: Client, served: Served) -> None:
    """Two tabs as two people: the tab of the first says that it is over, and nothing is saved in the wrong name."""
    client.sign_in("wang")
    first = dataclass_replace(client, cookies=dict(client.cookies))
    socket = client.socket(client.open_page(FILL))
    page = client.get("/voila/render/overview.ipynb").text
    token = re.search(r'name="_xsrf" value="([^"]+)"', page)[1]  # type: ignore[index]
    answer = client.ask("POST", "/login", {"_xsrf": token, "login": "li", "password": PASSWORD})
    assert answer.status == 302
    assert "李四" in client.get(FILL).text
    assert first.get(FILL).status == 302
    assert replies(socket, 10)[-1:] == ["closed"]


def test_tickets_stand_in_kernels_alone(client: Client, served: Served) -> None:
    """Neither the server's nor the warm process's environment has one, and two pages have two."""
    client.sign_in("wang")
    client.open_page(FILL)
    client.open_page("/voila/render/overview.ipynb")
    [server] = [p for p in psutil.process_iter(["cmdline"]) if f"--port={served.port}" in (p.info["cmdline"] or ())]
    assert "XIAOBAO_TICKET" not in server.environ()
    zygotes = [p for p in server.children() if "xiaobao.engine.zygote" in p.cmdline()]
    assert all("XIAOBAO_TICKET" not in zygote.environ() for zygote in zygotes)


def test_a_kernel_that_waits_warm_acts_for_nobody(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made without a request it carries an empty ticket, and that is refused: it never acts as the server's user."""
    import asyncio

    from xiaobao.pages.owned_kernels import OwnedKernels

    seen: dict[str, Any] = {}

    async def start(self: Any, **given: Any) -> str:
        seen.update(given)
        return str(given["kernel_id"])

    monkeypatch.setattr(AsyncMappingKernelManager, "start_kernel", start)
    started = OwnedKernels().start_kernel(env={"PATH": "x", "XIAOBAO_TICKET": "stolen"})
    with ThreadPoolExecutor(1) as apart:  # Playwright keeps a loop running in this thread
        kernel = apart.submit(asyncio.run, started).result()
    assert seen["env"] == {"PATH": "x", "XIAOBAO_TICKET": ""}
    assert seen["kernel_id"] == kernel


# Sessions


def test_a_session_outlives_the_server_and_a_disabled_person_is_shown_out_at_once(
    home: Path, serve_notebooks: Serve, wb: Workbench, tmp_path: Path
) -> None:
    with serve_notebooks(home / "notebooks", home, tmp_path / "one.log", people=True) as one:
        client = Client(one.port)
        client.sign_in("wang")
        number = client.session()
    with serve_notebooks(home / "notebooks", home, tmp_path / "two.log", people=True) as two:
        client = Client(two.port, {f"xiaobao-{two.port}": number})
        assert client.get(FILL).status == 200
        socket = client.socket(client.open_page(FILL))
        [wang] = [person for person in wb.store.kept("people") if person.login == "wang"]
        with wb.store.writing(HOME) as tx:
            [gone] = tx.save_kept("people", "disable", [replace(wang, disabled=True)])
        try:
            assert client.get(FILL).status == 302
            assert client.sign_in("wang").status == 403
            assert replies(socket, 25)[-1:] == ["closed"]
        finally:
            with wb.store.writing(HOME) as tx:
                tx.save_kept("people", "enable", [replace(gone, disabled=False)])
        assert client.get(FILL).status == 302  # what ended stays ended
        text = (tmp_path / "two.log").read_text("utf-8", "replace")
    assert "Traceback" not in text
    assert number not in text and PASSWORD not in text


# Links


def test_a_first_link_sets_a_password_once(client: Client, served: Served, wb: Workbench) -> None:
    client.sign_in("li")
    number, fresh = first_number(wb, "li"), Client(served.port)
    weak = fresh.post("/first", {"link": number, "password": "li-li", "again": "other"})
    assert weak.status == 403
    for words in ("10 至 128 位", "既有字母又有数字", "太常见", "两次输入的密码不一样"):
        assert words in weak.text, words
    set_one = {"link": number, "password": "Changjiang-2026", "again": "Changjiang-2026"}
    assert fresh.post("/first", set_one).status == 302
    assert "李四" in fresh.get(FILL).text
    assert client.get(FILL).status == 302  # the sessions before it ended
    again = Client(served.port).post("/first", set_one)
    assert again.status == 403
    assert LINK_REFUSED in again.text
    assert Client(served.port).sign_in("li").status == 403
    assert Client(served.port).sign_in("li", "Changjiang-2026").status == 302
    give_password(wb, LI)


def personal(wb: Workbench, unit: str = UNIT, days: int = 7) -> str:
    admin = dataclass_replace(wb, actor=Actor(name=ADMIN.name, verified=True, login=ADMIN.login))
    return make_personal_link(admin, "wang", unit, date.today() + timedelta(days=days))[0]


def test_a_personal_link_opens_in_its_first_browser_only(client: Client, served: Served, wb: Workbench) -> None:
    number = personal(wb)
    answer = client.post("/link", {"link": number})
    assert (answer.status, answer.headers["Location"]) == (302, "/voila/render/fill.ipynb")
    text = client.get(FILL).text
    assert "王五" in text and "个人链接，只能填报" in text
    client.post_out()
    assert client.post("/link", {"link": number}).status == 302  # the same browser, again
    forwarded = Client(served.port).post("/link", {"link": number})
    assert forwarded.status == 403
    assert LINK_REFUSED in forwarded.text
    assert told(wb, "link_refused")[-1]["login"] == "wang"
    another = personal(wb)
    assert client.get(FILL).status == 302  # a new link ends the old one, and who came in by it is out
    assert client.post("/link", {"link": number}).status == 403
    assert Client(served.port).post("/link", {"link": another}).status == 302


@pytest.mark.parametrize("number", ["", "x" * 43, "ü\ud800".encode("utf-8", "surrogatepass").decode("latin-1")])
def test_what_is_no_link_opens_nothing(client: Client, number: str) -> None:
    for page, words in (("/link", LINK_REFUSED), ("/first", LINK_REFUSED)):
        answer = client.post(page, {"link": number, "password": PASSWORD, "again": PASSWORD})
        assert answer.status == 403
        assert words in answer.text


# The bank's proxy


def test_a_header_from_a_stranger_is_refused_and_noted(client: Client, wb: Workbench) -> None:
    answer = client.get(FILL, X_Remote_User="wang")
    assert answer.status == 403
    assert "王五" not in answer.text
    client.sign_in("li")
    assert client.get(FILL, X_Remote_User="wang").status == 403
    assert told(wb, "proxy_refused")[-1]["address"] == "127.0.0.1"


@pytest.mark.parametrize("way", ["address", "socket"])
def test_the_banks_proxy_names_the_person(
    serve_notebooks: Serve, wb: Workbench, home: Path, tmp_path: Path, way: str
) -> None:
    """From its address or over its socket; the session holds only with its word, and changes with it."""
    with serve_notebooks(home / "notebooks", home, tmp_path / "proxy.log", people=True) as served:
        given = {"source": "127.0.0.7"} if way == "address" else {"socket_path": str(home / "p.sock")}
        named_by_the_proxy(served, Client(served.port, **given), wb)


def named_by_the_proxy(served: Served, client: Client, wb: Workbench) -> None:
    heads = {"X_Forwarded_For": "10.9.9.9", "X_Forwarded_Proto": "https", "Host": "xiaobao.bank.test"}
    answer = client.get(FILL, X_Remote_User="WANG", **heads)
    assert answer.status == 200
    assert "王五" in answer.text
    [cookie] = [line for line in answer.headers.get_all("Set-Cookie") if line.startswith("xiaobao-")]
    assert "Secure" in cookie
    assert (told(wb, "signed_in")[-1]["kind"], told(wb, "signed_in")[-1]["address"]) == ("proxy", "10.9.9.9")
    first = client.session()
    assert "王五" in client.get(FILL, X_Remote_User="wang", **heads).text
    assert client.session() == first
    assert client.get(FILL, **heads).status == 302  # without the proxy's word
    assert "李四" in client.get(FILL, X_Remote_User="li", **heads).text
    assert client.session() != first
    stranger = Client(served.port, {f"xiaobao-{served.port}": client.session()})
    assert stranger.get(FILL).status == 302  # the cookie alone, from elsewhere
    assert "没有登记或已停用" in client.get("/login", X_Remote_User="nobody", **heads).text


# The bank's JupyterHub


def test_the_hub_says_who_it_is(client: Client, hub: FakeHub, wb: Workbench) -> None:
    """The browser is sent to the Hub and comes back with a code; the server asks the Hub whose it is."""
    assert 'href="/hub"' in client.get("/login").text
    back = hub.sign_in(client, "WANG")
    answer = client.get(back)
    assert (answer.status, answer.headers["Location"]) == (302, "/")
    [cookie] = [line for line in answer.headers.get_all("Set-Cookie") if line.startswith(f"xiaobao-{client.port}=")]
    assert {"HttpOnly", "SameSite=Strict"} <= set(cookie.split("; "))
    assert client.ask("HEAD", "/").headers["Xiaobao-Person"] == "wang"
    assert told(wb, "signed_in")[-1]["kind"] == "hub"
    with wb.store.writing(HOME) as tx:
        tx.save_kept("people", "disable", [replace(wb.store.person("wang"), disabled=True)])
    try:
        assert client.get("/").headers["Location"].startswith("/login")
        assert "没有登记或已停用" in client.get(hub.sign_in(client, "wang")).text
    finally:
        with wb.store.writing(HOME) as tx:
            tx.save_kept("people", "enable", [replace(wb.store.person("wang"), disabled=False)])


def test_what_the_hub_does_not_confirm_lets_nobody_in(client: Client, hub: FakeHub, served: Served) -> None:
    back = hub.sign_in(client, "wang")
    other = Client(served.port)
    for who, path in (
        (other, back),  # forwarded to another browser
        (other, "/oauth_callback?code=x"),
        (client, back.replace("state=", "state=x")),
        (client, back),  # the number of this browser was used up by the try before
    ):
        answer = who.get(path)
        assert (answer.status, HUB_REFUSED in answer.text, who.session()) == (403, True, ""), path
    back = hub.sign_in(client, "wang")
    assert client.get(back).status == 302
    client.cookies.clear()
    assert client.get(back).status == 403  # replayed
    hub.sign_in(client, "wang")
    assert client.get(hub.forged(client)).status == 403  # a code that the Hub never gave
    assert "没有登记" in client.get(hub.sign_in(client, "nobody")).text
    assert client.get(hub.sign_in(client, "wang", scopes=["self"])).status == 403  # not let in to this service
    with hub.silent():
        assert "JupyterHub 没有应答" in client.get(hub.sign_in(client, "wang")).text
    assert client.session() == ""


def test_no_kernel_inherits_the_hubs_token(home: Path, hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-the-service")
    rules = workbench(home).settings.serve.hub
    door = hub_client(rules, home, "", "/")
    assert door is not None and door.token == "of-the-service" and "of-the-service" not in repr(door)
    assert "JUPYTERHUB_API_TOKEN" not in os.environ
    with pytest.raises(WorkspaceError, match="没有设置完整"):
        hub_client(rules, home / "nowhere", "", "/")
    assert hub_client(Hub(), home, "", "/") is None


# Tickets by hand


@pytest.mark.parametrize("ticket", ["wang", "e30.AAAA", ""])
def test_a_ticket_set_by_hand_is_refused_on_the_command_line(home: Path, ticket: str) -> None:
    import os

    words = [sys.executable, "-c", "from xiaobao.cli import main; main()", "status"]
    env = {**os.environ, "XIAOBAO_HOME": str(home), "XIAOBAO_TICKET": ticket, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(words, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert "XIAOBAO_TICKET 不是本服务为这个内核签发的" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_store_is_sound_and_the_log_tells_no_secret(wb: Workbench, served: Served) -> None:
    assert wb.store.verify() == []
    log = served.log.read_text("utf-8", "replace")
    assert PASSWORD not in log
    assert "Traceback" not in log
