"""What the document says of tokens, where an app wants them: that of the file is for every app, and says nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from .operation import OPEN, Needed

type Json = dict[str, Any]

_SCHEME = "token"


def secured(document: Json, needs: Mapping[str, Needed], refusal: Callable[[int], Json]) -> Json:
    """A document whose operations want a token, but for those that are open.

    Args:
        document: The document.
        needs: By the id of an operation: what it takes to send its request.
        refusal: An answer of 400 and above, by its status.
    """
    components = document["components"]
    schemes = {_SCHEME: {"type": "http", "scheme": "bearer", "description": "As it was given to you."}}
    return document | {
        "components": components | {"securitySchemes": schemes},
        "paths": {
            path: {
                method: _secured(operation, needs[operation["operationId"]], refusal)
                for method, operation in item.items()
            }
            for path, item in document["paths"].items()
        },
    }


def _secured(operation: Json, needed: Needed, refusal: Callable[[int], Json]) -> Json:
    if needed == OPEN:
        return operation
    # A 403 to a reader is nothing that a token leads to; a host's own backend may know people who may do nothing.
    refusals = {str(status): refusal(status) for status in (401, 403)}
    return operation | {"security": [{_SCHEME: []}], "responses": operation["responses"] | refusals}
