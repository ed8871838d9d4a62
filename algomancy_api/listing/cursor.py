"""A place in a list, as text that clients need not understand: the order, the values of the last row, and its place."""

import base64
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from ..errors import Malformed
from .order import Order, Scalar
from .rows import Place


class _Written(NamedTuple):
    order: str
    values: list[Scalar]
    created: datetime
    id: str


_decode = msgspec.json.Decoder(_Written).decode


def written(order: Order, values: list[Scalar], place: Place) -> str:
    """The cursor behind a row."""
    document = msgspec.json.encode(_Written(order.text, values, *place))
    return base64.urlsafe_b64encode(document).rstrip(b"=").decode()


def read(text: str, order: Order) -> tuple[Place, tuple[Any, ...]]:
    """The place of a cursor, and its key in the order.

    Raises:
        Malformed: It is no cursor, or one of another order.
    """
    try:
        cursor = _decode(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
        place = cursor.created.replace(tzinfo=None), cursor.id
        if cursor.order != order.text:
            raise Malformed(f"The cursor is of the order {cursor.order!r}, not {order.text!r}; begin without a cursor")
        return place, order.key(cursor.values, place)
    except ValueError as error:  # of base64, JSON, or the number of values
        raise Malformed("cursor must be that of a Link header; begin without one") from error
