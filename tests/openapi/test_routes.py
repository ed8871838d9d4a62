"""The tables of routes and their operations."""

from collections import Counter

import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route

from algomancy_api import ApiLauncher, operation
from algomancy_api.openapi.operation import Operation, operation_of

from ..support import wiring

#: The routes that are not in the document, and why not.
UNDOCUMENTED = {
    "get_openapi_document": "it is the document",
    "get_docs_page": "it shows the document, to people",
    "swagger_ui": "the files of the page",
    "docs_page_files": "the files of the page",
    "get_console": "a page for people",
    "console_files": "the files of the console",
}


@pytest.fixture(scope="module")
def routes() -> list[BaseRoute]:
    app: Starlette = ApiLauncher.build(wiring.configuration())
    app.state.session_manager.shutdown()
    return app.routes


def test_every_route_is_documented_or_says_why_not(routes: list[BaseRoute]) -> None:
    named = {route.name: route for route in routes if isinstance(route, Route | Mount)}
    assert len(named) == len(routes), "two routes of one name"
    silent = {name for name, route in named.items() if isinstance(route, Mount) or not operation_of(route.endpoint)}
    assert silent == UNDOCUMENTED.keys()


def test_no_two_routes_have_one_method_and_path(routes: list[BaseRoute]) -> None:
    taken = Counter(
        (method, route.path) for route in routes if isinstance(route, Route) for method in route.methods or ()
    )
    assert [route for route, count in taken.items() if count > 1] == []


def test_an_operation_hands_back_the_same_function() -> None:
    def handler() -> None:
        """What it does."""

    said = operation("Do it", body=int, returns={200: str, 204: "Done."}, errors=(404, 409), tags=("notes",))
    assert said(handler) is handler
    assert operation_of(handler) == Operation(
        summary="Do it",
        returns={200: str, 204: "Done."},
        body=int,
        errors=(404, 409),
        tags=("notes",),
        description="What it does.",
    )


def test_a_description_that_is_given_goes_before_the_docstring() -> None:
    def handler() -> None:
        """What it does."""

    operation("Do it", returns={204: "Done."}, description="In other words.")(handler)
    said = operation_of(handler)
    assert said is not None
    assert said.description == "In other words."


def test_a_function_without_an_operation_has_none() -> None:
    assert operation_of(lambda: None) is None
