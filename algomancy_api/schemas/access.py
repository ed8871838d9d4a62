"""What stands for a token in a browser."""

from typing import Annotated, Literal

from msgspec import Meta, Struct


class EventTicket(Struct):
    """A ticket for one event stream of a session."""

    ticket: Annotated[str, Meta(description="The value of `?ticket=` in the URL of the stream.")]
    expires_in: Annotated[int, Meta(description="The seconds in which it can be used, once.")]


class LogIn(Struct):
    """A login."""

    token: Annotated[str, Meta(description="The token, whose place the cookie takes.")]


class LoggedIn(Struct):
    """What the token of a login may do."""

    name: Annotated[str, Meta(description="The name of the token.")]
    access: Annotated[Literal["read", "write", "admin"], Meta(description="Each includes those before it.")]
    sessions: Annotated[list[str], Meta(description="The ids and names of the visible sessions; `*` is all of them.")]
