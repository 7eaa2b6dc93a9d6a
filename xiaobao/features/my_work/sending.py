"""Digests by the bank's SMTP server: over one connection, each by itself; who was refused leaves the others theirs."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterable
from email.message import EmailMessage

from xiaobao.errors import Fault, InputError, machine_words
from xiaobao.features.my_work.digest import Digest
from xiaobao.settings import Mail

_SECONDS = 20
_LOCAL = re.compile(r"[A-Za-z0-9._-]+")


def send_digests(mail: Mail, digests: Iterable[Digest]) -> tuple[int, list[Fault]]:
    """Send each digest to `login@domain`; return how many the server took, and what went wrong with the others.

    A connection that breaks is made once anew; a server that cannot be reached ends it. Raises InputError without
    settings.
    """
    if not mail.host or not mail.domain:
        allowed = "host、domain，可加 port、sender、starttls"
        raise InputError(Fault("没有设置邮件服务器", setting="smtp", allowed=allowed))
    sent, faults, server = 0, [], None
    todo = list(digests)
    for place, one in enumerate(todo):
        if not _LOCAL.fullmatch(one.login):
            faults.append(Fault("登录名不能作邮箱地址，没有发送", value=one.login))
            continue
        try:
            server = server or _connected(mail)
        except (OSError, smtplib.SMTPException) as error:
            why = f"连不上邮件服务器，{len(todo) - place} 人没有收到：{_words(error)}"
            faults.append(Fault(why, value=f"{mail.host}:{mail.port}"))
            break
        try:
            server.send_message(_message(mail, one))
            sent += 1
        except smtplib.SMTPServerDisconnected as error:
            faults.append(Fault(f"邮件服务器断开，没有送达：{_words(error)}", value=one.login))
            server = None
        except (OSError, smtplib.SMTPException) as error:
            faults.append(Fault(f"邮件服务器没有接收：{_words(error)}", value=one.login))
            server = _usable(server)
    if server is not None:
        _end(server)
    return sent, faults


def _connected(mail: Mail) -> smtplib.SMTP:
    server = smtplib.SMTP(mail.host, mail.port, timeout=_SECONDS)
    try:
        if mail.starttls:
            server.starttls(context=ssl.create_default_context())
    except BaseException:
        server.close()
        raise
    return server


def _usable(server: smtplib.SMTP) -> smtplib.SMTP | None:
    """Return a connection after a refusal, None where it is gone."""
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        server.close()
        return None
    return server


def _end(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (OSError, smtplib.SMTPException):
        server.close()


def _message(mail: Mail, one: Digest) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = one.subject
    message["From"] = mail.sender or f"xiaobao@{mail.domain}"
    message["To"] = f"{one.login}@{mail.domain}"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(one.text, charset="utf-8", cte="base64")
    return message


def _words(error: Exception) -> str:
    """Return what a server said, by its number where it gave one: its words are English, and may repeat an address."""
    refused = getattr(error, "recipients", None)
    code = next(iter(refused.values()))[0] if refused else getattr(error, "smtp_code", None)
    if (code is not None and not isinstance(error, OSError | TimeoutError)) or refused:
        return f"回复 {code}"
    return machine_words(error) if isinstance(error, OSError) else "没有按协议答复"
