"""Datasets in SQL tables: of earlier versions and of the framework, and with ``dataset_storage="tables"``.

Other programs can read SQL tables. But these cannot hold every value, and neither the index nor the types of pandas. So
with ``"tables"`` a dataset is stored as columns, too, with a digest of its rows: as long as they are unchanged, the
columns are what is read.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b, sha256
from typing import Any, cast

import pandas as pd
import sqlalchemy as sa
from algomancy_data import Schema
from algomancy_data.database.models import DATA_TABLE_PREFIX, DATASET_COL, SESSION_COL
from algomancy_data.database.schema_translator import coerce_dataframe_to_schema

from ...errors import DatabaseUnavailable, NotStorable, StorageFull
from ...names import check_name
from ..dialects import dialect_of
from ..engine import drop_tables
from .columns import Tables
from .table_names import is_own, new_table, sql_table, table_of

_logger = logging.getLogger("algomancy_api")

#: Rows: written in one transaction. A database may have one writer at a time. In pieces, the 600,000 rows of a long
#: ETL let others create and run scenarios meanwhile.
_ROWS_WRITTEN = 5_000

#: Rows: read at once, or deleted in one transaction.
_ROWS_AT_ONCE = 20_000

#: What a cell of a SQL table may be, besides a missing one.
_CELLS = (str, bytes, bool, int, float, datetime, type(None))

#: Bytes: of the digest of a row. The digests of all rows are added up.
_ROW_DIGEST = 16


class SqlTables:
    """The SQL tables of a session's datasets.

    Args:
        engine: The database.
        session_id: The id of the session.
        schema_of: The schema of a table, by its name; None for none.
    """

    def __init__(self, engine: sa.Engine, session_id: str, schema_of: Callable[[str], Schema | None]) -> None:
        self._engine = engine
        self._session_id = session_id
        self._schema_of = schema_of
        #: SQL tables that are not used any more, and could not be dropped yet.
        self._leftovers: list[str] = []

    def read(self, stored: Iterable[str]) -> Tables:
        """The tables with these stored names, each of which belongs to one dataset."""
        with self._engine.connect() as connection:
            return {table_of(name): self._read(connection, name) for name in stored}

    def write(self, dataset: str, tables: Tables) -> tuple[list[str], str]:
        """Write the tables of a dataset to new SQL tables, in small transactions.

        Returns:
            Their stored names, and the digest of their rows.

        Raises:
            NotStorable: SQL tables cannot hold them.
        """
        _check(tables)
        stored = {name: new_table(self._session_id, name) for name in tables}
        try:
            for name, frame in tables.items():
                table = sql_table(DATA_TABLE_PREFIX, stored[name])
                dialect_of(self._engine).check_table(self._engine, table, frame)
                with _named_cells(name, frame):
                    self._append(table, dataset, frame)
            return list(stored.values()), self.digest(stored.values())
        except BaseException:
            self.delete(dataset, stored.values())
            raise

    def digest(self, stored: Iterable[str]) -> str:
        """A digest of the rows of SQL tables, whatever their order; empty if a table is missing."""
        stored = list(stored)
        digest = sha256()
        try:
            with self._engine.connect() as connection:
                for name in stored:
                    digest.update(_digest_of_rows(connection.execution_options(yield_per=_ROWS_AT_ONCE), name))
        except sa.exc.SQLAlchemyError:
            existing = sa.inspect(self._engine)
            if all(existing.has_table(sql_table(DATA_TABLE_PREFIX, name)) for name in stored):
                raise  # the rows may be unchanged
            return ""
        return digest.hexdigest()

    def delete(self, dataset: str, stored: Iterable[str]) -> None:
        """Delete the rows of a dataset that nothing refers to any more.

        A failure prevents no later step of the caller; the rows are deleted the next time, or at the next start.
        """
        names = list(stored)
        self._leftovers += [sql_table(DATA_TABLE_PREFIX, name) for name in names if is_own(name)]
        self._leftovers = drop_tables(self._engine, self._leftovers)
        for name in names:
            if not is_own(name):
                self._delete_shared(sql_table(DATA_TABLE_PREFIX, name), dataset)

    def _append(self, table: str, dataset: str, frame: pd.DataFrame) -> None:
        for piece in _pieces(frame):
            rows = piece.copy(deep=False)
            rows.insert(0, DATASET_COL, dataset)
            rows.insert(0, SESSION_COL, self._session_id)
            with self._engine.begin() as connection:
                rows.to_sql(table, connection, if_exists="append", index=False)

    def _read(self, connection: sa.Connection, stored: str) -> pd.DataFrame:
        query = sa.text(f'SELECT * FROM "{sql_table(DATA_TABLE_PREFIX, stored)}"')  # noqa: S608 - letters and digits
        frame = pd.read_sql(query, connection).drop(columns=[SESSION_COL, DATASET_COL])
        schema = self._schema_of(table_of(stored))
        return frame if schema is None else coerce_dataframe_to_schema(frame, cast("Any", schema))

    def _delete_shared(self, table: str, dataset: str) -> None:
        """Delete a dataset's rows from a table of all sessions, in pieces: others write in between."""
        rows = sa.table(table, sa.column(SESSION_COL), sa.column(DATASET_COL))
        row_id = dialect_of(self._engine).row_id
        is_of_dataset = (rows.c[SESSION_COL] == self._session_id) & (rows.c[DATASET_COL] == dataset)
        some = sa.select(row_id).select_from(rows).where(is_of_dataset).limit(_ROWS_AT_ONCE)
        try:
            while True:
                with self._engine.begin() as connection:
                    if not connection.execute(sa.delete(rows).where(row_id.in_(some))).rowcount:
                        return
        except Exception as error:  # they take up space, and do no other harm
            _logger.warning("Rows that are not used any more cannot be deleted yet: %s", error)


def _check(tables: Tables) -> None:
    """Refuse tables and columns whose names the database cannot store.

    If the names of columns are lists, pandas has levels of names. The framework's own two columns would get such names,
    too, so that no session would find the table.
    """
    for name, frame in tables.items():
        if isinstance(frame.columns, pd.MultiIndex):
            raise NotStorable(f"the columns of table {name!r} have several levels")
        for column in frame.columns:
            check_name("column name", column)
            if column in (SESSION_COL, DATASET_COL):
                raise NotStorable(f"the column name {column!r} is reserved")


@contextmanager
def _named_cells(table: str, frame: pd.DataFrame) -> Iterator[None]:
    """Where a driver refuses a cell, name it: the driver has only the number of a parameter."""
    try:
        yield
    except DatabaseUnavailable, StorageFull, MemoryError:
        raise
    except Exception as error:
        for position, column in enumerate(frame.columns):
            cells = frame.iloc[:, position]
            for row, cell in cells.items() if pd.api.types.is_object_dtype(cells.dtype) else ():
                if _is_odd(cell):
                    place = f"row {row!r} of column {column!r} of table {table!r}"
                    raise NotStorable(f"SQL tables cannot hold the {type(cell).__name__} in {place}") from error
        raise


def _is_odd(cell: object) -> bool:
    if isinstance(cell, int):
        return not -(2**63) <= cell < 2**63
    return not (isinstance(cell, _CELLS) or cell is pd.NA or cell is pd.NaT)


def _pieces(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """A table in pieces, at least one. In one piece if the types of its columns depend on all their values."""
    if any(pd.api.types.is_object_dtype(dtype) for dtype in frame.dtypes):
        yield frame
        return
    for start in range(0, max(len(frame), 1), _ROWS_WRITTEN):
        yield frame.iloc[start : start + _ROWS_WRITTEN]


def _digest_of_rows(connection: sa.Connection, stored: str) -> bytes:
    rows = connection.execute(sa.select(sa.text("*")).select_from(sa.table(sql_table(DATA_TABLE_PREFIX, stored))))
    total: int = 0
    for row in rows:
        digest = blake2b(repr(tuple(row)).encode(errors="surrogatepass"), digest_size=_ROW_DIGEST)
        total += int.from_bytes(digest.digest())
    header = repr((stored, *rows.keys())).encode(errors="surrogatepass")
    return bytes(header) + (total % (1 << 8 * _ROW_DIGEST)).to_bytes(_ROW_DIGEST)
