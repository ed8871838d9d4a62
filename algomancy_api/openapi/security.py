"""The security schemes in the document of an app with authentication. The generated file has none."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

from ..auth.logins import COOKIE
from .operation import OPEN, Needed

type Json = dict[str, Any]

_TOKEN, _COOKIE, _TICKET = "token", "cookie", "ticket"

_SCHEMES = {
    _TOKEN: {"type": "http", "scheme": "bearer", "description": "A token of this server."},
    _COOKIE: {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "The cookie of a login, in place of a token.",
    },
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


def secured(
    document: Json, demands: Mapping[str, Demand], error_response: Callable[[int], Json], *, takes_cookies: bool
) -> Json:
    """A document whose operations require a token, except the open ones.

    Args:
        document: The document.
        demands: What operations ask for, by operation id.
        error_response: Makes the response object of an error status.
        takes_cookies: Whether a cookie may take the place of a token.
    """
    schemes = {name: scheme for name, scheme in _SCHEMES.items() if takes_cookies or name != _COOKIE}
    return document | {
        "components": document["components"] | {"securitySchemes": schemes},
        "paths": {
            path: {
                method: _secured(operation, demands[operation["operationId"]], error_response, schemes)
                for method, operation in item.items()
            }
            for path, item in document["paths"].items()
        },
    }


def _secured(operation: Json, demand: Demand, error_response: Callable[[int], Json], schemes: Collection[str]) -> Json:
    if demand.access == OPEN:
        return operation | {"security": []}
    # 403 also for operations with read access: a host's own backend may have users without any scope.
    errors = {str(status): error_response(status) for status in (401, 403)}
    return operation | {
        "security": [{scheme: []} for scheme in schemes if demand.takes_ticket or scheme != _TICKET],
        "responses": operation["responses"] | errors,
    }
