"""Names with a meaning in SQL, HTML, paths or headers: they are stored and returned unchanged."""

import json
from collections.abc import Callable

import pytest
from starlette.applications import Starlette

from ...conftest import API, create
from ...support.clients import AppClient, ended
from ...support.errors import assert_error

#: To SQL, to shells, to templates, to spreadsheets, to paths and to pages.
NAMES = [
    "'; DROP TABLE datasets; --", '"; DROP TABLE datasets; --', "x' OR '1'='1", 'x" OR "1"="1', "x); DELETE FROM t; --",
    "'", '"', "''", "`", "[x]", "\\", "\\'", "%", "_", "%s", "%(x)s", ":x", "?", "$1", "{x}", "{{7*7}}", "${7*7}",
    "x--", "/*", "*/", "null", "NULL", "None", "select", "rowid", "$(id)", "`id`", "|id", "=1+1", "@x",
    "../../etc/passwd", "..", ".", "/", "//", "C:\\x", "<script>alert(1)</script>", "javascript:alert(1)", "\u202etxt",
    "é", "e\u0301", "ß", "💣", "x" * 200, "__class__", "__proto__", "constructor", "0", "-1", "1e999", "true",
]  # fmt: skip

HARMLESS = {"keys": ["items"]}


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, app: Starlette) -> Starlette:
    """The wiring's app, in memory and on each database."""
    return app


def in_path(name: str) -> str:
    """A name as a part of a path, of which no client makes another path."""
    return "".join(f"%{byte:02X}" for byte in name.encode())


def _session(client: AppClient, name: str, _session: str) -> list[str]:
    created = client.post(f"{API}/sessions", json={"display_name": name})
    assert created.status_code == 201, created.text
    address = f"{API}/sessions/{in_path(name)}"
    assert client.get(f"{address}/data").json() == {"keys": []}
    assert client.delete(address).status_code == 200
    return [session["display_name"] for session in created.json()["sessions"][1:]]


def _dataset(client: AppClient, name: str, session: str) -> list[str]:
    assert client.post(f"{session}/data/items/derive", json={"new_key": name}).status_code == 201
    [key] = set(client.get(f"{session}/data").json()["keys"]) - {"items"}
    address = f"{session}/data/{in_path(name)}"
    assert client.get(address).json()["metadata"]["name"] == name
    assert client.delete(address).status_code == 204
    return [key]


def _scenario(client: AppClient, name: str, session: str) -> list[str]:
    scenario = create(client, session, "Parametrised", name, algo_params={"text": name})
    assert client.post(f"{session}/scenarios/{scenario}/run").status_code == 202
    form = ended(client, session, scenario)
    [summary] = client.get(f"{session}/scenarios").json()
    assert summary["algorithm"]["parameters"]["text"] == name
    assert client.delete(f"{session}/scenarios/{scenario}").status_code == 204
    return [form["tag"]]


def _cell(client: AppClient, name: str, session: str) -> list[str]:
    document = client.get(f"{session}/data/items").json()
    document["metadata"]["name"] = "named"
    table = document["tables"]["items"]
    table["data"] = [row | {"name": name} for row in table["data"]]
    assert client.post(f"{session}/data/from-json", json=document).status_code == 201
    cells = {row["name"] for row in client.get(f"{session}/data/named").json()["tables"]["items"]["data"]}
    assert client.delete(f"{session}/data/named").status_code == 204
    return list(cells)


#: What gives something a name, uses it by that name, and says by what name it is in its list then.
GIVING: dict[str, Callable[[AppClient, str, str], list[str]]] = {
    "session": _session,
    "dataset": _dataset,
    "scenario": _scenario,
    "cell": _cell,
}


@pytest.mark.parametrize("kind", GIVING)
def test_a_name_is_a_name(client: AppClient, session: str, kind: str) -> None:
    found = {name: GIVING[kind](client, name, session) for name in NAMES}
    assert found == {name: [name] for name in NAMES}
    assert client.get(f"{session}/data").json() == HARMLESS


def test_so_are_those_of_tables_and_columns_or_they_are_refused(client: AppClient, session: str) -> None:
    items = client.get(f"{session}/data/items").json()
    for name in NAMES:
        table = json.loads(json.dumps(items["tables"]["items"]).replace('"name"', json.dumps(name)))
        document = {"metadata": items["metadata"] | {"name": "named"}, "tables": {name: table}}
        stored = client.post(f"{session}/data/from-json", json=items | document)
        if stored.status_code == 201:
            assert client.get(f"{session}/data/named").json()["tables"] == {name: table}
            assert client.delete(f"{session}/data/named").status_code == 204
        else:
            assert_error(stored, 400)
        assert client.get(f"{session}/data/items").json() == items
    assert client.get(f"{session}/data").json() == HARMLESS


@pytest.mark.parametrize("name", NAMES)
def test_what_is_not_there_is_not_found_by_a_clever_name(client: AppClient, session: str, name: str) -> None:
    """A name in a path is compared, and neither a pattern nor a part of a statement."""
    wanted = in_path(f"{name} ")
    for path in (f"{API}/sessions/{wanted}/data", f"{session}/data/{wanted}", f"{session}/scenarios/{wanted}"):
        assert client.get(path).status_code == 404
        assert client.delete(path.removesuffix("/data")).status_code == 404
    assert client.get(f"{session}/data").json() == HARMLESS
