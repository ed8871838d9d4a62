"""The access that a request requires, by its route."""

from collections.abc import Sequence

from starlette.routing import BaseRoute
from starlette.types import Scope

from ..openapi.operation import OPEN, Needed, needed_for, operation_of
from .router import destination_of


class RouteAccess:
    """The access that requests require.

    It is decided by the destination that the router calls, so no spelling of a path gets around it. A path without a
    route requires a token, too, so that clients without one do not learn which paths exist.

    Args:
        open_routes: Routes that require no token, beside those whose `@operation` has ``access="open"``.
    """

    def __init__(self, open_routes: Sequence[BaseRoute]) -> None:
        self._open = {id(route): route for route in open_routes}  # routes have no hash

    def of(self, scope: Scope) -> Needed:
        """The access that a request requires."""
        destination = destination_of(scope)
        if destination is None:
            return needed_for(None, scope["method"])
        if id(destination.route) in self._open:
            return OPEN
        return needed_for(destination.endpoint, scope["method"])

    def takes_ticket(self, scope: Scope) -> bool:
        """Whether a request may have a ticket in place of a token."""
        destination = destination_of(scope)
        operation = None if destination is None or destination.route is None else operation_of(destination.endpoint)
        return operation is not None and operation.takes_ticket
