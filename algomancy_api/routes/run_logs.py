"""The logs of runs: read in parts, and followed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.negotiation import is_text_preferred
from ..http.paths import path_name
from ..http.responses import VARY, EncodedJSONResponse
from ..live.long_poll import LONGEST, wait_for_lines, wanted_wait
from ..openapi import examples
from ..openapi.operation import TEXT, Parameter, operation
from ..schemas import LogPart
from ..services.dependencies import open_stream, session_of
from ..services.run_logs import cursor_of

TAGS = ("scenarios",)

_PARAMETERS = (
    Parameter(
        "from",
        "query",
        "The `next` of the last response; without it, or with 0, the log is read from its first line.",
        {"type": "string", "pattern": "^(0|[0-9a-f]{12}-[0-9]{1,15})$"},
    ),
    Parameter(
        "wait",
        "query",
        "Respond when the log has lines from there on, or the run has ended; at the latest after this many seconds.",
        {"type": "number", "minimum": 0, "maximum": LONGEST},
    ),
    Parameter("Prefer", "header", f"`wait=SECONDS` does the same; values above {LONGEST} count as {LONGEST}."),
)


@operation(
    "Read the log of a run",
    returns={200: LogPart},
    returns_examples=examples.LOG,
    returns_also={TEXT: 'The texts of the lines. `Link` has the address of the next part, as `rel="next"`.'},
    errors=(404, 410, 422),
    parameters=_PARAMETERS,
    headers={
        200: {
            "Link": 'The address of the next part, as `rel="next"`, unless `complete`.',
            "Preference-Applied": "The wait of `Prefer` that was applied.",
        }
    },
    tags=TAGS,
)
async def get_run_log(request: Request) -> Response:
    """A part of what the latest run of a scenario has printed and logged.

    Reading takes nothing away. Read on from `next` until `complete`: the run has ended, and there are no more lines.
    A scenario that was created or reset has an empty log; with a database, one whose run a restart has cut off has the
    log of that run, but perhaps not the last second of it. The status is 410 if the log was deleted, or if `from` is of
    an earlier run.
    """
    session, scenario_id = session_of(request), path_name(request, "scenario_id")
    cursor, wait = cursor_of(request.query_params.get("from")), wanted_wait(request)
    if wait.seconds:
        with open_stream(request):
            await wait_for_lines(request, session, scenario_id, cursor, wait.seconds)
    as_text = is_text_preferred(request.scope)
    part = await session.run_log(scenario_id, cursor, as_text=as_text)
    headers = list(wait.headers)
    if part.next is not None:
        headers.append((b"link", f'<?from={part.next}>; rel="next"'.encode()))
    if not as_text:
        return EncodedJSONResponse(part.body, headers=headers)
    response = Response(part.body, media_type="text/plain")
    response.raw_headers += [(b"vary", VARY.encode()), *headers]
    return response


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/scenarios/{scenario_id}/log", get_run_log, methods=["GET"], name="get_run_log"),
]
# fmt: on
