"""Scenarios side by side: compare."""

from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.conditional import conditional
from ..http.negotiation import preferred_type
from ..http.request_body import IGNORED_FIELDS_HEADER, decode
from ..http.responses import encoded_response
from ..openapi.operation import ARROW, CSV, UNCHANGED, Parameter, operation
from ..schemas import Comparison, ComparisonSelection
from ..services.comparison import FORMS, Selection, compared, wanted_in
from ..services.dependencies import check_session_is, session_of

TAGS = ("scenarios",)

_COMPARE = Decoder(ComparisonSelection)

_PARAMETERS = (
    Parameter("ids", "query", "The ids of the scenarios, with commas between: at most 1,000 of all scenarios."),
    Parameter(
        "tag",
        "query",
        "The tag of a further scenario; can be repeated.",
        {"type": "array", "items": {"type": "string"}},
    ),
    Parameter(
        "baseline",
        "query",
        "The id or the tag of the scenario that the others are compared with. If it is not one of them, it comes first. "
        "Without it, it is the first one.",
    ),
    Parameter(
        "only",
        "query",
        "`differences` leaves out what is the same for all of them.",
        {"type": "string", "enum": ["differences"]},
    ),
)

_FILES = {
    CSV: "A table with a header, and a row for each scenario.",
    ARROW: "The same table. The metadata of the columns of a KPI are its name, unit, direction and threshold.",
}


@operation(
    "Compare scenarios",
    returns={200: Comparison, 304: UNCHANGED},
    returns_also=_FILES,
    errors=(404, 422),
    parameters=_PARAMETERS,
    tags=TAGS,
)
async def compare_scenarios(request: Request) -> Response:
    """Scenarios side by side: their KPIs with ranks, deltas and verdicts, their settings, and their runs.

    Further scenarios are those that pass conditions, which are as those of their list: `status=complete`,
    `label=sweep:s1`, `kpi.Cost<100`. Nothing is loaded for a comparison: it has what the list of the scenarios has, and
    a few facts of their last runs.
    """
    session, media_type = session_of(request), preferred_type(request.scope, tuple(FORMS))
    query = request.scope["query_string"].decode("latin-1")
    body = await compared(session, wanted_in(query), media_type)
    return await conditional(request, body, media_type=media_type)


@operation(
    "Compare many scenarios",
    body=ComparisonSelection,
    example={"tags": ["my-run", "my-second-run"], "baseline": "my-run", "only": "differences"},
    returns={200: Comparison},
    returns_also=_FILES,
    errors=(404, 415, 422),
    headers={200: IGNORED_FIELDS_HEADER},
    tags=TAGS,
    access="read",
)
async def compare_many_scenarios(request: Request) -> Response:
    """The same, for more scenarios than a URL has room for. It changes nothing, and requires only read access."""
    session, media_type = session_of(request), preferred_type(request.scope, tuple(FORMS))
    selection = Selection.of_body(await decode(request, _COMPARE))
    check_session_is(session, request)
    return encoded_response(await compared(session, selection, media_type), media_type)


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/compare", compare_scenarios,      methods=["GET"],  name="compare_scenarios"),
    Route("/sessions/{session_id}/compare", compare_many_scenarios, methods=["POST"], name="compare_many_scenarios"),
]
# fmt: on
