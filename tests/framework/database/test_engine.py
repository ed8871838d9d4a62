"""The SQLAlchemy engine: no connection outlives it."""

import sqlite3
from pathlib import Path

import pytest

from algomancy_api.framework.database.engine import create_engine


def test_a_connection_in_use_at_the_end_is_closed_when_it_comes_back(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    connection = engine.connect()
    own = connection.connection.dbapi_connection
    assert isinstance(own, sqlite3.Connection)
    engine.dispose()
    connection.close()
    with pytest.raises(sqlite3.ProgrammingError, match="closed database"):
        own.execute("SELECT 1")


def test_connections_are_used_again_before_and_after(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'a.db'}")
    for _ in range(2):
        with engine.connect() as connection:
            first = connection.connection.dbapi_connection
        with engine.connect() as connection:
            assert connection.connection.dbapi_connection is first
        engine.dispose()
