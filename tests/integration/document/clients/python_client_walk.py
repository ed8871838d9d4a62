"""The walk of a client of openapi-python-client."""

import io
import json
import os
import time

from python_client import AuthenticatedClient
from python_client.api.algorithms import get_algorithm_parameters
from python_client.api.data import run_etl
from python_client.api.scenarios import create_scenario, get_scenario, get_scenario_status, run_scenario
from python_client.api.sessions import list_sessions
from python_client.models import (
    CreateScenario,
    EtlOutcome,
    IntegerParameter,
    ParameterSet,
    Scenario,
    ScenarioStatus,
    SessionList,
    Upload,
)
from python_client.types import File

INSTANCE = b"name;comment;edge_weight_type;optimum;source\nSquare;;EUC_2D;4;\n"
CITIES = b"id;x;y\n0;0;0\n1;0;1\n2;1;0\n3;1;1\n"
NAME = "python-client"

client = AuthenticatedClient(base_url=os.environ["API_URL"], token=os.environ["API_TOKEN"])


def state_of(session: str, scenario: str) -> ScenarioStatus:
    """The status and progress of a scenario."""
    state = get_scenario_status.sync(session, scenario, client=client)
    assert isinstance(state, ScenarioStatus), state
    return state


sessions = list_sessions.sync(client=client)
assert isinstance(sessions, SessionList), sessions
session = sessions.default
files = [File(io.BytesIO(INSTANCE), "instance.csv"), File(io.BytesIO(CITIES), "cities.csv")]
outcome = run_etl.sync(session, client=client, body=Upload(NAME, files))
assert isinstance(outcome, EtlOutcome), outcome
parameters = get_algorithm_parameters.sync(session, "Slow", client=client)
assert isinstance(parameters, ParameterSet), parameters
body = CreateScenario.from_dict({"tag": NAME, "dataset_key": NAME, "algo_name": "Slow", "algo_params": {"duration": 1}})
created = create_scenario.sync(session, client=client, body=body)
assert isinstance(created, Scenario), created
begun = run_scenario.sync(session, created.id, client=client)
assert isinstance(begun, Scenario), begun
state = state_of(session, created.id)
while state.status not in ("complete", "failed"):
    time.sleep(0.05)
    state = state_of(session, created.id)
ended = get_scenario.sync(session, created.id, client=client)
assert isinstance(ended, Scenario), ended
found = {
    "accepted": outcome.success,
    "limits": {each.name: each.max_ if isinstance(each, IntegerParameter) else None for each in parameters.parameters},
    "begun": str(begun.status),
    "ended": str(state.status),
    "progress": state.progress,
    "kpis": bool(ended.kpis.additional_properties),
}
print(json.dumps(found))
