"""Scenarios in the two forms that clients see: full and summary."""

from collections.abc import Iterator
from itertools import batched
from typing import Any

from algomancy_scenario import Scenario, ScenarioManager
from algomancy_scenario.records import ScenarioRecord
from algomancy_utils import Measurement

from .values import encode

#: How many summaries are encoded at a time: one call of the encoder holds the interpreter until it is done.
_SUMMARIES_AT_A_TIME = 200


def full_form(manager: ScenarioManager, scenario: Scenario[Any]) -> dict[str, Any]:
    """A scenario with its KPIs and its result, as of one moment.

    The worker thread may finish the scenario while its parts are read here: then they are read again.
    """
    while True:
        before = _status(manager, scenario)
        form = scenario.to_dict()
        if _status(manager, scenario) == before:
            return form | {"status": before, "kpis": _with_nulls(form["kpis"])}


def encoded_summaries(records: list[ScenarioRecord]) -> bytes:
    """The list of all scenarios of a session, in pieces that leave other threads their turn."""
    return b"[" + b",".join(_encoded_batches(records)) + b"]"


def _encoded_batches(records: list[ScenarioRecord]) -> Iterator[bytes]:
    for batch in batched(records, _SUMMARIES_AT_A_TIME, strict=False):
        yield encode([_summary_form(record) for record in batch])[1:-1]


def _summary_form(record: ScenarioRecord) -> dict[str, Any]:
    return record.to_summary_dict() | {"kpis": _with_nulls(record.kpis)}


def _with_nulls(kpis: dict[str, Any]) -> dict[str, Any]:
    """KPIs with null where the framework has its stand-in for "not computed yet"."""
    return {
        name: kpi | {"value": None} if isinstance(kpi, dict) and kpi.get("value") == Measurement.INITIAL_VALUE else kpi
        for name, kpi in kpis.items()
    }


def _status(manager: ScenarioManager, scenario: Scenario[Any]) -> str:
    state = manager.get_status(scenario.id)
    return str(scenario.status) if state is None else state["status"]
