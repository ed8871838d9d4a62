"""The security schemes in the document of an app with authentication. The generated file has none."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .operation import OPEN, Needed

type Json = dict[str, Any]

_TOKEN, _TICKET = "token", "ticket"

_SCHEMES = {
    _TOKEN: {"type": "http", "scheme": "bearer", "description": "A token of this server."},
    _TICKET: {
        "type": "apiKey",
        "in": "query",
        "name": "ticket",
        "description": "A ticket for one event stream, in place of a token.",
    },
}


class Demand(NamedTuple):
    """What an operation asks for.

    Args:
        access: The access that a token must have.
        takes_ticket: Whether a ticket may take the place of a token.
    """

    access: Needed
    takes_ticket: bool


def secured(document: Json, demands: Mapping[str, Demand], error_response: Callable[[int], Json]) -> Json:
    """A document whose operations require a token, except the open ones.

    Args:
        document: The document.
        demands: What operations ask for, by operation id.
        error_response: Makes the response object of an error status.
    """
    return document | {
        "components": document["components"] | {"securitySchemes": _SCHEMES},
        "paths": {
            path: {
                method: _secured(operation, demands[operation["operationId"]], error_response)
                for method, operation in item.items()
            }
            for path, item in document["paths"].items()
        },
    }


def _secured(operation: Json, demand: Demand, error_response: Callable[[int], Json]) -> Json:
    if demand.access == OPEN:
        return operation | {"security": []}
    # 403 also for operations with read access: a host's own backend may have users without any scope.
    errors = {str(status): error_response(status) for status in (401, 403)}
    schemes = [_TOKEN, *([_TICKET] if demand.takes_ticket else [])]
    return operation | {
        "security": [{scheme: []} for scheme in schemes],
        "responses": operation["responses"] | errors,
    }
