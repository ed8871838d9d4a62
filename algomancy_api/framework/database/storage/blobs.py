"""BLOBs: large values in pieces, in one SQL table.

A database may have one writer at a time. So a large value is written, copied and deleted in several transactions, and
others write in between. A value without a reference is not seen by any reader: it is referred to in the transaction
that writes its last piece, and deleted after its reference.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from io import BufferedReader, RawIOBase
from itertools import groupby
from operator import itemgetter
from typing import BinaryIO, NamedTuple

import sqlalchemy as sa

from ..dialects import dialect_of

#: Bytes: length of a BLOB. All but the last of a part have it.
PIECE = 1024 * 1024

#: Bytes and BLOBs: written, copied or deleted in one transaction, which takes some 0.02 s.
_BYTES_AT_ONCE = 4 * PIECE
_BLOBS_AT_ONCE = 2_000

#: BLOBs: fetched at once. The rest of a value stays in the database.
_FETCHED = 4

#: A context of the transaction that writes the reference to a value. It gives what writes the reference.
type Reference = AbstractContextManager[Callable[[sa.Connection], object]]

metadata = sa.MetaData()

blobs = sa.Table(
    "algomancy_api_blobs",
    metadata,
    # The value that a BLOB belongs to, a random UUID.
    sa.Column("owner", sa.String(36), primary_key=True),
    # The part of the value, for example one table of a dataset.
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    # The position of the BLOB in its part.
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)


class Piece(NamedTuple):
    """A BLOB of a value: its part, its position there, and its content."""

    part: int
    number: int
    content: bytes


class _Place(NamedTuple):
    part: int
    number: int
    size: int


def refer_not(_connection: sa.Connection) -> None:
    """Write no reference: what refers to the value is written elsewhere."""


def create(engine: sa.Engine) -> None:
    """Create the SQL table, if the database has none."""
    if sa.inspect(engine).has_table(blobs.name):
        return
    with engine.begin() as connection:
        metadata.create_all(connection)
        for statement in dialect_of(engine).after_blobs:
            connection.exec_driver_sql(statement.format(table=blobs.name))


def write(engine: sa.Engine, owner: str, pieces: Iterable[Piece], reference: Reference) -> None:
    """Write a value.

    Args:
        engine: The database.
        owner: The id of the value.
        pieces: Its BLOBs.
        reference: A context that gives what writes the reference to the value. It is entered before the transaction of
            the last pieces, and left after it.
    """
    groups = _grouped(pieces, lambda piece: len(piece.content))
    group = next(groups, [])
    while True:
        following = next(groups, None)
        with reference if following is None else nullcontext(refer_not) as refer, engine.begin() as connection:
            if group:
                rows = [{"owner": owner, **piece._asdict()} for piece in group]
                connection.execute(sa.insert(blobs), rows)
            refer(connection)
        if following is None:
            return
        dialect_of(engine).give_way(engine)
        group = following


def read(connection: sa.Connection, owner: str) -> Iterator[BinaryIO]:
    """The parts of a value, as it is now. Each is read before the next one is asked for."""
    of_owner = sa.select(blobs.c.part, blobs.c.content).where(blobs.c.owner == owner)
    in_order = of_owner.order_by(blobs.c.part, blobs.c.number)
    rows = connection.execution_options(yield_per=_FETCHED).execute(in_order)
    for _, group in groupby(rows, key=itemgetter(0)):
        yield BufferedReader(_Contents(content for _, content in group), PIECE)


def first_parts(connection: sa.Connection, owners: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """The first parts of values, with their owners."""
    of_owners = sa.select(blobs.c.owner, blobs.c.content).where(blobs.c.owner.in_(owners), blobs.c.part == 0)
    rows = connection.execute(of_owners.order_by(blobs.c.owner, blobs.c.number))
    for owner, group in groupby(rows, key=itemgetter(0)):
        yield owner, b"".join(content for _, content in group)


def copy(engine: sa.Engine, owner: str, new_owner: str, reference: Reference) -> None:
    """Copy a value within the database. The arguments are those of `write`."""
    groups = list(_grouped(_places(engine, owner), lambda place: place.size)) or [[]]
    for group in groups:
        with reference if group is groups[-1] else nullcontext(refer_not) as refer, engine.begin() as connection:
            if group:
                connection.execute(
                    sa.insert(blobs).from_select(
                        blobs.columns.keys(),
                        sa.select(sa.literal(new_owner), *blobs.c[1:]).where(_between(owner, group)),
                    )
                )
            refer(connection)
        dialect_of(engine).give_way(engine)


def delete(engine: sa.Engine, owner: str) -> int:
    """Delete a value that nothing refers to any more, and return its bytes."""
    places = _places(engine, owner)
    for group in _grouped(places, lambda place: place.size):
        with engine.begin() as connection:
            connection.execute(sa.delete(blobs).where(_between(owner, group)))
        dialect_of(engine).give_way(engine)
    return sum(place.size for place in places)


def owners(engine: sa.Engine) -> set[str]:
    """The ids of all values."""
    with engine.connect() as connection:
        return set(connection.execute(sa.select(blobs.c.owner).distinct()).scalars())


def _places(engine: sa.Engine, owner: str) -> list[_Place]:
    size = sa.func.length(blobs.c.content)
    places = sa.select(blobs.c.part, blobs.c.number, size).where(blobs.c.owner == owner)
    with engine.connect() as connection:
        return [_Place(*row) for row in connection.execute(places.order_by(blobs.c.part, blobs.c.number))]


def _between(owner: str, places: list[_Place]) -> sa.ColumnElement[bool]:
    place = sa.tuple_(blobs.c.part, blobs.c.number)
    first, last = [sa.tuple_(end.part, end.number) for end in (places[0], places[-1])]
    return (blobs.c.owner == owner) & (place >= first) & (place <= last)


def _grouped[P](items: Iterable[P], size: Callable[[P], int]) -> Iterator[list[P]]:
    """Items in groups that are small enough for one transaction."""
    group: list[P] = []
    total = 0
    for item in items:
        if group and (total + size(item) > _BYTES_AT_ONCE or len(group) == _BLOBS_AT_ONCE):
            yield group
            group, total = [], 0
        group.append(item)
        total += size(item)
    if group:
        yield group


class _Contents(RawIOBase):
    """The contents of BLOBs as one file."""

    def __init__(self, contents: Iterator[bytes]) -> None:
        self._contents = contents
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader passes
        while not self._rest:
            content = next(self._contents, None)
            if content is None:
                return 0
            self._rest = memoryview(content)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size
