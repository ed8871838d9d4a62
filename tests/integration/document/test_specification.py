"""The document is valid OpenAPI 3.1: in its file, as served, and with routes of a host."""

import json
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from starlette.routing import Route

from ...openapi import counting, test_own_routes
from ...openapi.test_own_routes import extended
from ...support import wiring
from ...support.clients import calling
from ...support.identities import TOKENS
from ...support.validation import FILE
from ...test_launcher import called


def assert_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_the_file() -> None:
    assert_valid(json.loads(FILE.read_bytes()))


@pytest.mark.parametrize("configured", [{}, {"prefix": "/"}, {"prefix": "/é 1%", "title": "<é>"}, {"tokens": TOKENS}])
def test_the_served_document(configured: dict[str, Any]) -> None:
    with called(**configured) as client:
        assert_valid(client.get("/openapi.json").json())


def test_routes_of_a_hosts_own() -> None:
    app = counting.build(wiring.configuration())
    with calling(app) as client:
        assert_valid(client.get("/openapi.json").json())
    app.state.session_manager.shutdown()
    notes = Route("/notes/{number:int}/{key}", test_own_routes.notes, methods=["GET", "PUT"])
    with extended(notes, Route("/health", test_own_routes.notes)) as client:
        assert_valid(client.get("/openapi.json").json())


def test_an_invalid_document_is_rejected() -> None:
    document = json.loads(FILE.read_bytes())
    document["paths"]["/sessions"]["post"]["operationId"] = "listSessions"
    with pytest.raises(OpenAPIValidationError, match="listSessions"):
        assert_valid(document)
