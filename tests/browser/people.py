"""People for tests of sign-in, a client that speaks HTTP as a browser does, and a socket to a kernel."""

from __future__ import annotations

import http.client
import re
import socket
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import websocket

from tests.factories.inspections import OTHER, UNIT, workbench
from xiaobao.model import Actor, Person, Role, Seat
from xiaobao.workbench.signing_in import Entrance
from xiaobao.workbench.workspace import Workbench

PASSWORD = "Qinghe-7788-hao"
SOCKETS: list[websocket.WebSocket] = []  # closed at the end of each test
HOME = Actor(name="系统管理员", verified=True)


def seat(role: Role, unit: str = UNIT) -> Seat:
    return Seat(unit=unit, role=role)


WANG = Person(login="wang", name="王五", seats=(seat(Role.FILLER), seat(Role.FILLER, OTHER)))
LI = Person(login="li", name="李四", seats=(seat(Role.REVIEWER),))
ADMIN = Person(login="guanli", name="赵管理", seats=(seat(Role.ADMINISTRATOR, ""),))


def register(wb: Workbench, *people: Person) -> None:
    with wb.store.writing(HOME) as tx:
        tx.save_kept("people", "add", people)


def give_password(wb: Workbench, *people: Person, password: str = PASSWORD) -> None:
    """Give people a password as they would set it themselves, by a link of the administrator."""
    for person in people:
        entrance = Entrance(store=wb.store, rules=wb.settings.serve)
        number = first_number(wb, person.login)
        entrance.set_password(number, password, password, "test")


def register_people(home: Path, *people: Person) -> None:
    """Register people of a workspace and their administrator; all but him have the tests' password."""
    wb = workbench(home)
    register(wb, *people, ADMIN)
    give_password(wb, *people)
    wb.store.close()


def first_number(wb: Workbench, login: str) -> str:
    from dataclasses import replace

    from xiaobao.workbench.signing_in import reset_password

    admin = replace(wb, actor=Actor(name=ADMIN.name, verified=True, login=ADMIN.login))
    return reset_password(admin, login)[0]


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


def _connect(sock: socket.socket, path: str) -> None:
    """Connect to a Unix socket, which the server opens a moment after its port."""
    for _ in range(100):
        try:
            return sock.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            time.sleep(0.1)
    return sock.connect(path)


@dataclass
class Client:
    """A browser without a screen: keeps cookies, sends the token of a form with it."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    source: str = ""  # the address that requests come from, of this machine's many
    socket_path: str = ""  # the Unix socket that they go to

    def ask(self, method: str, path: str, form: dict[str, str] | None = None, **headers: str) -> Answer:
        source = (self.source, 0) if self.source else None
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=source)
        if self.socket_path:
            connection.sock = socket.socket(socket.AF_UNIX)
            _connect(connection.sock, self.socket_path)
        sent = {"Cookie": self.cookie(), **{name.replace("_", "-"): value for name, value in headers.items()}}
        body = urlencode(form) if form is not None else None
        if form is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        for line in answer.headers.get_all("Set-Cookie") or ():
            for name, one in SimpleCookie(line).items():
                self.cookies[name] = one.value
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        connection.close()
        return Answer(answer.status, answer.headers, text)

    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, **headers)

    def post(self, path: str, form: dict[str, str], **headers: str) -> Answer:
        """Send a form as its own page does, with the page's token."""
        page = self.get(path)
        token = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        return self.ask("POST", path, {"_xsrf": token[1] if token else "", **form}, **headers)

    def sign_in(self, login: str, password: str = PASSWORD, **headers: str) -> Answer:
        return self.post("/login", {"login": login, "password": password}, **headers)

    def post_out(self, notebook: str = "overview") -> Answer:
        """Sign out by the form in the head of a page."""
        page = self.get(f"/voila/render/{notebook}.ipynb").text
        token = re.search(r'name="_xsrf" value="([^"]+)"', page)
        assert token, page[-500:]
        return self.ask("POST", "/logout", {"_xsrf": token[1]})

    def session(self) -> str:
        return self.cookies.get(f"xiaobao-{self.port}", "")

    def open_page(self, path: str) -> str:
        """Open a page; return the id of its kernel."""
        answer = self.get(path)
        assert answer.status == 200, answer.text
        found = re.search(r'"kernelId": ?"([^"]+)"', answer.text)
        assert found, answer.text[-2000:]
        return found[1]

    def socket(self, kernel: str, **options: Any) -> websocket.WebSocket:
        address = f"ws://127.0.0.1:{self.port}/api/kernels/{kernel}/channels?session_id=test"
        origin = options.pop("origin", f"http://127.0.0.1:{self.port}")
        SOCKETS.append(opened := websocket.WebSocket())
        opened.settimeout(30)
        opened.connect(address, cookie=self.cookie(), origin=origin, **options)
        return opened
