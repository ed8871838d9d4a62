"""What stands for a token in a browser."""

from typing import Annotated

from msgspec import Meta, Struct


class EventTicket(Struct):
    """A ticket for one event stream of a session."""

    ticket: Annotated[str, Meta(description="The value of `?ticket=` in the URL of the stream.")]
    expires_in: Annotated[int, Meta(description="The seconds in which it can be used, once.")]
