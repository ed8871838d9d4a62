"""One long operation on SQLite and others that write meanwhile."""

import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa

from algomancy_api.framework.database.dialects import dialect_of, waiting_writers
from algomancy_api.framework.database.dialects.waiting_writers import WaitingWriters
from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.storage import blobs

from ....support.clients import eventually

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


def writing(engine: sa.Engine, text: str) -> threading.Thread:
    """A thread that writes a note; it waits for the lock already."""

    def write() -> None:
        with engine.begin() as connection:
            connection.execute(sa.insert(_NOTES).values(text=text))

    before = len(WaitingWriters.of(engine)._cursors)
    thread = threading.Thread(target=write)
    thread.start()
    eventually(lambda: len(WaitingWriters.of(engine)._cursors) > before)
    return thread


def test_those_that_wait_for_the_lock_write_before_the_next_transaction(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="first"))
        waiting = [writing(engine, "second"), writing(engine, "third")]
    dialect_of(engine).give_way(engine)
    assert WaitingWriters.of(engine)._cursors == set()
    for thread in waiting:
        thread.join()
    assert len(notes(engine)) == 3


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


def test_a_writer_that_fails_waits_no_more(engine: sa.Engine) -> None:
    for _ in range(2):
        with engine.connect() as connection:
            try:
                connection.execute(sa.insert(_NOTES).values(text="once"))
                connection.commit()
            except sa.exc.IntegrityError:
                connection.rollback()
    assert WaitingWriters.of(engine)._cursors == set()


def test_a_writer_that_never_gets_the_lock_does_not_hold_up_others_for_ever(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="first"))
        thread = writing(engine, "second")
        dialect_of(engine).give_way(engine)  # returns, although this thread itself has the lock
        assert notes(engine) == []
    thread.join()


def test_one_that_writes_several_transactions_waits_once(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting_writers, "_PAUSE", 2)  # however busy the machine is
    monkeypatch.setattr(waiting_writers, "_REQUEST", 60)

    def write(*texts: str) -> None:
        for text in texts:
            with engine.begin() as connection:
                connection.execute(sa.insert(_NOTES).values(text=text))

    thread = threading.Thread(target=write, args=("one", "two", "three"))
    with engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="first"))
        thread.start()
        eventually(lambda: len(WaitingWriters.of(engine)._cursors) == 1)
    dialect_of(engine).give_way(engine)
    assert notes(engine) == ["first", "one", "two", "three"]
    thread.join()


def test_one_that_is_interrupted_waits_no_more(engine: sa.Engine) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    sa.event.listen(engine, "before_cursor_execute", interrupt)
    with pytest.raises(KeyboardInterrupt), engine.begin() as connection:
        connection.execute(sa.insert(_NOTES).values(text="never"))
    assert WaitingWriters.of(engine)._cursors == set()
