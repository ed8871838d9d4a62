"""The rows of scenarios: new ones in one transaction, and later changes of a tag, labels and note."""

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from algomancy_scenario import Scenario
from algomancy_scenario.persistence.models import scenarios_table as scenarios
from algomancy_scenario.records import ScenarioRecord

from ....engines import serializable
from ...idempotency.pending import Effect
from ...session.annotations import NO_ANNOTATIONS, Annotations
from ...session.creation_order import STEP, CreationOrder
from ..dialects import dialect_of
from ..idempotency.transactions import keep
from ..run_data import RunData
from ..runs.queue import KeptQueue
from .annotations import StoredAnnotations


class ScenarioRows(RunData):
    """A repository that writes all of several scenarios or none, and what users write on them.

    Attributes:
        queue: The queue, which may have a part of the transaction of new ones.
        annotations: The labels and notes.
        order: The order in which the scenarios were created.
    """

    queue: KeptQueue

    def __init__(self, **keywords: Any) -> None:  # noqa: ANN401 - the framework's own
        super().__init__(**keywords)
        self.annotations = StoredAnnotations(self._engine, self._session_id)
        self.order = CreationOrder()

    def add(self, scenario: Scenario[Any]) -> None:
        """Store a new scenario."""
        self.add_all([scenario], [NO_ANNOTATIONS])

    def add_all(self, new: Sequence[Scenario[Any]], annotations: Sequence[Annotations]) -> None:
        """Store new scenarios with the annotations of each, all or none.

        It is in place of the framework's `add`, which has a transaction for each.

        Raises:
            NotStorable: The database cannot store a tag, a label or a note.
        """
        for scenario, written in zip(new, annotations, strict=True):
            dialect_of(self._engine).check_text("tag", scenario.tag)
            self.annotations.check(written)
        records = self._new_records(new)
        ids = [scenario.id for scenario in new]
        with self._engine.begin() as connection:
            rows = [self._row(*pair) for pair in zip(new, records, strict=True)]
            connection.execute(sa.insert(scenarios), rows)
            self.annotations.write(connection, zip(ids, annotations, strict=True))
            self.queue.put_ahead(connection, ids)
            keep(connection, Effect.SCENARIO, new[0])
            keep(connection, Effect.BATCH, records)
        for scenario, written, record in zip(new, annotations, records, strict=True):
            self.annotations.note(scenario.id, written)
            self._show(scenario, record)

    def edit(self, scenario_id: str, tag: str, annotations: Annotations | None) -> None:
        """Store that a scenario has a tag, which is free or its own, and annotations unless they are None.

        Raises:
            NotStorable: The database cannot store the tag, a label or the note.
        """
        dialect_of(self._engine).check_text("tag", tag)
        written = self.annotations.of(scenario_id) if annotations is None else annotations
        self.annotations.check(written)
        with self._get_key_lock(scenario_id):  # it may be loaded at the moment, with its former tag
            with self._engine.begin() as connection:
                connection.execute(sa.update(scenarios).where(scenarios.c.id == scenario_id).values(tag=tag))
                self.annotations.write(connection, [(scenario_id, written)])
            self.annotations.note(scenario_id, written)
            self._show_tag(scenario_id, tag)

    def _show_tag(self, scenario_id: str, tag: str) -> None:
        with self._lock:
            record = self._records[scenario_id]
            del self._tag_index[record.tag]
            self._tag_index[tag] = scenario_id
            record.tag = tag
            if (scenario := self._hydrated.get(scenario_id)) is not None:
                scenario.tag = tag

    def _new_records(self, new: Sequence[Scenario[Any]]) -> list[ScenarioRecord]:
        first = self.order.next_time()
        records = [ScenarioRecord.from_scenario(scenario) for scenario in new]
        for number, record in enumerate(records):
            record.created_at = first + number * STEP
        return records

    def _show(self, scenario: Scenario[Any], record: ScenarioRecord) -> None:
        with self._lock:
            self._records[scenario.id] = record
            self._tag_index[scenario.tag] = scenario.id
            self._hydrated[scenario.id] = scenario
            self._alive.add(scenario)
            self.order.add(scenario.id, record.created_at)
            self._evict_if_needed()
        self._log(f"Registered scenario '{scenario.tag}'.")

    def _row(self, scenario: Scenario[Any], record: ScenarioRecord) -> dict[str, Any]:
        algorithm: Any = scenario._algorithm
        parameters = serializable(scenario.data_params)
        return {
            "id": scenario.id,
            "tag": scenario.tag,
            "session_id": self._session_id,
            "input_data_key": scenario.input_data_key,
            "algorithm_name": algorithm.name,
            "parameter_values": algorithm.params.serialize() if hasattr(algorithm, "params") else "{}",
            "data_parameter_values": parameters.serialize() if parameters.has_inputs() else None,
            "kpi_names": json.dumps(list(scenario.kpis)),
            "status": str(scenario.status),
            "created_at": record.created_at,
        }
