"""The names of SQL tables: those that belong to one session, and those that all sessions once shared.

The framework has one SQL table for all tables of one name, in all sessions: the first writer decides its columns and
their types for all others, and the errors that others get reveal data which they must not see. So here a name is stored
with a tag in front. ``items`` becomes ``<28 hexadecimal digits> items``, from which the framework's own code makes the
SQL table ``algomancy_ds__<28 hexadecimal digits>_items``. Names without a tag are those of earlier versions.
"""

import re
import secrets
from collections.abc import Iterable
from hashlib import sha256

from algomancy_data.database.database_manager import _safe_segment

#: Hexadecimal digits of a tag: first the session's, then those that tell its tables apart.
_OF_SESSION = 16
_OF_TABLE = 12

_TAGGED = re.compile(rf"[0-9a-f]{{{_OF_SESSION + _OF_TABLE}}} (.*)", re.DOTALL)
_TAGGED_SQL = re.compile(rf"[0-9a-f]{{{_OF_SESSION + _OF_TABLE}}}_")

#: Characters of a stored name that go into the SQL table's: 63 with the longest prefix, which every dialect allows.
#: It cannot change, because the tables in existing databases are found by it.
_LONGEST = 45


def new_table(session_id: str, table: str) -> str:
    """A unique stored name, for a table of one dataset."""
    return f"{_session_tag(session_id)}{secrets.token_hex(_OF_TABLE // 2)} {table}"


def session_table(session_id: str, table: str) -> str:
    """The stored name of the table that a session has under a name."""
    return f"{_session_tag(session_id)}{_digest(table)[:_OF_TABLE]} {table}"


def is_own(stored: str) -> bool:
    """Whether a stored name is of a table that belongs to one session."""
    return _TAGGED.fullmatch(stored) is not None


def table_of(stored: str) -> str:
    """The name of a table in its dataset or result."""
    tagged = _TAGGED.fullmatch(stored)
    return stored if tagged is None else tagged[1]


def segment(stored: str) -> str:
    """A stored name as the framework's functions take it, which add a prefix."""
    return stored[:_LONGEST] if is_own(stored) else stored


def sql_table(prefix: str, stored: str) -> str:
    """The SQL table of a stored name."""
    return f"{prefix}{_safe_segment(segment(stored))}"


def is_own_sql_table(prefix: str, table: str) -> bool:
    """Whether a SQL table belongs to one session, by its name."""
    return table.startswith(prefix) and _TAGGED_SQL.match(table, len(prefix)) is not None


def of_session(session_id: str, prefix: str, tables: Iterable[str]) -> list[str]:
    """The SQL tables that belong to a session."""
    beginning = f"{prefix}{_session_tag(session_id)}"
    return [table for table in tables if table.startswith(beginning)]


def _session_tag(session_id: str) -> str:
    return _digest(session_id)[:_OF_SESSION]


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
