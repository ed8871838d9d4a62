"""What is compared of scenarios: a part of what their summaries have, read without loading them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from algomancy_scenario import Scenario
from algomancy_scenario.records import ScenarioRecord
from msgspec import UNSET

from ...comparison import Side
from ...errors import NotFound
from ...framework import ApiScenarioManager
from ...framework.history.facts import RunFacts
from ...schemas.comparison import ComparedScenario
from ..scenario_views import mark


def sides_of(manager: ApiScenarioManager, ids: Sequence[str]) -> list[Side]:
    """The sides of a comparison.

    Raises:
        NotFound: One of the scenarios was deleted meanwhile.
    """
    sources = [_existing(source, scenario_id) for source, scenario_id in zip(manager.sources_of(ids), ids, strict=True)]
    sides = [_side(manager, source) for source in sources]
    # Read after the statuses: a run that is seen to have ended has its end in the history.
    facts = manager.history.latest(ids)
    for source, (scenario, *_) in zip(sources, sides, strict=True):
        if scenario.status != "created" or scenario.interrupted is not UNSET:
            scenario.run = facts.get(scenario.id) or _facts_without_history(source)
    return sides


def _existing(source: Scenario[Any] | ScenarioRecord | None, scenario_id: str) -> Scenario[Any] | ScenarioRecord:
    if source is None:
        raise NotFound("Scenario", scenario_id)
    return source


def _side(manager: ApiScenarioManager, source: Scenario[Any] | ScenarioRecord) -> Side:
    side = _side_of_record(source) if isinstance(source, ScenarioRecord) else _side_of_scenario(source)
    mark(manager, side.scenario)
    return side


def _side_of_record(record: ScenarioRecord) -> Side:
    status: Any = record.status
    scenario = ComparedScenario(
        id=record.id,
        tag=record.tag,
        status=status,
        dataset=record.input_data_key,
        algorithm=record.algorithm_name,
    )
    return Side(scenario, record.algorithm_parameters, record.data_parameters, record.kpis)


def _side_of_scenario(source: Scenario[Any]) -> Side:
    algorithm: Any = source._algorithm  # annotated with a type variable, as is the status
    status: Any = source.status
    data_parameters = source.data_params
    scenario = ComparedScenario(
        id=source.id, tag=source.tag, status=status, dataset=source.input_data_key, algorithm=algorithm.name
    )
    return Side(
        scenario,
        algorithm.params.get_values(),
        data_parameters.get_values() if data_parameters.has_inputs() else {},
        {key: kpi.to_dict() for key, kpi in source.kpis.items()},
    )


def _facts_without_history(record: Scenario[Any] | ScenarioRecord) -> RunFacts | None:
    """What a database has of the last run, if there is no history of it."""
    if not isinstance(record, ScenarioRecord) or record.run_started_at is None:
        return None
    started, ended = record.run_started_at, record.run_finished_at
    return RunFacts(
        outcome=str(record.status) if record.status in ("complete", "failed") else None,
        started=_in_utc(started),
        ended=None if ended is None else _in_utc(ended),
        seconds=None if ended is None else (ended - started).total_seconds(),
    )


def _in_utc(time: datetime) -> datetime:
    """A time of the framework's, which are local."""
    return time.astimezone(UTC)
