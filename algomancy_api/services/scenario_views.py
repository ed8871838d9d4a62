"""The two representations of a scenario: the full form and the summary."""

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord
from algomancy_utils import Measurement

from ..framework import ApiScenarioManager
from ..schemas.domain import AlgorithmSummary, ScenarioSummary
from ..serialization.json_encoder import encode

#: Summaries per call of the encoder, which holds the interpreter lock for its whole call.
_SUMMARIES_AT_A_TIME = 200

_NOT_COMPUTED = Measurement.INITIAL_VALUE


def full_form(manager: ApiScenarioManager, scenario: Scenario[Any]) -> dict[str, Any]:
    """The full form of a scenario, with KPIs and result, as of one moment.

    The run may end while the parts are read here. Then they are read again.
    """
    while True:
        before = _status(manager, scenario)
        form = scenario.to_dict()
        if _status(manager, scenario) == before:
            form["status"] = before
            form["kpis"] = _with_nulls(form["kpis"])
            return form


def encoded_summaries(sources: Sequence[Scenario[Any] | ScenarioRecord]) -> bytes:
    """The summaries of scenarios as a JSON list. They are encoded in batches, so that other threads can run between."""
    return b"[" + b",".join(_encoded_batches(sources)) + b"]"


def _encoded_batches(sources: Sequence[Scenario[Any] | ScenarioRecord]) -> Iterator[bytes]:
    for batch in batched(sources, _SUMMARIES_AT_A_TIME, strict=False):
        yield encode([summary(source) for source in batch])[1:-1]


def summary(source: Scenario[Any] | ScenarioRecord) -> ScenarioSummary:
    """The summary of a scenario: the content of the framework's `ScenarioRecord.to_summary_dict`, in half the time.

    The framework would make a record of the scenario, and a dict of the record.
    """
    return _summary_of_record(source) if isinstance(source, ScenarioRecord) else _summary_of_scenario(source)


def _summary_of_scenario(scenario: Scenario[Any]) -> ScenarioSummary:
    # Any: the framework's annotations are type variables. The OpenAPI document lists the statuses.
    algorithm: Any = scenario._algorithm
    status: Any = scenario.status
    parameters = scenario.data_params
    kpis = {name: kpi.to_dict() for name, kpi in scenario.kpis.items()}
    return ScenarioSummary(
        scenario.id,
        scenario.tag,
        scenario.input_data_key,
        AlgorithmSummary(algorithm.name, algorithm.params.get_values()),
        parameters.get_values() if parameters.has_inputs() else {},
        status,
        float(scenario.progress or 0.0),
        None,
        None,
        None,
        status == ScenarioStatus.COMPLETE and scenario.result is not None,
        _with_nulls(kpis),
    )


def _summary_of_record(record: ScenarioRecord) -> ScenarioSummary:
    status: Any = record.status
    times: tuple[Any, Any, Any] = record.created_at, record.run_started_at, record.run_finished_at
    return ScenarioSummary(
        record.id,
        record.tag,
        record.input_data_key,
        AlgorithmSummary(record.algorithm_name, record.algorithm_parameters),
        record.data_parameters,
        status,
        record.progress,
        *times,
        record.result_available,
        _with_nulls(record.kpis),
    )


def _with_nulls(kpis: dict[str, Any]) -> dict[str, Any]:
    """KPIs with null in place of the framework's sentinel for "not computed yet"."""
    initial = [name for name, kpi in kpis.items() if isinstance(kpi, dict) and kpi.get("value") == _NOT_COMPUTED]
    return kpis | {name: kpis[name] | {"value": None} for name in initial} if initial else kpis


def _status(manager: ApiScenarioManager, scenario: Scenario[Any]) -> str:
    position = manager.position(scenario.id)
    return str(scenario.status) if position is None else position[1]
