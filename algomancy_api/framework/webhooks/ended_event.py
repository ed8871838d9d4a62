"""The event of a run that has ended: what receivers get of its scenario."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from algomancy_scenario import Scenario

from ...serialization.json_encoder import encode
from ...webhooks.outbox import Event
from ..history.record import kpi_form
from ..run_outcomes import error_of


class SessionNames(NamedTuple):
    """The id of a session and its present display name."""

    id: str
    display_name: str


def type_of_end(scenario: Scenario[Any]) -> str:
    """The name of the event of a scenario whose status is final."""
    return f"scenario_{scenario.status}"


def ended_event(
    event_id: str, scenario: Scenario[Any], labels: Mapping[str, str], session: SessionNames, ended: str | None = None
) -> Event:
    """The event of a run that ends now.

    The scenario in it has the fields of its summary, but for its parameters and times: they may be long, and the rest
    is what receivers decide by.

    Args:
        event_id: The id of the event.
        scenario: The scenario, whose status is final.
        labels: Its labels.
        session: Its session.
        ended: How a complete run ended, if it was asked to end early; as in the summary.

    Raises:
        UnencodableValue: A KPI of the user's has no JSON form.
    """
    algorithm: Any = scenario._algorithm  # annotated with a type variable
    short: dict[str, Any] = {
        "id": scenario.id,
        "tag": scenario.tag,
        "input_data_key": scenario.input_data_key,
        "algorithm": {"name": algorithm.name},
        "status": str(scenario.status),
        "kpis": {name: kpi_form(kpi) for name, kpi in scenario.kpis.items()},
    }
    if (error := error_of(scenario)) is not None:
        short["error"] = error
    if ended is not None:
        short["ended"] = ended
    if labels:
        short["labels"] = dict(labels)
    event_type = type_of_end(scenario)
    return event_of(event_id, event_type, {"session": session._asdict(), "scenario": short})


def event_of(event_id: str, event_type: str, data: Mapping[str, object]) -> Event:
    """An event that happens now, in the form that Standard Webhooks recommends."""
    now = time.time()
    moment = datetime.fromtimestamp(now, UTC).isoformat().replace("+00:00", "Z")
    return Event(event_id, event_type, now, encode({"type": event_type, "timestamp": moment, "data": data}))
