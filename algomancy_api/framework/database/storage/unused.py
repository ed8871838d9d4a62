"""Contents of datasets that have no entry in the catalogue any more."""

from collections import deque
from contextlib import suppress

from .catalogue import Entry
from .leftovers import Leftovers
from .sql_tables import SqlTables


class UnusedContents:
    """Deletes the contents of datasets: the columns, and the SQL tables of those that have some.

    It takes long, in small transactions. If it fails, the next start does it.
    """

    def __init__(self, leftovers: Leftovers, sql_tables: SqlTables) -> None:
        self._leftovers = leftovers
        self._sql_tables = sql_tables
        self._put_off: deque[Entry] = deque()

    def put_off(self, former: Entry | None) -> None:
        """Have `delete_put_off` delete the content of a former entry, if there is one."""
        if former is not None:
            self._put_off.append(former)

    def delete_put_off(self) -> None:
        """Delete the contents that were put off."""
        with suppress(IndexError):  # until none is left, which another thread may have taken
            while True:
                self.delete(self._put_off.popleft())

    def delete(self, former: Entry | None) -> None:
        """Delete the content of a former entry, if there is one."""
        if former is not None:
            self._leftovers.delete([former["owner"]] if former["owner"] else ())
            self._sql_tables.delete(former["name"], former["sub_tables"] or ())
