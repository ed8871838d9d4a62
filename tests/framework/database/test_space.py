"""Space that deletions give back to the disk: what they freed, and some of what others have left."""

import threading
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
import sqlalchemy as sa

from algomancy_api.framework.database.dialects import dialect_of
from algomancy_api.framework.database.dialects.write_lock import WriteLock
from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.ownership import Ownership
from algomancy_api.framework.database.storage import blobs
from algomancy_api.framework.database.storage.leftovers import Leftovers

from ...support.clients import eventually

#: Bytes: of the large value. A file that has less unused is not made smaller.
_LARGE = 32 * blobs.PIECE


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = create_engine(f"sqlite:///{tmp_path}/database.sqlite")
    ownership = Ownership(engine)
    ownership.take()  # it writes the first table of a new database, whose file shrinks from then on
    blobs.create(engine)
    yield engine
    engine.dispose()
    ownership.release()


def write(engine: sa.Engine, owner: str, pieces: int) -> None:
    contents = (blobs.Piece(0, number, bytes(blobs.PIECE)) for number in range(pieces))
    blobs.write(engine, owner, contents, nullcontext(blobs.refer_not))


def unused(engine: sa.Engine) -> int:
    """The bytes of the file that hold nothing."""
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()) * 4096


def delete(engine: sa.Engine, owner: str) -> None:
    Leftovers(engine, is_used=lambda _owner: False).delete([owner])


def test_a_deletion_gives_back_what_it_freed(engine: sa.Engine) -> None:
    write(engine, "large", 32)
    delete(engine, "large")
    assert unused(engine) == 0


def test_a_small_deletion_gives_back_only_some_of_what_others_freed(engine: sa.Engine) -> None:
    write(engine, "large", 32)
    write(engine, "small", 1)
    blobs.delete(engine, "large")  # its space is given back when all of it is deleted
    before = unused(engine)
    delete(engine, "small")
    assert 0 < before - unused(engine) <= 2 * blobs.PIECE
    write(engine, "other", 1)
    delete(engine, "other")
    assert unused(engine) < before


def test_what_gives_space_back_waits_like_any_writer(engine: sa.Engine) -> None:
    write(engine, "large", 32)
    write(engine, "small", 1)
    blobs.delete(engine, "large")
    with engine.begin() as connection:
        connection.execute(sa.insert(blobs.blobs).values(owner="x", part=0, number=0, content=b""))  # takes the lock
        thread = threading.Thread(target=dialect_of(engine).reclaim, args=(engine, blobs.PIECE))
        thread.start()
        eventually(lambda: WriteLock.of(engine).waiting == 1)  # else a longer deletion would keep the lock from it
    thread.join()
    assert not WriteLock.of(engine).is_held


def test_nothing_is_given_back_without_a_deletion(engine: sa.Engine) -> None:
    write(engine, "large", 32)
    blobs.delete(engine, "large")
    before = unused(engine)
    delete(engine, "unknown")
    assert unused(engine) == before >= _LARGE
