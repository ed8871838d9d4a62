"""What a route says of itself for the document."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from ..auth.tokens import Access

_ATTRIBUTE = "algomancy_api_operation"

JSON = "application/json"
MESSAGEPACK = "application/msgpack"
EVENT_STREAM = "text/event-stream"

#: What it takes to send a request; an open route is for everybody.
type Needed = Literal["open"] | Access

OPEN: Needed = "open"

#: Whoever sends these only wants to know; all others change something.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})

#: The description of a 304.
UNCHANGED = "It is as the client has it, by the ETag in its `If-None-Match`."


@dataclass(frozen=True)
class Parameter:
    """A parameter in the query or in a header of a request, which may be left out.

    Args:
        name: Its name.
        place: ``query`` or ``header``.
        description: What it does.
        schema: The JSON Schema of its value.
    """

    name: str
    place: Literal["query", "header"]
    description: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class EventStream:
    """An answer that is a stream of Server-Sent Events.

    Args:
        description: Its events.
    """

    description: str


@dataclass(frozen=True)
class Operation:
    """What the document says of a handler, beside what the table of routes says.

    Args:
        summary: What it does, in a few words.
        returns: The answers below 400: status to the type of the body, or to a description if there is no body, or to
            an `EventStream`.
        body: The type of the request's body, if it has one.
        body_required: Whether a request has to have a body.
        example: A body, as a client would send it.
        media_type: The content type of the body.
        errors: The statuses of 400 and above; each has the one error body.
        parameters: What the query and the headers may say.
        headers: What the headers of an answer say: name to description by status.
        tags: The groups that it is listed in.
        description: More, in Markdown.
        access: What it takes to send the request, where there are tokens; None goes by the method: ``"read"`` for GET
            and HEAD, ``"write"`` for all others.
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
    parameters: tuple[Parameter, ...] = ()
    headers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    access: Needed | None = None


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
    parameters: tuple[Parameter, ...] = (),
    headers: Mapping[int, Mapping[str, str]] = MappingProxyType({}),
    access: Needed | None = None,
) -> Callable[[H], H]:
    """Say of a handler what the document needs; the handler stays the same function.

    Its docstring is the description. See `Operation` for the rest.
    """

    def attach(handler: H) -> H:
        description = (handler.__doc__ or "").strip()
        said = Operation(
            summary,
            returns,
            body,
            body_required,
            example,
            media_type,
            errors,
            tags,
            description,
            parameters,
            headers,
            access,
        )
        setattr(handler, _ATTRIBUTE, said)
        return handler

    return attach


def needed_for(handler: Callable[..., Any] | None, method: str) -> Needed:
    """What it takes to send a handler a request: what it says itself, else what the method says.

    Args:
        handler: The handler; None if there is none for such a request.
        method: The method of the request.
    """
    said = None if handler is None else operation_of(handler)
    return (said and said.access) or ("read" if method in _READING else "write")


def operation_of(handler: Callable[..., Any]) -> Operation | None:
    """What a handler says of itself, if it does."""
    said: Operation | None = getattr(handler, _ATTRIBUTE, None)
    return said
