"""The record of a run: facts that do not change any more once it has ended."""

from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec
from algomancy_scenario import Scenario
from algomancy_utils import Measurement
from msgspec import Struct
from msgspec.structs import replace

from ...engines.run import CANCELLED, Run
from ...serialization.json_encoder import encode
from ..run_outcomes import Outcome, error_of, outcome_of
from .versions import server_version, version_of

#: The outcome of a run that a restart or a shutdown has cut off.
INTERRUPTED = "interrupted"

#: Every outcome that a record can have.
OUTCOMES = (*map(str, Outcome), INTERRUPTED)

#: The user whose request is being handled, whom its runs are recorded for; None if that is not known.
queued_by: ContextVar[str | None] = ContextVar("the user who queues runs", default=None)


class HistoryRules(NamedTuple):
    """What a configuration says about the history of runs.

    Attributes:
        keep_runs: The runs of each scenario that are kept after their end; 0 for no history at all.
        engine: The name of the engine.
        run_timeout: Seconds: the time limit of a run that has none of its own; None for no limit.
    """

    keep_runs: int = 5
    engine: str = "thread"
    run_timeout: float | None = None

    @classmethod
    def of(cls, configuration: object) -> HistoryRules:
        """The rules of a configuration; the defaults where it has none, as a `CoreConfig` does."""
        defaults = cls._field_defaults
        return cls._make(getattr(configuration, name, default) for name, default in defaults.items())


class RunRecord(Struct, frozen=True, kw_only=True):
    """A run of a scenario: `schemas.runs.ScenarioRun` describes the fields."""

    number: int
    queued_by: str | None = None
    queued: datetime
    started: datetime | None = None
    ended: datetime | None = None
    outcome: str | None = None
    error: str | None = None
    seconds: float | None = None
    cpu_seconds: float | None = None
    peak_memory: int | None = None
    engine: str
    worker: str | None = None
    seed: int | None = None
    time_limit: float | None = None
    algorithm: str
    parameters: Any = {}
    data_parameters: Any = {}
    dataset_key: str
    dataset_id: str | None = None
    server_version: str | None = None
    wiring_version: str | None = None
    kpis: Any = {}


def queued_record(number: int, scenario: Scenario[Any], time_limit: float | None, rules: HistoryRules) -> RunRecord:
    """The record of a run that is queued now.

    Args:
        number: The number of the run.
        scenario: Its scenario.
        time_limit: Seconds: the time limit of its own; None for that of the engine.
        rules: The rules of the history.
    """
    algorithm: Any = scenario._algorithm  # annotated with a type variable
    return RunRecord(
        number=number,
        queued_by=queued_by.get(),
        queued=datetime.now(UTC),
        engine=rules.engine,
        time_limit=rules.run_timeout if time_limit is None else time_limit,
        algorithm=algorithm.name,
        parameters=_values_of(algorithm.params),
        data_parameters=_values_of(scenario.data_params),
        dataset_key=scenario.input_data_key,
    )


def begun_record(record: RunRecord, scenario: Scenario[Any], data: Any) -> RunRecord:  # noqa: ANN401 - of any class
    """The record of a run that begins now, with its dataset."""
    data_id = getattr(data, "id", None)
    return replace(
        record,
        started=datetime.now(UTC),
        dataset_id=None if data_id is None else str(data_id),
        server_version=server_version(),
        wiring_version=version_of(type(scenario._algorithm).__module__),
    )


def with_facts(record: RunRecord, run: Run) -> RunRecord:
    """A record with what the engine has found out about the run so far."""
    facts = run.facts
    usage = facts.usage
    return replace(
        record,
        worker=facts.worker,
        seed=facts.seed,
        cpu_seconds=None if usage is None else usage.cpu_seconds,
        peak_memory=None if usage is None else usage.peak_memory,
    )


def ended_record(record: RunRecord, scenario: Scenario[Any], run: Run | None, seconds: float | None) -> RunRecord:
    """The record of a run that has ended now, with the outcome and the KPIs of its scenario.

    Args:
        record: The record until now.
        scenario: The scenario, whose status is final.
        run: The run; None for one that never began.
        seconds: How long it has run; None if it never began.
    """
    error = error_of(scenario)
    return replace(
        record if run is None else with_facts(record, run),
        ended=datetime.now(UTC),
        outcome=_outcome(scenario, run, error),
        error=error,
        seconds=seconds,
        kpis=_plain({name: kpi_form(kpi) for name, kpi in scenario.kpis.items()}),
    )


def interrupted_record(record: RunRecord) -> RunRecord:
    """The record of a run that is found to be cut off. When that happened is not known, so neither are its seconds."""
    return replace(record, ended=datetime.now(UTC), outcome=INTERRUPTED)


def _outcome(scenario: Scenario[Any], run: Run | None, error: str | None) -> str:
    outcome = None if run is None else outcome_of(run, scenario.status)
    if outcome is None:
        outcome = Outcome.CANCELLED if error == CANCELLED else Outcome(scenario.status)
    return str(outcome)


def _values_of(parameters: Any) -> Any:  # noqa: ANN401 - a parameter set of the framework's
    return _plain(parameters.get_values() if parameters.has_inputs() else {})


def kpi_form(kpi: Any) -> Any:  # noqa: ANN401 - of a class of the user's
    """A KPI in the form of the summary of its scenario: null is "not computed"."""
    form = kpi.to_dict()
    return form | {"value": None} if form.get("value") == Measurement.INITIAL_VALUE else form


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """A value as it would be read from its JSON: a copy, which nobody changes."""
    return msgspec.json.decode(encode(value))
