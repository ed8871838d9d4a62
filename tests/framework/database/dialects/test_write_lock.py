"""The lock that threads write with on SQLite, and one long operation while others write."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from algomancy_api.framework import DatabaseUnavailable
from algomancy_api.framework.database.dialects import dialect_of, write_lock
from algomancy_api.framework.database.dialects.write_lock import WriteLock
from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.storage import blobs

from ....support.clients import PATIENCE, eventually

_NOTES = sa.table("notes", sa.column("text"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/database.sqlite")
    blobs.create(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE notes (text TEXT UNIQUE)")
    yield engine
    engine.dispose()


def notes(engine: sa.Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(sa.select(_NOTES.c.text)).scalars())


def write(engine: sa.Engine, text: str) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text=text))


def writing(engine: sa.Engine, text: str) -> threading.Thread:
    """A thread that writes a note; it waits for the lock already."""
    before = WriteLock.of(engine).waiting
    thread = threading.Thread(target=write, args=(engine, text))
    thread.start()
    eventually(lambda: WriteLock.of(engine).waiting > before)
    return thread


def test_those_that_wait_write_in_the_order_in_which_they_came(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="first"))
        waiting = [writing(engine, text) for text in ("second", "third", "fourth")]
    for thread in waiting:
        thread.join()
    assert notes(engine) == ["first", "second", "third", "fourth"]
    assert not WriteLock.of(engine).is_held


def test_readers_do_not_wait(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="first"))
        assert notes(engine) == []
        assert WriteLock.of(engine).is_held


def test_one_that_writes_several_transactions_waits_once(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_lock, "_PAUSE", 2)  # however busy the machine is
    monkeypatch.setattr(write_lock, "_REQUEST", 60)
    texts = ["one", "two", "three"]

    def write_all() -> None:
        for text in texts:
            write(engine, text)

    thread = threading.Thread(target=write_all)
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="first"))
        thread.start()
        eventually(lambda: WriteLock.of(engine).waiting == 1)
    dialect_of(engine).give_way(engine)
    assert notes(engine) == ["first", *texts]
    thread.join()


def test_nobody_gives_way_to_nobody(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_lock, "_REQUEST", 10 * PATIENCE)
    monkeypatch.setattr(write_lock, "_PAUSE", 10 * PATIENCE)
    dialect_of(engine).give_way(engine)


@pytest.mark.parametrize("operation", ["write", "copy", "delete"])
def test_a_large_value_is_written_copied_and_deleted_while_others_write(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    monkeypatch.setattr(blobs, "_BLOBS_AT_ONCE", 1)
    pieces = [blobs.Piece(0, number, b"x") for number in range(4)]
    reference = nullcontext(blobs.refer_not)
    seen: list[int] = []

    def come_between(_connection: sa.Connection, _cursor: object, statement: str, *_: object) -> None:
        # The first transaction of the operation has the lock; another writer comes, and asks for it.
        if statement.startswith(("INSERT INTO algomancy", "DELETE")):
            seen.append(len(notes(engine)))
            threads.append(writing(engine, f"note {len(seen)}"))

    threads: list[threading.Thread] = []
    if operation != "write":
        blobs.write(engine, "owner", pieces, reference)
    sa.event.listen(engine, "after_cursor_execute", come_between)
    match operation:
        case "write":
            blobs.write(engine, "owner", pieces, reference)
        case "copy":
            blobs.copy(engine, "owner", "copy", reference)
        case "delete":
            blobs.delete(engine, "owner")
    assert seen == [0, 1, 2, 3]
    sa.event.remove(engine, "after_cursor_execute", come_between)
    for thread in threads:
        thread.join()


def test_a_writer_that_fails_gives_the_lock_back(engine: sa.Engine) -> None:
    write(engine, "once")
    with pytest.raises(sa.exc.IntegrityError):
        write(engine, "once")
    assert not WriteLock.of(engine).is_held


@pytest.mark.parametrize("end", ["invalidate", "detach", "close"])
def test_a_connection_that_is_lost_gives_the_lock_back(engine: sa.Engine, end: str) -> None:
    with engine.connect() as connection:
        connection.execute(sa.insert(_NOTES).values(text="never"))
        assert WriteLock.of(engine).is_held
        getattr(connection, end)()
    assert not WriteLock.of(engine).is_held
    write(engine, "after")


def test_a_lock_may_be_given_back_by_another_thread() -> None:
    lock = WriteLock(PATIENCE)
    lock.acquire()
    with ThreadPoolExecutor() as threads:
        waiting = threads.submit(lock.acquire)
        eventually(lambda: lock.waiting == 1)
        threads.submit(lock.release).result()
        waiting.result(PATIENCE)
    assert lock.is_held


def test_a_wait_has_an_end(engine: sa.Engine) -> None:
    lock = WriteLock(0.01)
    lock.acquire()
    with pytest.raises(DatabaseUnavailable, match="others have been writing"):
        lock.acquire()
    assert lock.waiting == 0
    lock.release()
    assert not lock.is_held


def test_one_that_is_interrupted_while_it_waits_leaves_the_lock_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted:
        """A turn during whose wait Ctrl-C comes, before the turn or after it."""

        def __init__(self, *, has_come: bool) -> None:
            self._has_come = has_come
            self._taken = False

        def acquire(self, timeout: float = 0) -> bool:
            if not self._taken:
                self._taken = True
                return True
            if self._has_come:
                lock.release()  # by the one that had it
            raise KeyboardInterrupt

        def release(self) -> None:
            """The turn has come."""

    for has_come in (False, True):
        lock = WriteLock(PATIENCE)
        lock.acquire()
        with monkeypatch.context() as patches:
            patches.setattr(threading, "Lock", partial(Interrupted, has_come=has_come))
            with pytest.raises(KeyboardInterrupt):
                lock.acquire()
        assert lock.waiting == 0
        assert lock.is_held is not has_come


def test_one_that_is_interrupted_before_its_statement_gives_the_lock_back(engine: sa.Engine) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    sa.event.listen(engine, "before_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt), engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="never"))
    assert not WriteLock.of(engine).is_held
