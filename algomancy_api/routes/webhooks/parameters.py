"""The query of a request for the deliveries to a webhook."""

from ...errors import Malformed
from ...openapi.operation import Parameter
from ...webhooks.outbox import MOST_LOGGED

#: Deliveries: of a response to a request that asks for no number.
_SHOWN = 100

LIMIT = Parameter(
    "limit",
    "query",
    f"The most deliveries of the response; {_SHOWN} without it.",
    {"type": "integer", "minimum": 1, "maximum": MOST_LOGGED},
)


def limit_of(text: str | None) -> int:
    """The number of deliveries that a query asks for.

    Raises:
        Malformed: It is no number, or out of range.
    """
    if text is None:
        return _SHOWN
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and 1 <= int(text) <= MOST_LOGGED):
        raise Malformed(f"limit must be a whole number from 1 to {MOST_LOGGED}; got {text!r}")
    return int(text)
