"""Sessions: list, create, read, copy, rename, delete."""

from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import Forbidden
from ..http.conditional import conditional
from ..http.paths import path_name
from ..http.request_body import IGNORED_FIELDS_HEADER, decode
from ..http.responses import EncodedJSONResponse, json_response
from ..middleware.audit_log import note_new_name
from ..openapi.operation import UNCHANGED, operation
from ..schemas import CopySession, CreateSession, RenameSession, Session, SessionList, SessionOverview
from ..services.dependencies import sessions_of

TAGS = ("sessions",)

_CREATE = Decoder(CreateSession)
_COPY = Decoder(CopySession)
_RENAME = Decoder(RenameSession)


@operation("List the sessions", returns={200: SessionList}, tags=TAGS)
async def list_sessions(request: Request) -> Response:
    """All sessions, and the id of the default one."""
    return EncodedJSONResponse(sessions_of(request).document("sessions", lambda known: known))


@operation(
    "Create a session",
    body=CreateSession,
    example={"display_name": "What if"},
    returns={201: SessionList},
    errors=(400, 403, 409, 415, 422),
    headers={201: IGNORED_FIELDS_HEADER},
    tags=TAGS,
    access="admin",
)
async def create_session(request: Request) -> Response:
    """Create an empty session, if this server allows it."""
    _check_creation_allowed(request)
    body = await decode(request, _CREATE)
    note_new_name(request, body.display_name)
    await sessions_of(request).create(body.display_name)
    return json_response(sessions_of(request).list(), 201)


@operation("Read a session", returns={200: SessionOverview, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def get_session(request: Request) -> Response:
    """A session, with the number of its datasets, and of its scenarios by status."""
    sessions = sessions_of(request)
    return await conditional(request, await sessions.overview(path_name(request, "session_id")))


@operation(
    "Copy a session",
    body=CopySession,
    example={"new_display_name": "What if, again"},
    returns={201: SessionList},
    errors=(400, 403, 404, 409, 415, 422),
    headers={201: IGNORED_FIELDS_HEADER},
    tags=TAGS,
    access="admin",
)
async def copy_session(request: Request) -> Response:
    """Create a session with copies of the datasets of another."""
    _check_creation_allowed(request)
    body = await decode(request, _COPY)
    note_new_name(request, body.new_display_name)
    await sessions_of(request).copy(path_name(request, "session_id"), body.new_display_name)
    return json_response(sessions_of(request).list(), 201)


@operation(
    "Rename a session",
    body=RenameSession,
    example={"display_name": "What if not"},
    returns={200: Session},
    errors=(400, 404, 409, 415, 422),
    headers={200: IGNORED_FIELDS_HEADER},
    tags=TAGS,
    access="admin",
)
async def rename_session(request: Request) -> Response:
    """Change the display name of a session. Its id stays."""
    body = await decode(request, _RENAME)
    note_new_name(request, body.display_name)
    return json_response(await sessions_of(request).rename(path_name(request, "session_id"), body.display_name))


@operation("Delete a session", returns={200: SessionList}, errors=(404, 409), tags=TAGS, access="admin")
async def delete_session(request: Request) -> Response:
    """Delete a session with its datasets and scenarios. The last session is replaced by an empty `main`."""
    await sessions_of(request).delete(path_name(request, "session_id"))
    return json_response(sessions_of(request).list())


def _check_creation_allowed(request: Request) -> None:
    if not request.app.state.config.allow_session_create:
        raise Forbidden("Session creation is disabled on this server")


# fmt: off
ROUTES = [
    Route("/sessions",                   list_sessions,  methods=["GET"],    name="list_sessions"),
    Route("/sessions",                   create_session, methods=["POST"],   name="create_session"),
    Route("/sessions/{session_id}/copy", copy_session,   methods=["POST"],   name="copy_session"),
    Route("/sessions/{session_id}",      get_session,    methods=["GET"],    name="get_session"),
    Route("/sessions/{session_id}",      rename_session, methods=["PATCH"],  name="rename_session"),
    Route("/sessions/{session_id}",      delete_session, methods=["DELETE"], name="delete_session"),
]
# fmt: on
