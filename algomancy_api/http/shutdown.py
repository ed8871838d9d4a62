"""The refusal of new work while the server is shutting down."""

from starlette.types import Scope

from ..errors import Unavailable
from ..methods import SAFE_METHODS


def refuse_new_work(scope: Scope) -> None:
    """Refuse a request that may change something, on a host's own routes too, while the app is shutting down.

    Raises:
        Unavailable: The app is shutting down, and the method of the request is not safe.
    """
    if scope["method"] not in SAFE_METHODS and "app" in scope and scope["app"].state.sessions.is_stopping:
        raise shutting_down(scope)


def shutting_down(scope: Scope) -> Unavailable:
    """The error of a server that is shutting down. Retry-After is the time by which the process has ended."""
    grace: float = scope["app"].state.config.shutdown_grace
    return Unavailable("The server is shutting down; try again later", retry_after=grace)
