"""A server that is being stopped takes no new work: whoever has some is told to come back."""

from starlette.types import Scope

from ..errors import Unavailable

#: What only reads is still answered.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_new_work(scope: Scope) -> None:
    """Raise for a request that may change something, of a host's own routes too, once the app is being stopped.

    Raises:
        Unavailable: It is.
    """
    if scope["method"] not in _READING and "app" in scope and scope["app"].state.sessions.is_stopping:
        raise being_stopped(scope)


def being_stopped(scope: Scope) -> Unavailable:
    """The server is being stopped, and may be there again once it must have ended."""
    grace: float = scope["app"].state.config.shutdown_grace
    return Unavailable("The server is being stopped: try again later", retry_after=grace)
