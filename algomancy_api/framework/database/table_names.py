"""The names of SQL tables: those of a session's own, and those that all sessions once shared.

The framework has one SQL table for all tables of one name, of whichever session: the first writer decides its columns
and their types for all others, and what it refuses them tells of what they must not know. So here a name is stored
with a tag in front. ``items`` becomes ``<28 hexadecimal digits> items``, of which the framework's own code makes the
SQL table ``algomancy_ds__<28 hexadecimal digits>_items``. Names without a tag are those of earlier versions.
"""

import re
import secrets
from collections.abc import Iterable
from hashlib import sha256

from algomancy_data.database.database_manager import _safe_segment

#: Hexadecimal digits of a tag: the session's, and those that tell its tables apart.
_OF_SESSION = 16
_OF_TABLE = 12

_TAGGED = re.compile(rf"[0-9a-f]{{{_OF_SESSION + _OF_TABLE}}} (.*)", re.DOTALL)
_TAGGED_SQL = re.compile(rf"[0-9a-f]{{{_OF_SESSION + _OF_TABLE}}}_")

#: Characters of a stored name that the SQL table's has: PostgreSQL takes 63, with the longest prefix.
_LONGEST = 45


def new_table(session_id: str, table: str) -> str:
    """The stored name of a table that is like no other's, for one dataset alone."""
    return f"{_session_tag(session_id)}{secrets.token_hex(_OF_TABLE // 2)} {table}"


def session_table(session_id: str, table: str) -> str:
    """The stored name of the one table of that name in a session."""
    return f"{_session_tag(session_id)}{_digest(table)[:_OF_TABLE]} {table}"


def is_own(stored: str) -> bool:
    """Whether a stored name is that of a session's own table."""
    return _TAGGED.fullmatch(stored) is not None


def table_of(stored: str) -> str:
    """The name that a dataset or a result has for a table."""
    tagged = _TAGGED.fullmatch(stored)
    return stored if tagged is None else tagged[1]


def segment(stored: str) -> str:
    """A stored name for the framework's functions, which put a prefix before it."""
    return stored[:_LONGEST] if is_own(stored) else stored


def sql_table(prefix: str, stored: str) -> str:
    """The SQL table of a stored name."""
    return f"{prefix}{_safe_segment(segment(stored))}"


def is_own_sql_table(prefix: str, table: str) -> bool:
    """Whether a SQL table is a session's own, by its name alone."""
    return table.startswith(prefix) and _TAGGED_SQL.match(table, len(prefix)) is not None


def of_session(session_id: str, prefix: str, tables: Iterable[str]) -> list[str]:
    """Those of some SQL tables that are a session's own."""
    beginning = f"{prefix}{_session_tag(session_id)}"
    return [table for table in tables if table.startswith(beginning)]


def _session_tag(session_id: str) -> str:
    return _digest(session_id)[:_OF_SESSION]


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
