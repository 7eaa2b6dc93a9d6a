"""The store as the walk sees it: reading methods, and `writing` for one transaction that leaves its mark."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from xiaobao.errors import NotAllowed, StoreError, machine_words
from xiaobao.files import PRIVATE, replacing
from xiaobao.model import Actor
from xiaobao.store import security, tickets
from xiaobao.store.access import Access
from xiaobao.store.admission import Admission
from xiaobao.store.appealing import Appealing
from xiaobao.store.erasing import Erasing
from xiaobao.store.faults import translated_errors
from xiaobao.store.history import AuditLog
from xiaobao.store.history_reading import HistoryReading
from xiaobao.store.inspecting import Inspecting
from xiaobao.store.keeping import Keeping
from xiaobao.store.leading import Leading
from xiaobao.store.models import Head
from xiaobao.store.publishing import Publishing
from xiaobao.store.recording import Recording
from xiaobao.store.verifying import checkpoint, checkpoint_faults, verify_store

_READ_ONLY = "数据库以只读方式打开，不能保存"


class Writing(Publishing, Inspecting, Leading, Recording, Appealing, Keeping, Erasing):
    """One writing transaction. `Store.writing` makes it; nothing is saved until the block ends without an error."""

    def __init__(self, ledger: AuditLog) -> None:
        self.ledger = ledger
        self.own_saves: dict[int, int] = {}
        self.access = Access(ledger)


class Store(HistoryReading, Admission):
    """An open store. `notices` are warnings in Chinese to be shown to whoever opened it."""

    def __init__(
        self,
        engine: Engine,
        path: Path | None,
        read_only: bool,
        clock: Callable[[], datetime],
        notices: tuple[str, ...] = (),
    ) -> None:
        super().__init__(engine)
        self.path = path
        self.read_only = read_only
        self.notices = notices
        self._clock = clock
        self._ticket: tickets.Presented | None = None
        self.holder: tickets.Holder | None = None

    def present(self, ticket: str, kernel: str) -> tickets.Holder:
        """Act from now on by a server's ticket for kernel `kernel`; it is looked at again at each write.

        Raises NotAllowed for a ticket that is not ours or not this kernel's, or whose session is over.
        """
        shown = tickets.Presented(text=ticket, kernel=kernel)
        with self._reading() as connection:
            self.holder = tickets.holder(connection, shown, self.now())
        self._ticket = shown
        return self.holder

    def now(self) -> datetime:
        """Return the time by the store's clock, in UTC."""
        return self._clock().astimezone(UTC)

    @contextmanager
    def writing(self, actor: Actor) -> Iterator[Writing]:
        """Begin a writing transaction for `actor`; commit at the end, undo everything on any error.

        Raises NotAllowed where a ticket was presented and no longer holds, or stands for another.
        """
        if self.read_only:
            raise NotAllowed(_READ_ONLY)
        opened = self.engine.connect
        with translated_errors(), opened().execution_options(xiaobao_writing=True) as connection, connection.begin():
            at = self.now()
            if self._ticket is not None:
                tickets.refuse_foreign_write(tickets.holder(connection, self._ticket, at), actor)
            tx = Writing(AuditLog(connection=connection, actor=actor, at=at))
            yield tx
            tx.ledger.close()

    def checkpoint(self) -> str:
        """Return the one line that stands for the whole history as it is now (检查点)."""
        with self._reading() as connection:
            return checkpoint(connection)

    def checkpoint_faults(self, kept: str, where: str = "检查点") -> list[str]:
        """Return what a checkpoint kept elsewhere says against this store. Raises InputError for another text."""
        with self._reading() as connection:
            return list(checkpoint_faults(connection, kept, where))

    def verify(self, anchor: Mapping[str, Head] | None = None) -> list[str]:
        """Return what is wrong with history and current rows, the first bad record of each chain; empty = sound.

        `anchor` is `heads()` written down earlier elsewhere: only with it a rollback to an old copy shows.
        """
        self.engine.dispose()  # what is on the disk counts, not what a connection remembers of it
        with self._reading() as connection:
            return verify_store(connection, anchor or {})

    def backup(self, target: Path) -> None:
        """Write a whole copy while others may work. Raises StoreError where that cannot be done."""
        if self.path is None:
            raise StoreError("PostgreSQL 数据库请用 pg_dump 备份、pg_restore 恢复；xiaobao backup 只备份 SQLite 文件")
        if target.exists():
            raise StoreError(f"备份文件已存在，没有覆盖：{target}")
        try:
            with replacing(target, mode=PRIVATE) as partial, translated_errors():
                security.copy_sqlite(self.path, partial)
        except OSError as error:
            raise StoreError(f"不能写备份文件 {target}：{machine_words(error)}") from error

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
