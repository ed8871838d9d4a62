"""Tickets for event streams."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...auth.identity import has_authentication, sender_of
from ...auth.tickets import LIFETIME, Tickets, unkept_ticket
from ...http.responses import json_response
from ...openapi.operation import operation
from ...schemas import EventTicket
from ...services.dependencies import session_of

TAGS = ("scenarios",)


@operation(
    "Get a ticket for an event stream",
    returns={201: EventTicket},
    errors=(404,),
    tags=TAGS,
    is_secret=True,
    access="read",
)
async def create_event_ticket(request: Request) -> Response:
    """A ticket that opens one event stream of the session, once, for a client that sends no `Authorization`.

    Such a client is the `EventSource` of a browser: `…/events?ticket=…`, of the session or of one of its scenarios.
    """
    session_id = session_of(request).id
    response = json_response(EventTicket(_ticket(request, session_id), LIFETIME), 201)
    response.headers["Cache-Control"] = "no-store"
    return response


def _ticket(request: Request, session_id: str) -> str:
    if not has_authentication(request.scope):  # without authentication, no request is asked for what it has
        return unkept_ticket()
    tickets: Tickets = request.app.state.tickets
    return tickets.issue(session_id, sender_of(request.scope), request.auth, request.user)


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/events/ticket", create_event_ticket, methods=["POST"], name="create_event_ticket"),
]
# fmt: on
