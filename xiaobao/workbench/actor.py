"""Who acts: the Hub's user where there is one, else the operating-system user, shown as 未认证."""

from __future__ import annotations

import getpass
import os

from xiaobao.model import Actor


def current_actor() -> Actor:
    """Return the person. Set by the server in the environment of the kernel, never taken from an address."""
    hub_user = os.environ.get("JUPYTERHUB_USER")
    if hub_user:
        return Actor(name=hub_user, verified=True)
    try:
        return Actor(name=getpass.getuser())
    except (KeyError, OSError):
        return Actor(name="unknown")
