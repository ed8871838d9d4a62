"""What it takes to send a request."""

from collections.abc import Sequence

from starlette.routing import BaseRoute
from starlette.types import Scope

from .dispatch import Dispatcher
from .operations import OPEN, Needed, needed_for


class Needs:
    """What it takes to send a request.

    That is decided by the very route that the router will pass it on to, so that no spelling of a path gets around it.
    What has no route takes a token, too: nothing is said about it to strangers.

    Args:
        router: The router.
        open_routes: Routes for everybody, beside those whose operation says so.
    """

    def __init__(self, router: Dispatcher, open_routes: Sequence[BaseRoute]) -> None:
        self._router = router
        self._open = {id(route): route for route in open_routes}  # routes have no hash

    def of(self, scope: Scope) -> Needed:
        """What it takes to send this one."""
        route = self._router.route_of(scope)
        if id(route) in self._open:
            return OPEN
        return needed_for(getattr(route, "endpoint", None), scope["method"])
