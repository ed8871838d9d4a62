"""The events that are sent to webhooks, as the document has them."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from ..schemas.events import RunEvent, WebhookTestEvent
from .examples import COMPLETE_EVENT, FAILED_EVENT, TEST_EVENT

type Json = dict[str, Any]


class SentEvent(NamedTuple):
    """An event that is sent to receivers.

    Args:
        summary: What has happened.
        body: The Struct of its body.
        example: A body.
    """

    summary: str
    body: Any
    example: Json


#: The events, by their names.
EVENTS: Final[Mapping[str, SentEvent]] = {
    "scenario_complete": SentEvent("A run is complete", RunEvent, COMPLETE_EVENT),
    "scenario_failed": SentEvent("A run has failed or was cancelled", RunEvent, FAILED_EVENT),
    "test": SentEvent("An admin tests the receiver", WebhookTestEvent, TEST_EVENT),
}

_HEADERS = {
    "webhook-id": "The id of the event, the same in all tries and for all receivers.",
    "webhook-timestamp": "The time of this try, in seconds since 1970.",
    "webhook-signature": "`v1,` and the base64 of the HMAC-SHA256 of `id.timestamp.body`, with the bytes of the secret "
    "as key; two with a space between while a secret is replaced.",
}

_RESPONSES = {
    "2XX": {"description": "The receiver has taken it, whatever the body of the response is."},
    "410": {"description": "The receiver wants no events any more, until a test succeeds."},
    "default": {"description": "It is sent again, later and later, for three days; `Retry-After` is kept."},
}


def webhooks(schemas: Mapping[int, Json]) -> Json:
    """The section of the document.

    Args:
        schemas: The schemas of bodies, by the ids of their Structs.
    """
    return {name: {"post": _operation(name, event, schemas[id(event.body)])} for name, event in EVENTS.items()}


def _operation(name: str, event: SentEvent, schema: Json) -> Json:
    return {
        "operationId": f"send{''.join(word.capitalize() for word in name.split('_'))}",
        "summary": event.summary,
        "description": "Signed, and sent again until it arrives, as Standard Webhooks says.",
        "tags": ["webhooks"],
        "parameters": [
            {"name": header, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
            for header, text in _HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema, "example": event.example}},
        },
        "responses": _RESPONSES,
        "security": [],
    }
