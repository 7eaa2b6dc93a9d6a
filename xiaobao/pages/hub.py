"""The Hub's user: who a JupyterHub says has signed in, by its OAuth, and no variable that anybody could set.

These are the three calls of `jupyterhub.services.auth.HubOAuth` written out, for jupyterhub itself would bring a hub's
libraries into every bank that has none: the browser is sent to the Hub, comes back with a code, and the server asks the
Hub, with its own token, whose code that is. Where `[serve.hub]` is not set there is no such sign-in.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tornado.httpclient import AsyncHTTPClient, HTTPError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from xiaobao.errors import Fault, NotAllowed, WorkspaceError
from xiaobao.settings import Hub

TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105  a variable's name
CALLBACK = "oauth_callback"
HUB_REFUSED = "JupyterHub 没有确认您的身份，请重新登录；仍不行的请找系统管理员"
SILENT = "JupyterHub 没有应答，请稍后再试，或用其他方式登录"
_SECONDS = 10
_LONGEST = 256


@dataclass(frozen=True, kw_only=True)
class HubClient:
    """One Hub that is believed: where browsers and where the server reach it, and the service's name and token."""

    rules: Hub
    callback: str
    token: str = field(repr=False)

    def way(self, state: str) -> str:
        """Return the address of the Hub to send a browser to; `state` comes back with it."""
        asked = {
            "client_id": self.rules.client_id,
            "redirect_uri": self.callback,
            "response_type": "code",
            "state": state,
        }
        return f"{self.rules.address.rstrip('/')}/api/oauth2/authorize?{urlencode(asked)}"

    async def login_of(self, code: str) -> str:
        """Return whose code it is. Raises NotAllowed where the Hub says no, or does not answer in time."""
        given = {
            "client_id": self.rules.client_id,
            "client_secret": self.token,
            "grant_type": "authorization_code",
            "code": code[:_LONGEST],
            "redirect_uri": self.callback,
        }
        token = await self._ask("oauth2/token", body=urlencode(given))
        user = await self._ask("user", headers={"Authorization": f"token {token.get('access_token', '')}"})
        name, scopes = user.get("name"), user.get("scopes")
        if not isinstance(name, str) or not name or user.get("kind", "user") != "user":
            raise NotAllowed(HUB_REFUSED)
        if not isinstance(scopes, list) or not {"access:services", self._scope()} & set(map(str, scopes)):
            raise NotAllowed(HUB_REFUSED)
        return name

    def _scope(self) -> str:
        return f"access:services!service={self.rules.client_id.removeprefix('service-')}"

    async def _ask(
        self, path: str, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        request = HTTPRequest(
            f"{self.rules.api.rstrip('/')}/{path}",
            method="GET" if body is None else "POST",
            body=body,
            headers=dict(headers or {}),
            follow_redirects=False,
            connect_timeout=_SECONDS,
            request_timeout=_SECONDS,
            ca_certs=self.rules.certificates or None,
        )
        try:
            answer = await AsyncHTTPClient().fetch(request)
            payload = json.loads(answer.body)
        except (HTTPTimeoutError, HTTPStreamClosedError, OSError):
            raise NotAllowed(SILENT) from None
        except HTTPError as error:
            raise NotAllowed(SILENT if error.code >= 500 else HUB_REFUSED) from None
        except ValueError:
            raise NotAllowed(SILENT) from None
        if not isinstance(payload, dict):
            raise NotAllowed(SILENT)
        return payload


def hub_client(rules: Hub, home: Path, address: str, base: str) -> HubClient | None:
    """Return the client of the Hub, None without one. Raises WorkspaceError where the service's token is not there.

    The token is taken out of the environment, so that no kernel inherits it.
    """
    token = os.environ.pop(TOKEN, "")
    if not rules.api:
        return None
    file = home / "secrets" / "hub.token"
    if not token and file.is_file():
        token = file.read_text("utf-8").strip()
    if not token or not rules.address:
        what = "secrets/hub.token 里放服务令牌（或环境变量 JUPYTERHUB_API_TOKEN），[serve.hub] 写明 api 和 address"
        raise WorkspaceError(Fault("JupyterHub 登录没有设置完整", allowed=what))
    return HubClient(rules=rules, callback=rules.callback or f"{address.rstrip('/')}{base}{CALLBACK}", token=token)
