"""A fake: no JupyterHub, but the three addresses of one that sign-in uses, with the checks that a real one makes."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.browser.people import Client

CLIENT, CALLBACK = "service-xiaobao", "/oauth_callback"
SCOPES = ("access:services!service=xiaobao", "read:users:name!user")


@dataclass
class FakeHub:
    """Codes and tokens are good once, for the service that was registered, at the address that was registered."""

    address: str = ""
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    broken: bool = False

    @classmethod
    @contextlib.contextmanager
    def running(cls) -> Iterator[FakeHub]:
        hub = cls()

        class Answering(BaseHTTPRequestHandler):
            server_version, sys_version = "fake-hub-of-the-tests", ""

            def do_GET(self) -> None:
                self.answer(*hub.user(self.headers.get("Authorization", "")))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(*hub.exchange({name: one[0] for name, one in parse_qs(body).items()}))

            def answer(self, status: int, told: dict[str, Any]) -> None:
                body = b"<html>bad gateway" if hub.broken else json.dumps(told).encode()
                self.send_response(502 if hub.broken else status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        hub.address = f"http://127.0.0.1:{server.server_port}/hub"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield hub
        finally:
            server.shutdown()
            server.server_close()

    def sign_in(self, client: Client, name: str, scopes: list[str] | None = None) -> str:
        """Follow a browser to the Hub, where `name` is signed in; return where it is sent back to."""
        sent = urlsplit(client.get("/hub").headers["Location"])
        asked = {key: one[0] for key, one in parse_qs(sent.query).items()}
        assert sent.path == "/hub/api/oauth2/authorize"
        assert (asked["client_id"], asked["redirect_uri"], asked["response_type"]) == (CLIENT, CALLBACK, "code")
        code = secrets.token_hex(8)
        self.codes[code] = {"name": name, "kind": "user", "scopes": list(SCOPES) if scopes is None else scopes}
        return f"{CALLBACK}?{urlencode({'code': code, 'state': asked['state']})}"

    def forged(self, client: Client) -> str:
        """Return where a browser would be sent back to with a code of somebody's own making."""
        back = urlsplit(self.sign_in(client, "wang"))
        return f"{CALLBACK}?{urlencode({'code': 'forged', 'state': parse_qs(back.query)['state'][0]})}"

    def exchange(self, given: dict[str, str]) -> tuple[int, dict[str, Any]]:
        wanted = {"client_id": CLIENT, "client_secret": self.token, "grant_type": "authorization_code"}
        right = all(given.get(name) == one for name, one in wanted.items()) and given.get("redirect_uri") == CALLBACK
        user = self.codes.pop(given.get("code", ""), None) if right else None
        if user is None:
            return 400, {"error": "invalid_grant"}
        token = secrets.token_hex(8)
        self.users[f"token {token}"] = user
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600}

    def user(self, authorization: str) -> tuple[int, dict[str, Any]]:
        found = self.users.get(authorization)
        return (200, found) if found else (403, {"status": 403, "message": "Forbidden"})

    @contextlib.contextmanager
    def silent(self) -> Iterator[None]:
        self.broken = True
        try:
            yield
        finally:
            self.broken = False
