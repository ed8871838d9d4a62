"""The key of a request: its header, which every POST takes, in the OpenAPI document."""

from dataclasses import replace

from .operation import Operation, Parameter

HEADER = "Idempotency-Key"

#: The header of an answer that is given again.
REPLAYED = "Idempotency-Replayed"

#: Characters: the longest key.
LONGEST = 255

_KEY = Parameter(
    HEADER,
    "header",
    "A text of the client's own, such as a random UUID. The same request with the same key gets its first answer again "
    "and has no second effect.",
    {"type": "string", "minLength": 1, "maxLength": LONGEST, "example": "8e03978e-40d5-43dd-bc93-6894a57f9324"},
)

#: A key that is none, a key whose first request is under way, and a key of another request.
_ERRORS = (400, 409, 422)

_AGAIN = {REPLAYED: "`true` for an answer that is given again."}

_UNDER_WAY = {"Retry-After": "Seconds after which to try again, if the first request with the key is under way."}


def with_key(spec: Operation) -> Operation:
    """The description of a POST, with what its key adds to it."""
    successes = {status: {**spec.headers.get(status, {}), **_AGAIN} for status in spec.returns if status < 300}
    return replace(
        spec,
        parameters=(*spec.parameters, _KEY),
        errors=(*spec.errors, *_ERRORS),
        headers={**spec.headers, **successes, 409: _UNDER_WAY},
    )
