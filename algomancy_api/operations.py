"""What a route says of itself for the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_ATTRIBUTE = "algomancy_api_operation"

JSON = "application/json"
MESSAGEPACK = "application/msgpack"

#: The description of a 304.
UNCHANGED = "It is as the client has it, by the ETag in its `If-None-Match`."


@dataclass(frozen=True)
class Operation:
    """What the document says of a handler, beside what the table of routes says.

    Args:
        summary: What it does, in a few words.
        returns: The answers below 400: status to the type of the body, or to a description if there is no body.
        body: The type of the request's body, if it has one.
        body_required: Whether a request has to have a body.
        example: A body, as a client would send it.
        media_type: The content type of the body.
        errors: The statuses of 400 and above; each has the one error body.
        tags: The groups that it is listed in.
        description: More, in Markdown.
    """

    summary: str
    returns: Mapping[int, object]
    body: object | None = None
    body_required: bool = True
    example: object | None = None
    media_type: str = JSON
    errors: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    description: str = field(default="")


def operation[H: Callable[..., Any]](
    summary: str,
    *,
    returns: Mapping[int, object],
    body: object | None = None,
    body_required: bool = True,
    example: object | None = None,
    media_type: str = JSON,
    errors: tuple[int, ...] = (),
    tags: tuple[str, ...] = (),
) -> Callable[[H], H]:
    """Say of a handler what the document needs; the handler stays the same function.

    Its docstring is the description. See `Operation` for the rest.
    """

    def attach(handler: H) -> H:
        description = (handler.__doc__ or "").strip()
        said = Operation(summary, returns, body, body_required, example, media_type, errors, tags, description)
        setattr(handler, _ATTRIBUTE, said)
        return handler

    return attach


def operation_of(handler: Callable[..., Any]) -> Operation | None:
    """What a handler says of itself, if it does."""
    said: Operation | None = getattr(handler, _ATTRIBUTE, None)
    return said
