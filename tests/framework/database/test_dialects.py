"""SQL dialects, as far as no database server is needed; the rest is in `integration/persistence`."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from algomancy_api.framework import DatabaseUnavailable, NotStorable, StorageFull
from algomancy_api.framework.database.dialects import DIALECTS, Dialect, dialect_of, dialect_of_url
from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.storage.table_names import new_table, sql_table
from algomancy_api.framework.database.write_errors import refusal

EACH = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


@EACH
def test_each_driver_of_a_dialect_is_found_by_its_url(dialect: Dialect) -> None:
    assert dialect_of_url(sa.make_url(dialect.example)) is dialect
    for driver in dialect.drivers:
        assert dialect_of_url(sa.make_url(f"{driver}:///x")) is dialect
        assert sa.make_url(f"{driver}:///x").get_dialect().name == dialect.name


@pytest.mark.parametrize("driver", ["mysql", "mariadb+pymysql", "postgresql+asyncpg", "sqlite+aiosqlite"])
def test_what_is_not_supported_is_refused(driver: str) -> None:
    expected = (
        "database_url must be of SQLite (driver pysqlite or pysqlcipher) or PostgreSQL (psycopg or psycopg2), like "
        f"'sqlite:///FILE' or 'postgresql+psycopg://USER@HOST/DATABASE'; got '{driver}'"
    )
    with pytest.raises(ValueError, match=re.escape(expected)):
        create_engine(f"{driver}://user:secret@host/x")


@EACH
def test_the_longest_name_of_a_table_fits(dialect: Dialect) -> None:
    table = sql_table("algomancy_result__", new_table("session", "x" * 200))
    assert len(table) <= sa.make_url(dialect.example).get_dialect().max_identifier_length


@EACH
def test_the_url_has_the_last_word_about_a_connection(dialect: Dialect) -> None:
    url = sa.make_url(dialect.example)
    arguments = dialect.connect_args(url)
    assert dialect.connect_args(url.set(query=dict.fromkeys(arguments, "1"))) == {}
    assert arguments.items() <= dialect.engine_options(url)["connect_args"].items()


@EACH
def test_a_text_is_refused_that_cannot_be_stored(dialect: Dialect) -> None:
    dialect.check_text("tag", "ü")
    with pytest.raises(NotStorable, match=r"The tag .* contains a lone surrogate"):
        dialect.check_text("tag", "\ud800")
    if not dialect.has_nul_in_text:
        with pytest.raises(NotStorable, match=r"The tag .* contains a NUL"):
            dialect.check_text("tag", "a\0")


class DriverError(Exception):
    """An error as the drivers have them."""

    def __init__(self, **attributes: str) -> None:
        super().__init__("reason")
        vars(self).update(attributes)


@pytest.mark.parametrize(
    ("attributes", "meaning"),
    [
        ({"sqlite_errorname": "SQLITE_FULL"}, StorageFull),
        ({"sqlite_errorname": "SQLITE_IOERR_WRITE"}, DatabaseUnavailable),
        ({"sqlite_errorname": "SQLITE_TOOBIG"}, NotStorable),
        ({"sqlstate": "53100"}, StorageFull),
        ({"sqlstate": "53300"}, DatabaseUnavailable),
        ({"sqlstate": None, "pgcode": "22003"}, NotStorable),
    ],
)
def test_a_code_has_one_meaning(attributes: dict[str, str], meaning: type[Exception]) -> None:
    tables = [dialect.error_codes for dialect in DIALECTS]
    [(table, code)] = [(table, code) for table in tables if (code := table.code_of(DriverError(**attributes)))]
    assert next(found for start, found in table.meanings.items() if code.startswith(start)) is meaning


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    engine = create_engine("sqlite://")
    yield engine
    engine.dispose()


def test_a_mismatch_of_columns_in_sqlite_is_about_the_data(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
        with pytest.raises(sa.exc.OperationalError) as mismatch:
            connection.exec_driver_sql("INSERT INTO t (b) VALUES (1)")
    assert refusal(mismatch.value, dialect_of(engine)) == "table t has no column named b"
    assert refusal(DatabaseUnavailable("gone"), dialect_of(engine)) is None


def test_connections_of_sqlite_are_set_up(engine: sa.Engine) -> None:
    assert dialect_of(engine).lock(engine) is None
    assert dialect_of(engine).is_in_process(engine.url)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 60_000
