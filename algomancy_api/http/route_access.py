"""What it takes to send a request."""

from collections.abc import Sequence

from starlette.routing import BaseRoute
from starlette.types import Scope

from ..openapi.operation import OPEN, Needed, needed_for
from .router import destination_of


class RouteAccess:
    """What it takes to send a request.

    That is decided by the very destination that the router passes it on to, so that no spelling of a path gets around
    it. What has no route takes a token, too: nothing is said about it to strangers.

    Args:
        open_routes: Routes for everybody, beside those whose operation says so.
    """

    def __init__(self, open_routes: Sequence[BaseRoute]) -> None:
        self._open = {id(route): route for route in open_routes}  # routes have no hash

    def of(self, scope: Scope) -> Needed:
        """What it takes to send this one."""
        destination = destination_of(scope)
        if destination is None:
            return needed_for(None, scope["method"])
        if id(destination.route) in self._open:
            return OPEN
        return needed_for(destination.endpoint, scope["method"])
