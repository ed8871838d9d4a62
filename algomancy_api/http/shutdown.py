"""A server that is being stopped takes no new work: whoever has some is told to come back."""

from starlette.exceptions import HTTPException
from starlette.types import Scope

from .errors import unavailable

#: What only reads is still answered.
_READING = frozenset({"GET", "HEAD", "OPTIONS"})


def refuse_new_work(scope: Scope) -> None:
    """Raise for a request that may change something, of a host's own routes too, once the app is being stopped.

    Raises:
        HTTPException: 503.
    """
    if scope["method"] not in _READING and "app" in scope and scope["app"].state.managers.is_stopping:
        raise being_stopped(scope)


def being_stopped(scope: Scope) -> HTTPException:
    """The server is being stopped, and may be there again once it must have ended."""
    grace: float = scope["app"].state.config.shutdown_grace
    return unavailable("The server is being stopped: try again later", retry_after=grace)
