"""The results of runs: written as columns or JSON, and read again."""

import uuid
from contextlib import nullcontext
from typing import Any

import pandas as pd
import sqlalchemy as sa
from algomancy_scenario import BaseAlgorithm, ScenarioStatus
from algomancy_scenario.persistence import SqlResultLayout, SqlScenarioRepository
from algomancy_scenario.persistence.models import RESULT_TABLE_PREFIX, SCENARIO_COL, SESSION_COL
from algomancy_scenario.persistence.models import scenario_runs_table as runs

from ..storage import blobs
from ..storage.columns import EncodedTables, Tables, read_tables
from ..storage.leftovers import Leftovers
from ..storage.markers import result_marker
from ..storage.references import beginning, owners_of_scenario
from ..storage.table_names import is_own, segment, session_table, sql_table, table_of
from .readable import prove_tables, prove_text

#: Attribute of a result that is kept beside its tables: the id of the dataset.
_DATA_ID = "data_id"


class RunResults(SqlScenarioRepository):
    """A repository that stores the results of runs.

    The framework has one SQL table for the results of all sessions. Earlier versions had one for each session (see
    `table_names`); this one stores columns.
    """

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self._leftovers = Leftovers(self._engine, self._is_used)
        #: The owners of the BLOBs of results whose run is not written yet, by scenario.
        self._new_owners: dict[str, str] = {}

    def _persist_result_payload(
        self, result: object, scenario_id: str, previous_sub_tables: list[str]
    ) -> tuple[str | None, list[str]]:
        """Write a result. Raises an error that the framework does not turn into a complete run without a result."""
        try:
            scenario: Any = self._hydrated.get(scenario_id)
            kind = type(result) if scenario is None else scenario._algorithm.result_class
            if not isinstance(result, SqlResultLayout):
                text, tables = super()._persist_result_payload(result, scenario_id, previous_sub_tables)
                prove_text(result, str(text), kind)
                return text, tables
            self._delete_sql_rows(scenario_id, previous_sub_tables)
            return self._written(result, scenario_id, kind), []
        except (TypeError, ValueError) as error:
            raise RuntimeError(f"{type(error).__name__}: {error}") from error

    def _written(self, result: SqlResultLayout, scenario_id: str, kind: type) -> str:
        """Write the tables of a result as columns, and return the text that refers to them."""
        owner = str(uuid.uuid4())
        self._new_owners[scenario_id] = owner
        data_id = getattr(result, _DATA_ID, None)
        kept = {_DATA_ID: data_id if isinstance(data_id, str) else None}
        tables = result.to_sql_tables()
        prove_tables(result, tables, kind)
        with EncodedTables(tables) as encoded:
            blobs.write(self._engine, owner, encoded.pieces(kept), nullcontext(blobs.refer_not))  # the run refers to it
        return result_marker(owner)

    def _delete_sql_rows(self, scenario_id: str, tables: list[str]) -> None:
        if not tables:
            return
        existing = set(sa.inspect(self._engine).get_table_names())
        with self._engine.begin() as connection:
            self._delete_result_rows(connection, scenario_id, tables, existing)

    def _delete_result_rows(
        self, conn: sa.Connection, scenario_id: str, sub_tables: list[str], existing_tables: set[str] | None = None
    ) -> None:
        """Delete a result's rows from the tables of this version and of earlier ones."""
        stored = [segment(table) for table in sub_tables]
        present = [segment(self._stored(table)) for table in sub_tables if not is_own(table)]
        super()._delete_result_rows(conn, scenario_id, [*stored, *present], existing_tables)

    def _load_latest_result(self, scenario_id: str, algorithm: BaseAlgorithm) -> Any:  # noqa: ANN401
        """The result of a scenario's run. The framework reads those in tables of all sessions.

        Raises:
            Exception: Its class cannot read it. The framework would leave it out in some cases.
        """
        if (tables := self._result_tables(scenario_id)) is not None:
            return _result(algorithm, *tables)
        if (text := self._result_text(scenario_id)) is not None:
            return algorithm.result_class.from_json(text)
        return super()._load_latest_result(scenario_id, algorithm)

    def _result_tables(self, scenario_id: str) -> tuple[str, Tables] | None:
        """The id of the data of a result, and its tables; None if it is not stored in tables of its own."""
        if owners := owners_of_scenario(self._engine, scenario_id):
            read, kept = read_tables(self._engine, owners.pop())
            return kept.get(_DATA_ID) or scenario_id, read
        stored = self._collect_sub_tables(scenario_id)
        return (scenario_id, self._read_tables(scenario_id, stored)) if any(map(is_own, stored)) else None

    def _result_text(self, scenario_id: str) -> str | None:
        """The text of a result, which is JSON, or refers to its columns; None if there is none."""
        of_scenario = (runs.c.scenario_id == scenario_id) & (runs.c.status == str(ScenarioStatus.COMPLETE))
        latest = sa.select(runs.c.result_blob).where(of_scenario).order_by(runs.c.finished_at.desc())
        with self._engine.connect() as connection:
            return connection.execute(latest.limit(1)).scalar()

    def _read_tables(self, scenario_id: str, stored: list[str]) -> Tables:
        with self._engine.connect() as connection:
            return {table_of(table): self._read(connection, table, scenario_id) for table in stored}

    def _read(self, connection: sa.Connection, stored: str, scenario_id: str) -> pd.DataFrame:
        table = sa.table(sql_table(RESULT_TABLE_PREFIX, stored), sa.column(SESSION_COL), sa.column(SCENARIO_COL))
        is_of_result = (table.c[SESSION_COL] == self._session_id) & (table.c[SCENARIO_COL] == scenario_id)
        rows = sa.select(sa.text("*")).select_from(table).where(is_of_result)
        return pd.read_sql(rows, connection).drop(columns=[SESSION_COL, SCENARIO_COL])

    def results_in_sql_tables(self) -> list[str]:
        """The ids of the scenarios whose results an earlier version wrote to SQL tables."""
        with self._engine.connect() as connection:
            found = connection.execute(sa.select(runs.c.scenario_id).where(runs.c.result_sub_tables.is_not(None)))
            return [scenario_id for scenario_id in found.scalars() if scenario_id in self._records]

    def convert_result(self, scenario_id: str) -> list[str]:
        """Store a result of an earlier version as columns."""
        stored = self._collect_sub_tables(scenario_id)
        tables = self._read_tables(scenario_id, stored)
        owner = str(uuid.uuid4())
        reference = {"result_blob": result_marker(owner), "result_sub_tables": None}
        update = sa.update(runs).where(runs.c.scenario_id == scenario_id).values(reference)
        with EncodedTables(tables) as encoded:
            blobs.write(self._engine, owner, encoded.pieces({}), nullcontext(lambda each: each.execute(update)))
        self._delete_sql_rows(scenario_id, stored)
        return []

    def _is_used(self, owner: str) -> bool:
        is_of_owner = beginning(runs.c.result_blob) == result_marker(owner)
        with self._engine.connect() as connection:
            return connection.execute(sa.select(runs.c.run_id).where(is_of_owner).limit(1)).first() is not None

    def _stored(self, table: str) -> str:
        return session_table(self._session_id, table)


def _result(algorithm: BaseAlgorithm, data_id: str, tables: Tables) -> Any:  # noqa: ANN401 - of any class
    result: Any = algorithm.result_class(data_id=data_id)
    result.from_sql_tables(tables)
    return result
