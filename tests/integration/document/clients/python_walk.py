"""The walk of a client of openapi-generator's ``python``."""

import json
import os
import time

from openapi_client import (
    AlgorithmsApi,
    ApiClient,
    Configuration,
    CreateScenario,
    DataApi,
    IntegerParameter,
    ScenariosApi,
    SessionsApi,
)

INSTANCE = b"name;comment;edge_weight_type;optimum;source\nSquare;;EUC_2D;4;\n"
CITIES = b"id;x;y\n0;0;0\n1;0;1\n2;1;0\n3;1;1\n"
NAME = "python"

client = ApiClient(Configuration(host=os.environ["API_URL"], access_token=os.environ["API_TOKEN"]))
scenarios = ScenariosApi(client)
session = SessionsApi(client).list_sessions().default
outcome = DataApi(client).run_etl(session, NAME, [("instance.csv", INSTANCE), ("cities.csv", CITIES)])
descriptors = [
    each.actual_instance for each in AlgorithmsApi(client).get_algorithm_parameters(session, "Slow").parameters
]
body = CreateScenario(tag=NAME, dataset_key=NAME, algo_name="Slow", algo_params={"duration": 1})
scenario = scenarios.create_scenario(session, body)
begun = scenarios.run_scenario(session, scenario.id)
state = scenarios.get_scenario_status(session, scenario.id)
while state.status not in ("complete", "failed"):
    time.sleep(0.05)
    state = scenarios.get_scenario_status(session, scenario.id)
found = {
    "accepted": outcome.success,
    "limits": {each.name: each.max if isinstance(each, IntegerParameter) else None for each in descriptors if each},
    "begun": str(begun.status.value),
    "ended": str(state.status.value),
    "progress": state.progress,
    "kpis": bool(scenarios.get_scenario(session, scenario.id).kpis),
}
print(json.dumps(found))
