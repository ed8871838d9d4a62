"""The two representations of a scenario: the full form and the summary."""

import contextlib
import copy
from collections.abc import Iterable
from itertools import batched
from typing import Any

from algomancy_scenario import Scenario, ScenarioStatus
from algomancy_scenario.records import ScenarioRecord
from algomancy_utils import Measurement
from msgspec.structs import replace

from ..framework import Annotations, ApiScenarioManager, DatabaseUnavailable, traceback_of
from ..schemas.comparison import ComparedScenario
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
        form = still_form(scenario, before, manager.annotations_of(scenario.id))
        # Read after the form: a scenario gets its former id before its new dataset.
        if manager.is_interrupted(scenario.id, before):
            form["interrupted"] = True
        if (ended := manager.ended_of(scenario.id, before)) is not None:
            form["ended"] = ended
        if (why := manager.why_stale(scenario.id, before)) is not None:
            form["stale"] = why
            form["kpis"] |= _with_nulls(manager.unknown_kpis(scenario.id))
        if (former_id := manager.former_data_id(scenario.id, before)) is not None:
            form |= {"input_data_id": former_id, "data_changed": True}
        if _status(manager, scenario) == before:
            return form


def form_with(manager: ApiScenarioManager, scenario: Scenario[Any], result: Any, status: str) -> dict[str, Any]:  # noqa: ANN401
    """The full form of a running scenario with a result that its run has reported, and the KPIs of that.

    A KPI that cannot be computed of it is null.
    """
    with_result = copy.copy(scenario)
    with_result.result = result
    with_result._kpis = {name: copy.deepcopy(kpi) for name, kpi in scenario.kpis.items()}
    for kpi in with_result.kpis.values():
        kpi._measurement.value = _NOT_COMPUTED
        with contextlib.suppress(Exception):
            kpi.compute_and_check(result)
    form = still_form(with_result, status, manager.annotations_of(scenario.id))
    if (former_id := manager.former_data_id(scenario.id, status)) is not None:
        form |= {"input_data_id": former_id, "data_changed": True}
    return form


def encoded_form(manager: ApiScenarioManager, scenario: Scenario[Any], traceback: bool) -> bytes:
    """The full form of a scenario as JSON, with the traceback of a failed run if it is asked for."""
    try:
        return _encoded_form(manager, scenario, traceback)
    except DatabaseUnavailable, MemoryError:
        raise
    except Exception as error:
        # Its run has proved that it can be encoded: its classes have changed since.
        stored = manager.stored(scenario.id, f"its form cannot be made any more: {error}")
        if stored is None or stored is scenario:
            raise
        return _encoded_form(manager, stored, traceback)


def _encoded_form(manager: ApiScenarioManager, scenario: Scenario[Any], traceback: bool) -> bytes:
    form = full_form(manager, scenario)
    return encode(form | {"traceback": traceback_of(form["result"])} if traceback else form)


def still_form(scenario: Scenario[Any], status: str, annotations: Annotations) -> dict[str, Any]:
    """The full form of a scenario of a known status, while no run of it can change it."""
    form: dict[str, Any] = scenario.to_dict()
    form["status"] = status
    form["data_changed"] = False
    form["kpis"] = _with_nulls(form["kpis"])
    if annotations.labels:
        form["labels"] = annotations.labels
    if annotations.note is not None:
        form["note"] = annotations.note
    return form


def encoded_summaries(manager: ApiScenarioManager) -> bytes:
    """The summaries of scenarios as a JSON list. They are encoded in batches, so that other threads can run between."""
    return encoded_list(manager, manager.summarised())


def encoded_list(manager: ApiScenarioManager, sources: Iterable[Scenario[Any] | ScenarioRecord]) -> bytes:
    """The summaries of some scenarios as a JSON list, encoded in batches."""
    return _encoded(summary(manager, source) for source in sources)


def new_summaries(
    sources: Iterable[Scenario[Any] | ScenarioRecord], statuses: Iterable[str], annotations: Iterable[Annotations]
) -> bytes:
    """The summaries of new scenarios as a JSON list, with the statuses and the annotations that they get."""
    new = zip(sources, statuses, annotations, strict=True)
    return _encoded(replace(_short_form(source, written), status=status) for source, status, written in new)


def _encoded(summaries: Iterable[ScenarioSummary]) -> bytes:
    batches = batched(summaries, _SUMMARIES_AT_A_TIME, strict=False)
    return b"[" + b",".join(encode(batch)[1:-1] for batch in batches) + b"]"


def summary(manager: ApiScenarioManager, source: Scenario[Any] | ScenarioRecord) -> ScenarioSummary:
    """The summary of a scenario: the content of the framework's `ScenarioRecord.to_summary_dict`, in half the time.

    The framework would make a record of the scenario, and a dict of the record.
    """
    short = _short_form(source, manager.annotations_of(source.id))
    mark(manager, short)
    return short


def _short_form(source: Scenario[Any] | ScenarioRecord, annotations: Annotations) -> ScenarioSummary:
    short = _summary_of_record(source) if isinstance(source, ScenarioRecord) else _summary_of_scenario(source)
    if annotations.labels:
        short.labels = dict(annotations.labels)
    if annotations.note is not None:
        short.note = annotations.note
    return short


def mark(manager: ApiScenarioManager, short: ScenarioSummary | ComparedScenario) -> None:
    """Note on a short form of a scenario why its run failed, how it ended, and what has changed since."""
    scenario_id, status = short.id, short.status
    if status == "created":
        if manager.is_interrupted(scenario_id, status):
            short.interrupted = True
        return
    if status == "failed" and (error := manager.error_of(scenario_id)) is not None:
        short.error = error
    short.data_changed = manager.former_data_id(scenario_id, status) is not None
    if (why := manager.why_stale(scenario_id, status)) is not None:
        short.stale = why
    if (ended := manager.ended_of(scenario_id, status)) is not None:
        short.ended = ended


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


def kpis_of(manager: ApiScenarioManager, scenario_id: str) -> dict[str, Any]:
    """The KPIs of a scenario, as in its summary."""
    return _with_nulls(manager.kpis_of(scenario_id))


def _with_nulls(kpis: dict[str, Any]) -> dict[str, Any]:
    """KPIs with null in place of the framework's sentinel for "not computed yet"."""
    initial = [name for name, kpi in kpis.items() if isinstance(kpi, dict) and kpi.get("value") == _NOT_COMPUTED]
    return kpis | {name: kpis[name] | {"value": None} for name in initial} if initial else kpis


def _status(manager: ApiScenarioManager, scenario: Scenario[Any]) -> str:
    position = manager.position(scenario.id)
    return str(scenario.status) if position is None else position[1]
