"""A dataset is the same before and after a restart, after an eviction, in a copied session, and derived from."""

import itertools
import uuid
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pandas as pd
import pytest
import sqlalchemy as sa
from algomancy_data import DataClassification, DataSource
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from algomancy_api.framework import NotStorable
from algomancy_api.framework.database.data_manager import ApiDataManager
from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.storage import sql_tables
from algomancy_api.framework.database.storage.catalogue import COLUMNS, SQL_TABLES

from ...serialization.frames.strategies import frames
from ...support import wiring
from ...support.databases import Database
from ...support.frames import assert_same_frame


@pytest.fixture
def engine(database: Database) -> Iterator[sa.Engine]:
    engine = create_engine(database.url)
    yield engine
    engine.dispose()


def manager(engine: sa.Engine, session_id: str, storage: str = COLUMNS) -> ApiDataManager:
    """The data manager of a session, as after a start: it keeps one dataset in memory."""
    opened = ApiDataManager(
        storage=storage,
        etl_factory=wiring.EtlFactory,
        schemas=[],
        engine=engine,
        session_id=session_id,
        data_object_type=DataSource,
        datasource_cache_size=1,
    )
    opened.startup()
    return opened


def dataset(name: str, tables: dict[str, pd.DataFrame]) -> DataSource:
    source = DataSource(DataClassification.MASTER_DATA, name)
    for table, frame in tables.items():
        source.add_table(table, frame)
    return source


def assert_has(found: ApiDataManager, name: str, tables: dict[str, pd.DataFrame]) -> None:
    source: DataSource | None = found.get_data(name)
    assert source is not None
    assert list(source.tables) == list(tables)
    for table, frame in tables.items():
        assert_same_frame(source.tables[table], frame)


def is_unreadable(label: object) -> bool:
    """Whether a label contains a lone surrogate, so that no client could read it."""
    return isinstance(label, str) and any("\ud800" <= character <= "\udfff" for character in label)


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(st.dictionaries(NAMES, frames(), max_size=2))
def test_a_dataset_stays_as_it_was(engine: sa.Engine, tables: dict[str, pd.DataFrame]) -> None:
    session, copy = str(uuid.uuid4()), str(uuid.uuid4())
    first = manager(engine, session)
    if any(map(is_unreadable, itertools.chain.from_iterable(frame.columns for frame in tables.values()))):
        with pytest.raises(NotStorable, match="lone surrogate"):
            first.add_data_source(dataset("one", tables))
        assert manager(engine, session).get_data_keys() == []
        return
    first.add_data_source(dataset("one", tables))
    first.derive_data("one", "two")  # "one" is evicted
    assert_has(first, "one", tables)
    assert_has(first, "two", tables)
    first.copy_to(manager(engine, copy), "one")
    for later, name in ((session, "one"), (session, "two"), (copy, "one")):
        assert_has(manager(engine, later), name, tables)


def test_a_copy_and_a_derived_dataset_have_ids_of_their_own(engine: sa.Engine) -> None:
    first: ApiDataManager = manager(engine, "first")
    copied: Any = manager(engine, "copied")
    first.add_data_source(dataset("one", {"t": pd.DataFrame({"x": [1]})}))
    first.derive_data("one", "two")
    first.copy_to(copied, "one")
    later: Any = manager(engine, "first")
    again = [later.get_data("one"), later.get_data("two"), copied.get_data("one")]
    assert len({source.id for source in again}) == 3
    assert [source._ds_type for source in again] == ["master_data", "derived_data", "master_data"]
    assert len({str(source.creation_datetime) for source in again}) == 1
    first.delete_data("one")
    assert_has(manager(engine, "copied"), "one", {"t": pd.DataFrame({"x": [1]})})


@pytest.mark.parametrize("deleted", ["first", "copied"])
@pytest.mark.parametrize("storage", [COLUMNS, SQL_TABLES])
def test_a_copy_of_a_dataset_in_sql_tables_has_tables_of_its_own(engine: sa.Engine, storage: str, deleted: str) -> None:
    tables = {"t": pd.DataFrame({"x": [1]})}
    first = manager(engine, "first", SQL_TABLES)
    first.add_data_source(dataset("one", tables))
    first.copy_to(manager(engine, "copied", storage), "one")
    manager(engine, deleted, storage).delete_data("one")
    (left,) = {"first", "copied"} - {deleted}
    assert_has(manager(engine, left, storage), "one", tables)


def test_a_failure_to_read_sql_rows_does_not_change_a_dataset(
    engine: sa.Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = {"t": pd.DataFrame({"x": [1]}, index=[5])}
    manager(engine, "first", SQL_TABLES).add_data_source(dataset("one", tables))
    later = manager(engine, "first", SQL_TABLES)
    failure = sa.exc.OperationalError("SELECT", {}, Exception("timeout"))
    with monkeypatch.context() as patch:
        patch.setattr(sql_tables, "_digest_of_rows", Mock(side_effect=failure))
        with pytest.raises(sa.exc.OperationalError):
            later.get_data("one")
    assert_has(later, "one", tables)


TYPED = {
    "t": pd.DataFrame(
        {
            "code": ["007", "7"],
            "open": [True, False],
            "day": pd.DatetimeIndex(["2026-03-29 01:30", "NaT"]).tz_localize("Europe/Amsterdam"),
            "count": pd.array([2**53 + 1, None], dtype="Int64"),
            "size": pd.Categorical(["s", "m"], ["s", "m", "l"], ordered=True),
            "small": pd.Series([1, 2], dtype="int8"),
        },
        index=pd.Index(["b", "a"], name="depot"),
    )
}


def test_with_sql_tables_a_dataset_stays_as_it_was_until_its_rows_are_changed(engine: sa.Engine) -> None:
    first = manager(engine, "first", SQL_TABLES)
    first.add_data_source(dataset("one", TYPED))
    assert_has(manager(engine, "first", SQL_TABLES), "one", TYPED)
    assert_has(manager(engine, "first"), "one", TYPED)
    (table,) = [name for name in sa.inspect(engine).get_table_names() if name.startswith("algomancy_ds__")]
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE \"{table}\" SET code = '008' WHERE code = '007'")  # noqa: S608
    changed: DataSource = manager(engine, "first", SQL_TABLES).get_data("one")
    assert sorted(changed.tables["t"]["code"]) == ["008", "7"]


def test_a_value_that_cannot_be_kept_is_named_and_nothing_is_written(engine: sa.Engine, database: Database) -> None:
    tables = {"good": pd.DataFrame({"x": [1]}), "bad": pd.DataFrame({"a": [1, 2], "b": ["text", len]})}
    first = manager(engine, "first")
    with pytest.raises(NotStorable, match=r"'bad'.*'b'.*1.*builtin_function_or_method"):
        first.add_data_source(dataset("one", tables))
    assert first.get_data_keys() == []
    assert database.stored() == 0


def tables_of_rows(engine: sa.Engine) -> list[str]:
    return [name for name in sa.inspect(engine).get_table_names() if name.startswith("algomancy_ds__")]


def test_without_its_sql_tables_a_dataset_is_read_from_its_columns(engine: sa.Engine) -> None:
    manager(engine, "first", SQL_TABLES).add_data_source(dataset("one", TYPED))
    (table,) = tables_of_rows(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(f'DROP TABLE "{table}"')
    assert_has(manager(engine, "first", SQL_TABLES), "one", TYPED)


def test_with_sql_tables_a_copy_of_columns_has_them_too(engine: sa.Engine) -> None:
    manager(engine, "first").add_data_source(dataset("one", TYPED))
    assert tables_of_rows(engine) == []
    copied = manager(engine, "copied", SQL_TABLES)
    manager(engine, "first", SQL_TABLES).copy_to(copied, "one")
    assert len(tables_of_rows(engine)) == 1
    assert_has(manager(engine, "copied", SQL_TABLES), "one", TYPED)


@pytest.mark.parametrize("cell", [len, [1, 2]])
def test_what_cannot_be_kept_leaves_no_sql_table(engine: sa.Engine, database: Database, cell: object) -> None:
    tables = {"good": pd.DataFrame({"x": [1]}), "bad": pd.DataFrame({"x": pd.Series([cell], dtype=object)})}
    with pytest.raises(NotStorable):
        manager(engine, "first", SQL_TABLES).add_data_source(dataset("one", tables))
    assert tables_of_rows(engine) == []
    assert database.stored() == 0
