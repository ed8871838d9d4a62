"""Many scenarios: lists that are filtered, ordered and paged, waits, batches, copies, and changes of several."""

from contextlib import nullcontext
from typing import Any

from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..auth.identity import sender_of
from ..http.conditional import conditional
from ..http.paths import path_name
from ..http.request_body import IGNORED_FIELDS_HEADER, decode
from ..http.responses import EncodedJSONResponse, json_response, with_next
from ..listing.filters import STATUSES
from ..listing.query import MOST_ROWS
from ..live.long_poll import LONGEST, wait_for_changes, wanted_wait
from ..live.selection import wanted_selection
from ..middleware.audit_log import note_new_name
from ..openapi import examples
from ..openapi.operation import UNCHANGED, Parameter, operation
from ..schemas.batches import CopyScenario, CreateScenarios, ScenarioChanges, ScenarioOutcomes, SomeScenarios
from ..schemas.domain import Scenario, ScenarioList, ScenarioSummary
from ..services.changes.bulk import Action
from ..services.dependencies import check_parameters, check_session_is, open_stream, session_of
from ..services.lists import FIELDS

TAGS = ("scenarios",)

_COPY = Decoder(CopyScenario)
_BATCH = Decoder(CreateScenarios)
_SOME = Decoder(SomeScenarios)

_TEXTS = {"type": "array", "items": {"type": "string"}}

_PARAMETERS = (
    Parameter("status", "query", "Of this status.", _TEXTS | {"items": {"type": "string", "enum": STATUSES}}),
    Parameter("algorithm", "query", "With this algorithm.", _TEXTS),
    Parameter("dataset", "query", "With the dataset of this key.", _TEXTS),
    Parameter("tag", "query", "With this tag.", _TEXTS),
    Parameter("label", "query", "With a label of this name, or `name:text`.", _TEXTS),
    Parameter("order", "query", "`created`, `-created` (the newest first), `tag`, `kpi.Cost,-finished` and the like."),
    Parameter(
        "limit", "query", "The most scenarios of the page.", {"type": "integer", "minimum": 1, "maximum": MOST_ROWS}
    ),
    Parameter("cursor", "query", "The place at which the page begins, from the `Link` of the page before."),
    Parameter("fields", "query", f"The fields of each scenario, with commas between: of {', '.join(FIELDS)}."),
)

_HEADERS = {"Link": '`<?…>; rel="next"` of a page that is not the last one: the query of the next page.'}

_WAIT_PARAMETERS = (
    Parameter("ids", "query", "The ids of the scenarios, with commas between: at most 1,000."),
    Parameter(
        "label", "query", "Instead: all with a label of this name, or `name:text`; of several, with each.", _TEXTS
    ),
    Parameter(
        "cursor", "query", "The `cursor` of the last response. Without it, the response has all, and comes at once."
    ),
    Parameter(
        "wait",
        "query",
        "Respond when a scenario has changed since the cursor, or there is a new one; at the latest after this many "
        "seconds.",
        {"type": "number", "minimum": 0, "maximum": LONGEST},
    ),
    Parameter("Prefer", "header", f"`wait=SECONDS` does the same; values above {LONGEST} count as {LONGEST}."),
)

_WAIT_NAMES = [each.name for each in _WAIT_PARAMETERS if each.place == "query"]

_SOME_OPERATION: dict[str, Any] = {
    "body": SomeScenarios,
    "example": {"filter": ["label=sweep:s1", "status!=complete"]},
    "returns": {200: ScenarioOutcomes},
    "errors": (404, 415, 422),
    "headers": {200: IGNORED_FIELDS_HEADER},
    "tags": TAGS,
}


@operation(
    "List the scenarios",
    returns={200: ScenarioList, 304: UNCHANGED},
    errors=(404, 422),
    parameters=_PARAMETERS,
    headers=dict.fromkeys((200, 304), _HEADERS),
    tags=TAGS,
)
async def list_scenarios(request: Request) -> Response:
    """The summaries of the scenarios of the session: of all, or of those that pass the filters.

    Several values of `status`, `algorithm`, `dataset` or `tag` mean one of them. Further filters have their operators in
    the query: `tag~=north`, `note~=rates`, `created>=2026-11-29`, `finished<2026-12-01`, `progress>50`, `kpi.Cost<100`,
    `status!=failed`, `label!=draft`.
    """
    session, query = session_of(request), request.scope["query_string"].decode("latin-1")
    if not query:
        return await conditional(request, await session.summaries())
    listed = await session.listed(query)
    return with_next(await conditional(request, listed.body), listed.next)


@operation(
    "Wait for changes of scenarios",
    returns={200: ScenarioChanges},
    returns_examples=examples.CHANGES,
    errors=(404, 422),
    parameters=_WAIT_PARAMETERS,
    headers={200: {"Preference-Applied": "The wait of `Prefer` that was applied."}},
    tags=TAGS,
)
async def wait_for_scenarios(request: Request) -> Response:
    """What has changed of some scenarios, or of all of the session, since the last response; at once or when it does.

    A cursor that the server does not know, such as one from before its restart, is no error: the response has all.
    """
    session = session_of(request)
    check_parameters(request, _WAIT_NAMES)
    selection, wait = wanted_selection(request.query_params), wanted_wait(request)
    with open_stream(request) if wait.seconds else nullcontext():
        told = await wait_for_changes(request, session, selection, request.query_params.get("cursor"), wait.seconds)
    return EncodedJSONResponse(await session.changed(told), headers=wait.headers)


@operation(
    "Create several scenarios",
    body=CreateScenarios,
    example={
        "tag": "sweep {duration} {repetition}",
        "dataset_keys": ["Master data"],
        "algo_name": "Slow",
        "grid": {"duration": {"from": 1, "to": 3, "step": 1}},
        "repetitions": 2,
        "label": {"sweep": "s1"},
        "run": True,
    },
    returns={201: list[ScenarioSummary]},
    errors=(400, 404, 409, 415, 422),
    headers={201: IGNORED_FIELDS_HEADER},
    tags=TAGS,
)
async def create_scenarios(request: Request) -> Response:
    """Create all scenarios of a list or of a grid, at most 1,000, or none of them; queue them if `run` is true."""
    session = session_of(request)
    body = await decode(request, _BATCH)
    check_session_is(session, request)
    return EncodedJSONResponse(await session.create_scenarios(body, sender_of(request.scope)), 201)


@operation(
    "Copy a scenario",
    body=CopyScenario,
    body_required=False,
    example={"tag": "my-run, longer", "algo_params": {"duration": 10}},
    returns={201: Scenario},
    errors=(400, 404, 409, 415, 422),
    headers={201: IGNORED_FIELDS_HEADER},
    tags=TAGS,
)
async def copy_scenario(request: Request) -> Response:
    """Create a scenario that is like another, but for what the request says. It has no result yet."""
    session = session_of(request)
    body = await decode(request, _COPY) if await request.body() else CopyScenario()
    check_session_is(session, request)
    if body.tag is not None:
        note_new_name(request, body.tag)
    copied = await session.copy_scenario(path_name(request, "scenario_id"), body, sender_of(request.scope))
    return EncodedJSONResponse(copied, 201)


@operation("Delete several scenarios", **_SOME_OPERATION)
async def delete_scenarios(request: Request) -> Response:
    """Delete those of the scenarios that are neither queued nor processing. The response has the outcome of each."""
    return await _changed(request, "delete")


@operation("Cancel several scenarios", **_SOME_OPERATION)
async def cancel_scenarios(request: Request) -> Response:
    """Stop those of the scenarios that are queued or processing. The response has the outcome of each."""
    return await _changed(request, "cancel")


@operation("Reset several scenarios", **_SOME_OPERATION)
async def reset_scenarios(request: Request) -> Response:
    """Discard the results of those that are neither queued nor processing. The response has the outcome of each."""
    return await _changed(request, "reset")


async def _changed(request: Request, action: Action) -> Response:
    session = session_of(request)
    body = await decode(request, _SOME)
    check_session_is(session, request)
    return json_response(ScenarioOutcomes(await session.change_scenarios(action, body)))


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/scenarios",                    list_scenarios,     methods=["GET"],  name="list_scenarios"),
    Route("/sessions/{session_id}/scenarios/wait",               wait_for_scenarios, methods=["GET"],  name="wait_for_scenarios"),
    Route("/sessions/{session_id}/scenarios/batch",              create_scenarios,   methods=["POST"], name="create_scenarios"),
    Route("/sessions/{session_id}/scenarios/delete",             delete_scenarios,   methods=["POST"], name="delete_scenarios"),
    Route("/sessions/{session_id}/scenarios/cancel",             cancel_scenarios,   methods=["POST"], name="cancel_scenarios"),
    Route("/sessions/{session_id}/scenarios/reset",              reset_scenarios,    methods=["POST"], name="reset_scenarios"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/copy", copy_scenario,      methods=["POST"], name="copy_scenario"),
]
# fmt: on
