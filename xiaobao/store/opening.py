"""Open a store: find it, make it or bring its tables up to date, and refuse what we cannot read."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from xiaobao.errors import Fault, StoreError, machine_words
from xiaobao.files import PRIVATE, drafting, put_in_place, replacing
from xiaobao.store import security
from xiaobao.store.access import end_all
from xiaobao.store.faults import translated_errors
from xiaobao.store.repository import Store
from xiaobao.store.tables import store_info

SCHEMA = "0015"
_MAGIC = b"SQLite format 3\x00"
_FILE = "sqlite:///"
_INIT_FIRST = "请先运行 xiaobao init"


def open_store(url: str, read_only: bool, create: bool, clock: Callable[[], datetime]) -> Store:
    """Open the store at `url`. Raises StoreError in plain Chinese."""
    if url.startswith(_FILE):  # a path as it stands: %, ? and # are letters of it
        return _open_file(URL.create("sqlite", database=url.removeprefix(_FILE)), read_only, create, clock)
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise StoreError("数据库地址写法不对，应为 sqlite:///文件 或 postgresql://…") from error
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _open_file(address, read_only, create, clock)
    if backend != "postgresql":
        raise StoreError(Fault("不支持这种数据库", value=backend, allowed="sqlite、postgresql"))
    engine = security.postgres_engine(address.set(drivername="postgresql+psycopg"), read_only)
    return _checked(Store(engine, None, read_only, clock), create)


def _open_file(address: URL, read_only: bool, create: bool, clock: Callable[[], datetime]) -> Store:
    if not address.database or address.database == ":memory:":
        raise StoreError("数据库须是一个文件，不支持内存数据库")
    path = Path(address.database).absolute()
    if create and not read_only:
        _make_file(path)
    _check_file(path)
    if read_only and path.with_name(path.name + "-journal").exists() and os.access(path.parent, os.W_OK):
        with translated_errors():
            security.roll_back_journal(path)
    engine = security.sqlite_engine(path, read_only)
    return _checked(Store(engine, path, read_only, clock, network_notice(path)), create)


def _make_file(path: Path) -> None:
    try:
        security.create_sqlite_file(path)
    except OSError as error:
        raise StoreError(f"不能建立数据库文件 {path}：{machine_words(error)}") from error


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise StoreError(f"找不到数据库文件 {path}；{_INIT_FIRST}")
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise StoreError(f"不能读取数据库文件 {path}：{machine_words(error)}") from error
    if head and head != _MAGIC:
        raise StoreError(f"{path.name} 不是消保自查的数据库文件（不是 SQLite 格式）")


def _checked(store: Store, create: bool) -> Store:
    try:
        with translated_errors():
            _bring_up(store, create)
    except BaseException:
        store.close()
        raise
    return store


def _bring_up(store: Store, create: bool) -> None:
    with store.engine.connect() as connection:
        found = schema_of(connection)
        if store.path is not None:
            _refuse_cut(store.path, connection)
    if found is None and not (create and not store.read_only):
        raise StoreError(f"数据库中还没有消保自查的数据表；{_INIT_FIRST}")
    if found == SCHEMA:
        return
    if found is not None and found > SCHEMA:
        raise StoreError(f"数据库的结构版本是 {found}，比本程序认识的 {SCHEMA} 新；请升级本程序后再打开")
    if store.read_only:
        raise StoreError(
            f"数据库的结构版本 {found} 较旧，只读方式不能升级；请先运行 xiaobao pages 升级（底稿和结果不变）"
        )
    if found is not None and store.path is not None:
        _keep_copy(store.path, found)
    upgrade(store.engine)


def schema_of(connection: Connection) -> str | None:
    """Return the schema version of a store, None when it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def _refuse_cut(path: Path, connection: Connection) -> None:
    """A file shorter than its header says was cut. The connection holds a read lock, so nobody is writing it now."""
    with path.open("rb") as file:
        head = file.read(100)
    if len(head) < 100 or head[24:28] != head[92:96]:
        return
    page = int.from_bytes(head[16:18], "big")
    expected = (65536 if page == 1 else page) * int.from_bytes(head[28:32], "big")
    if path.stat().st_size < expected:
        raise StoreError(f"数据库文件 {path.name} 不完整（被截断），请用备份恢复（xiaobao restore）")


def _keep_copy(path: Path, found: str) -> None:
    """Keep the store as it was before an upgrade; a copy from an upgrade that was killed is as good."""
    copy = path.with_name(f"{path.name}.before-{found}")
    if not copy.exists():
        with replacing(copy, mode=PRIVATE) as partial:
            security.copy_sqlite(path, partial)


def upgrade(engine: Engine, target: str = "head") -> None:
    """Run the migrations not yet run, all in one transaction: a killed upgrade leaves the old tables."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.connect().execution_options(xiaobao_writing=True) as connection, connection.begin():
        security.lock_schema(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, target)
        _give_id(connection)


def _give_id(connection: Connection) -> None:
    """Give a new store its own id, which every chain starts from."""
    if connection.execute(store_info.select()).first() is None:
        connection.execute(store_info.insert().values(key="store_id", value=secrets.token_hex(16)))


def _show_out(path: Path) -> None:
    """Let nobody in who was in when the copy was taken."""
    from xiaobao.model import utc_now

    engine = security.sqlite_engine(path, read_only=False)
    with (
        translated_errors(),
        engine.connect().execution_options(xiaobao_writing=True) as connection,
        connection.begin(),
    ):
        end_all(connection, utc_now())


def restore_file(source: Path, target: Path) -> list[str]:
    """Copy a backup to a new place if it is sound; return what `verify` says against it otherwise.

    Raises StoreError over an existing file and where the copy fails.
    """
    if target.exists():
        raise StoreError(f"目标已存在，没有覆盖：{target}")
    from xiaobao.model import utc_now

    try:
        with drafting(target, mode=PRIVATE) as partial:
            with open_store(f"sqlite:///{source}", True, False, utc_now) as backup:
                assert backup.path is not None
                with translated_errors():
                    security.copy_sqlite(backup.path, partial)
            with open_store(f"sqlite:///{partial}", True, False, utc_now) as copy:
                faults = copy.verify()
            if not faults:
                _show_out(partial)
                put_in_place(partial, target)
            return faults
    except OSError as error:
        raise StoreError(f"不能恢复到 {target}：{machine_words(error)}") from error


_NETWORK = {"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ncpfs", "ceph", "glusterfs", "lustre"}
_MOUNTS = Path("/proc/self/mounts")


def mount_type(path: PurePosixPath, mounts: str) -> str:
    """Return the file system type that `path` lies on, given the text of /proc/mounts; empty when unknown."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        point = PurePosixPath(fields[1].encode().decode("unicode_escape"))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, kind = len(point.parts), fields[2]
    return kind


def is_network(kind: str) -> bool:
    """Whether a file system type is a network share, or a fuse one, which may well be."""
    return kind in _NETWORK or kind == "fuse" or kind.startswith("fuse.")


def network_notice(path: Path) -> tuple[str, ...]:
    """Return a warning when a store file lies on a network share."""
    try:
        mounts = _MOUNTS.read_text("utf-8", "replace")
    except OSError:
        return ()
    kind = mount_type(PurePosixPath(path.resolve()), mounts)
    if not is_network(kind):
        return ()
    return (f"数据库文件在网络文件系统（{kind}）上，多人同时使用可能损坏数据；请放到本机磁盘，或改用 PostgreSQL",)
