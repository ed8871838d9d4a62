"""The security scheme in the document of an app with authentication. The generated file has none."""

from collections.abc import Callable, Mapping
from typing import Any

from .operation import OPEN, Needed

type Json = dict[str, Any]

_SCHEME = "token"


def secured(document: Json, required: Mapping[str, Needed], error_response: Callable[[int], Json]) -> Json:
    """A document whose operations require a token, except the open ones.

    Args:
        document: The document.
        required: The required access by operation id.
        error_response: Makes the response object of an error status.
    """
    components = document["components"]
    schemes = {_SCHEME: {"type": "http", "scheme": "bearer", "description": "A token of this server."}}
    return document | {
        "components": components | {"securitySchemes": schemes},
        "paths": {
            path: {
                method: _secured(operation, required[operation["operationId"]], error_response)
                for method, operation in item.items()
            }
            for path, item in document["paths"].items()
        },
    }


def _secured(operation: Json, required: Needed, error_response: Callable[[int], Json]) -> Json:
    if required == OPEN:
        return operation | {"security": []}
    # 403 also for operations with read access: a host's own backend may have users without any scope.
    errors = {str(status): error_response(status) for status in (401, 403)}
    return operation | {"security": [{_SCHEME: []}], "responses": operation["responses"] | errors}
