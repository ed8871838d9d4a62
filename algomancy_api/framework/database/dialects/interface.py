"""The interface of a dialect: what the other modules ask about their database."""

from abc import ABC, abstractmethod
from typing import Any, Final, Protocol

import pandas as pd
import sqlalchemy as sa

from ...names import check_name
from ..driver_errors import ErrorCodes

#: Connections that stay open. A thread that finds none of them free opens one more.
POOL_SIZE: Final = 10


class Lock(Protocol):
    """A lock that keeps a second server off a database, and ends with its process. Its calls come one at a time."""

    def acquire(self) -> bool:
        """Take the lock, unless another app has it. Returns whether it is held now."""

    def release(self) -> None:
        """Give the lock back."""

    def is_held(self) -> bool:
        """Whether the lock is still held; it can be lost.

        Raises:
            DatabaseUnavailable: The database that it locks is gone.
        """


class Dialect(ABC):
    """One kind of database. The defaults are those of a database without the difference in question.

    Attributes:
        name: SQLAlchemy's name of the dialect.
        drivers: What a URL may begin with: drivers that are blocking, and whose error codes are known. Without a
            driver, SQLAlchemy chooses one of them.
        description: The database and its drivers, for an error.
        example: A URL, for an error.
        error_codes: The meaning of the drivers' errors.
        on_connect: Statements for each new connection.
        before_create: Statements before the first table of a new database is created, by the same connection.
        before_drop: Statements at the start of a transaction that drops tables.
        after_blobs: Statements after the table of BLOBs was created, with its name as ``{table}``.
        row_id: The column that tells the rows of any table apart.
        has_nul_in_text: Whether a text may contain NUL. The name of a table or column never may.
    """

    name: str
    drivers: tuple[str, ...]
    description: str
    example: str
    error_codes: ErrorCodes
    on_connect: tuple[str, ...] = ()
    before_create: tuple[str, ...] = ()
    before_drop: tuple[str, ...] = ()
    after_blobs: tuple[str, ...] = ()
    row_id: sa.ColumnClause[Any]
    has_nul_in_text: bool = False

    @abstractmethod
    def engine_options(self, url: sa.URL) -> dict[str, Any]:
        """Arguments of SQLAlchemy's `create_engine` for an engine that many threads use."""

    @abstractmethod
    def lock(self, engine: sa.Engine) -> Lock | None:
        """The lock of a database, not held yet; None for a database that no other process can reach."""

    @abstractmethod
    def size(self, engine: sa.Engine) -> int:
        """The bytes of a database on its disk."""

    @abstractmethod
    def vacuum(self, engine: sa.Engine) -> None:
        """Give unused space back to the disk, while no other connection is open."""

    def prepare(self, engine: sa.Engine) -> None:  # noqa: B027 - for overrides
        """Attach to a new engine what the dialect has to know of it."""

    def give_way(self, engine: sa.Engine) -> None:  # noqa: B027 - most databases let many write at a time
        """Let those write that wait for it, between two transactions of one long operation."""

    def reclaim(self, engine: sa.Engine, freed: int) -> None:  # noqa: B027 - most databases do it by themselves
        """Give unused space back to the disk, in small transactions, if there is much.

        Args:
            engine: The database.
            freed: Bytes: what the caller has deleted. It gives back some more, not all that others delete meanwhile.
        """

    def connect_args(self, url: sa.URL) -> dict[str, Any]:  # noqa: ARG002 - for overrides
        """Arguments of the driver's `connect` for any connection."""
        return {}

    def is_in_process(self, url: sa.URL) -> bool:  # noqa: ARG002 - for overrides
        """Whether a database is in the memory of this process, and cannot become unavailable."""
        return False

    def is_mismatch(self, message: str) -> bool:  # noqa: ARG002 - for overrides
        """Whether an operational error means that the columns of the data and of the table differ."""
        return False

    def check_table(self, engine: sa.Engine, table: str, frame: pd.DataFrame) -> None:  # noqa: B027 - for overrides
        """Refuse rows that a SQL table would change without an error.

        Args:
            engine: The database.
            table: The name of the SQL table, which does not exist yet.
            frame: The rows.

        Raises:
            NotStorable: It would change a value or a name.
        """

    def check_text(self, kind: str, text: object) -> None:
        """Refuse a text that the database cannot store.

        Args:
            kind: The kind of text, for the error.
            text: The text.

        Raises:
            NotStorable: It contains a lone surrogate, or a NUL that the database cannot store.
        """
        check_name(kind, text, may_have_nul=self.has_nul_in_text)
