"""A session with a dataset, and requests that replace it."""

from typing import Any

import httpx

from ...conftest import create
from ...support.clients import AppClient, ended

#: The dataset that replaces the first one.
NEW = "id;name;weight\n9;hammer;1\n"

REPLACE = "?replace=true"


def replace_items(client: AppClient, session: str, text: str = NEW, query: str = REPLACE) -> httpx.Response:
    """Upload a dataset under the key of the first one."""
    return etl(client, session, text, query)


def etl(client: AppClient, session: str, text: str = NEW, query: str = "", name: str = "items") -> httpx.Response:
    """Upload a dataset."""
    files = {"files": ("items.csv", text, "text/csv")}
    return client.post(f"{session}/etl{query}", data={"dataset_name": name}, files=files)


def from_json(client: AppClient, session: str, document: Any = None, query: str = "") -> httpx.Response:
    """Add a dataset from JSON; without a document, that of the first one, changed."""
    return client.post(f"{session}/data/from-json{query}", json=document or changed(client, session))


def changed(client: AppClient, session: str) -> dict[str, Any]:
    """The first dataset with other rows, and with the same id."""
    document: dict[str, Any] = client.get(f"{session}/data/items").json()
    table = document["tables"]["items"]
    table["data"], table["index"] = [{"id": 9, "name": "hammer", "weight": 1.0}], [0]
    return document


def data_id(client: AppClient, session: str, name: str = "items") -> str:
    """The id of a dataset."""
    found: str = client.get(f"{session}/data/{name}").json()["metadata"]["id"]
    return found


def names(client: AppClient, session: str) -> list[str]:
    """The names in the first column of the dataset: of the first one or of the new one."""
    return [row["name"] for row in client.get(f"{session}/data/items").json()["tables"]["items"]["data"]]


def shown(client: AppClient, session: str, scenario_id: str) -> tuple[str, bool]:
    """The id of a scenario's data and whether they have changed, which must agree in both forms."""
    form = client.get(f"{session}/scenarios/{scenario_id}").json()
    (short,) = [each for each in client.get(f"{session}/scenarios").json() if each["id"] == scenario_id]
    assert form["data_changed"] is short["data_changed"]
    return form["input_data_id"], form["data_changed"]


def run(client: AppClient, session: str, scenario_id: str) -> Any:
    """Run a scenario, and return its full form at the end."""
    response = client.post(f"{session}/scenarios/{scenario_id}/run")
    assert response.status_code == 202, response.text
    return ended(client, session, scenario_id)


def has_run(client: AppClient, session: str, tag: str = "has run", algorithm: str = "Instant") -> str:
    """A scenario that has run."""
    scenario_id: str = create(client, session, algorithm, tag)
    run(client, session, scenario_id)
    return scenario_id


def ran_on(form: Any) -> str:
    """The id of the dataset that the algorithm got, which the framework's result calls the scenario's."""
    found: str = form["result"]["scenario_id"]
    return found
