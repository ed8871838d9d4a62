"""`operation`, the decorator that describes a handler for the OpenAPI document and for access control."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any, Literal

from ..auth.tokens import Access
from ..methods import SAFE_METHODS

_ATTRIBUTE = "algomancy_api_operation"

JSON = "application/json"
MESSAGEPACK = "application/msgpack"
TEXT = "text/plain"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"
ZIP = "application/zip"
EVENT_STREAM = "text/event-stream"

#: The access that a request requires; an open route requires no token.
type Needed = Literal["open"] | Access

OPEN: Needed = "open"

#: The description of a 304.
UNCHANGED = "It is as the client has it, by the ETag in its `If-None-Match`."


@dataclass(frozen=True)
class Parameter:
    """An optional parameter in the query or in a header of a request."""

    name: str
    place: Literal["query", "header"]
    description: str
    schema: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


@dataclass(frozen=True)
class EventStream:
    """A response that is a stream of Server-Sent Events; the description tells its events."""

    description: str


@dataclass(frozen=True)
class Operation:
    """The description of an operation in the OpenAPI document, and the decorator that gives it to a handler.

    Path, method and path parameters come from the route. The decorator returns the handler itself.

    Args:
        summary: The operation in a few words.
        returns: The responses below 400: from status to the type of the body, to a description if there is no body, or
            to an `EventStream`.
        body: The type of the request's body; None for no body.
        body_required: Whether a request must have the body.
        example: An example of the body.
        returns_examples: Examples of the response that has a body, by what each of them shows.
        returns_also: The further forms of the response that the client can have: from media type to description.
        media_type: The content type of the body.
        errors: The statuses of the errors, whose bodies all have one schema.
        tags: The groups that list the operation.
        parameters: The parameters in the query and in headers.
        headers: The headers of the responses: from status to description by name.
        takes_ticket: Whether a ticket in the query may take the place of a token.
        is_secret: Whether request or response have a secret: the response is not kept for an `Idempotency-Key`.
        access: The access that a token must have; None means ``"read"`` for GET, HEAD and OPTIONS, else ``"write"``.
        description: The description, in Markdown. The decorator takes the handler's docstring unless it is given.
    """

    summary: str
    _: KW_ONLY
    returns: Mapping[int, object]
    body: object | None = None
    body_required: bool = True
    example: object | None = None
    returns_examples: Mapping[str, object] = field(default_factory=dict)
    returns_also: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON
    errors: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    headers: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    takes_ticket: bool = False
    is_secret: bool = False
    access: Needed | None = None
    description: str = ""

    def __call__[H: Callable[..., Any]](self, handler: H) -> H:
        description = self.description or (handler.__doc__ or "").strip()
        setattr(handler, _ATTRIBUTE, replace(self, description=description))
        return handler


#: The name of the decorator above a handler: ``@operation("List the sessions", returns={200: SessionList})``.
operation = Operation


def needed_for(handler: Callable[..., Any] | None, method: str) -> Needed:
    """The access that a request requires: that of the handler's operation, else that of the method.

    Args:
        handler: The handler; None if no route takes the request.
        method: The method of the request.
    """
    described = None if handler is None else operation_of(handler)
    return (described and described.access) or ("read" if method in SAFE_METHODS else "write")


def operation_of(handler: Callable[..., Any]) -> Operation | None:
    """The operation of a handler; None if it has none."""
    described: Operation | None = getattr(handler, _ATTRIBUTE, None)
    return described
