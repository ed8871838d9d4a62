"""The docs page works in every deployment and loads nothing from other hosts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import algomancy_api

from ...support.clients import PATIENCE
from .conftest import Visit
from .servers import PLACES
from .swagger import attach, fill

INSTANCE = Path(algomancy_api.__file__).parent / "example" / "data" / "pcb442"


@pytest.fixture(scope="module", params=PLACES)
def root(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the app, in each place."""
    with PLACES[request.param](tmp_path_factory.mktemp(request.param)) as url:
        yield url


def document(root: str) -> Any:
    return httpx.get(f"{root}/openapi.json", timeout=PATIENCE).raise_for_status().json()


def test_the_page_shows_every_tag_and_every_operation(root: str, visit: Visit) -> None:
    described = document(root)
    with visit(root) as docs:
        assert docs.page.title() == "Algomancy API example"
        assert docs.tags() == [tag["name"] for tag in described["tags"]]
        assert docs.operations() == {
            (method.upper(), path) for path, item in described["paths"].items() for method in item
        }


def test_a_session_is_found_and_a_scenario_made_by_clicking(root: str, visit: Visit) -> None:
    api = f"{root}/api/v1"
    with visit(root) as docs:
        sessions = docs.execute(docs.form("listSessions"))
        assert (sessions.url, sessions.status) == (f"{api}/sessions", 200)
        assert [session["display_name"] for session in sessions.body["sessions"]] == ["main"]
        session_id = sessions.body["default"]

        form = docs.form("createScenario")  # its body is the example that the document gives
        fill(form, session_id=session_id)
        scenario = docs.execute(form)
        assert (scenario.url, scenario.status) == (f"{api}/sessions/{session_id}/scenarios", 201)
    assert httpx.get(f"{scenario.url}/{scenario.body['id']}", timeout=PATIENCE).json() == scenario.body


def test_files_are_uploaded_by_clicking(root: str, visit: Visit) -> None:
    with visit(root) as docs:
        form = docs.form("runEtl")
        fill(form, session_id="main", dataset_name="pcb442")
        attach(form, INSTANCE / "instance.csv", INSTANCE / "cities.csv")
        outcome = docs.execute(form)
        assert (outcome.status, outcome.body["success"]) == (200, True)
    assert "pcb442" in httpx.get(f"{root}/api/v1/sessions/main/data", timeout=PATIENCE).json()["keys"]
