"""Errors of the engines, said so that a person knows what to do."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from xiaobao.errors import StoreError

_SAYINGS = (
    ("database is locked", "数据库正被其他程序占用，请稍后重试"),
    ("lock timeout", "数据库正被其他程序占用，请稍后重试"),
    ("deadlock", "与他人的保存互相等待，本次没有保存，请重试"),
    ("could not serialize", "与他人的保存冲突，本次没有保存，请重试"),
    ("is full", "磁盘空间不足，没有保存；腾出空间后请重试"),
    ("disk i/o error", "读写磁盘出错，没有保存；请检查磁盘空间和文件大小限制后重试"),
    ("No space left", "磁盘空间不足，没有保存；腾出空间后请重试"),
    ("readonly", "数据库文件或所在文件夹只读，不能保存；请检查权限"),
    ("read-only", "数据库以只读方式打开，不能保存"),
    ("not a database", "不是消保自查的数据库文件"),
    ("malformed", "数据库文件已损坏或不完整，请用备份恢复（xiaobao restore）"),
    ("unable to open", "打不开数据库文件，请检查路径和权限"),
    ("no such table", "不是消保自查的数据库，或尚未建立；请先运行 xiaobao init"),
    ("append-only", "操作留痕不允许修改或删除"),
    ("connection", "连不上数据库服务，请检查地址、账号和服务是否启动"),
    ("permission denied", "数据库账号没有所需的权限"),
)


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn errors of the database engine into StoreError in Chinese, the cause chained; others pass as they are."""
    try:
        yield
    except IntegrityError as error:
        if "append-only" in str(error.orig):
            raise StoreError(_say(error)) from error
        raise StoreError("与他人的保存冲突，本次没有保存，请刷新后重试") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise StoreError(_say(error)) from error


def _say(error: Exception) -> str:
    """Return what an engine's error means for the person; unknown ones keep their own first line."""
    cause = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    text = cause.lower()
    for sign, meaning in _SAYINGS:
        if sign.lower() in text:
            return meaning
    lines = cause.strip().splitlines()
    return f"数据库出错：{lines[0] if lines else type(error).__name__}"
