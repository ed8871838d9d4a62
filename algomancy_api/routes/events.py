"""Server-Sent Events of a scenario or a session."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.paths import path_name
from ..http.responses import no_content
from ..http.shutdown import shutting_down
from ..live.selection import wanted_selection
from ..live.sse import EventStreamResponse, scenario_events, session_events
from ..openapi.operation import EventStream, Parameter, operation
from ..schemas.domain import ENDED
from ..services.dependencies import open_stream, session_of, sessions_of

TAGS = ("scenarios",)

_LAST_EVENT_ID = Parameter(
    "Last-Event-ID",
    "header",
    "The id of the last event that the client received. Browsers send it when they reconnect.",
)

_TICKET = Parameter(
    "ticket",
    "query",
    "A ticket of the session, as `…/events/ticket` gives it. It takes the place of a token, once.",
)

_SELECTION = (
    Parameter("ids", "query", "Only the scenarios of these ids, with commas between."),
    Parameter(
        "label",
        "query",
        "Only scenarios with a label of this name, or `name:text`; of several, with each.",
        {"type": "array", "items": {"type": "string"}},
    ),
)

_SCENARIO_EVENTS = """\
- `snapshot`: the current state, unless the client has it by its `Last-Event-ID`;
- `status`: the status has changed, and perhaps the progress; `created` again after a reset;
- `progress`: only the progress has changed, or the objective, bound or gap that its algorithm reports;
- `deleted`: the scenario has been deleted, `{"id"}`.

The data of the first three events are those of `…/status`, and `kpis` once it is `complete`. The stream ends after `complete`, `failed` or `deleted`."""

_SESSION_EVENTS = """\
- `snapshot`: the current state of all scenarios and datasets, `{"scenarios": […], "datasets": [{"key", "id"}, …]}`,
  unless the client has it by its `Last-Event-ID`;
- `status`: a scenario is new, or its status has changed, and perhaps its progress; `created` again after a reset;
- `progress`: only the progress of a scenario has changed, or the objective, bound or gap that its algorithm reports;
- `deleted`: a scenario has been deleted, `{"id"}`, or has lost the label;
- `dataset_added`: a dataset is new, or has replaced another, `{"key", "id"}`;
- `dataset_deleted`: a dataset has been deleted, `{"key"}`;
- `gone`: the session has been deleted, `{"id"}`. The stream ends after it, but not at the end of a scenario.

The data of `status` and `progress`, and each item of a snapshot, are those of `…/scenarios/{scenario_id}/status`. A
`status` with which a scenario becomes `complete` has its `kpis`, too, and one with which it becomes `failed` the
`error`. With `ids` or `label`, there are no events of datasets."""


@operation(
    "Watch a scenario",
    returns={
        200: EventStream(_SCENARIO_EVENTS),
        204: "The scenario has ended, and the client has its last event: it should not reconnect.",
    },
    errors=(404,),
    parameters=(_TICKET, _LAST_EVENT_ID),
    tags=TAGS,
    takes_ticket=True,
)
async def watch_scenario(request: Request) -> Response:
    """Server-Sent Events of a scenario, until it ends.

    A slow reader gets the latest state and not the states before it. A comment is sent every 15 seconds.
    """
    session, scenario_id, last_id = session_of(request), path_name(request, "scenario_id"), _last_id(request)
    state = session.state(scenario_id)
    if state.status in ENDED and state.version == last_id:
        return no_content()
    return EventStreamResponse(scenario_events(session, scenario_id, last_id), open_stream(request))


@operation(
    "Watch a session",
    returns={200: EventStream(_SESSION_EVENTS)},
    errors=(404, 422),
    parameters=(*_SELECTION, _TICKET, _LAST_EVENT_ID),
    tags=TAGS,
    takes_ticket=True,
)
async def watch_session(request: Request) -> Response:
    """Server-Sent Events of the scenarios and datasets of a session, or of some scenarios.

    A slow reader gets the latest state and not the states before it. A comment is sent every 15 seconds.
    """
    session, selection, last_id = session_of(request), wanted_selection(request.query_params), _last_id(request)
    return EventStreamResponse(session_events(session, selection, last_id), open_stream(request))


def _last_id(request: Request) -> str | None:
    if sessions_of(request).is_stopping:
        raise shutting_down(request.scope)
    return request.headers.get("last-event-id")


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/scenarios/{scenario_id}/events", watch_scenario, methods=["GET"], name="watch_scenario"),
    Route("/sessions/{session_id}/events",                         watch_session,  methods=["GET"], name="watch_session"),
]
# fmt: on
