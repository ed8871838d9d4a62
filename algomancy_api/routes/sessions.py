"""Sessions: list, create, copy, rename, delete."""

from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..codec import decode, json_response
from ..messages import CopySession, CreateSession, RenameSession
from ..paths import path_name
from ..sessions import managers_of

_CREATE = Decoder(CreateSession)
_COPY = Decoder(CopySession)
_RENAME = Decoder(RenameSession)


async def list_sessions(request: Request) -> Response:
    """Every session, and the id of the one to open first."""
    return json_response(managers_of(request).list())


async def create_session(request: Request) -> Response:
    """Create an empty session."""
    _check_creation_allowed(request)
    body = await decode(request, _CREATE)
    await managers_of(request).create(body.display_name)
    return json_response(managers_of(request).list(), 201)


async def copy_session(request: Request) -> Response:
    """Create a session with the datasets of another."""
    _check_creation_allowed(request)
    body = await decode(request, _COPY)
    await managers_of(request).copy(path_name(request, "session_id"), body.new_display_name)
    return json_response(managers_of(request).list(), 201)


async def rename_session(request: Request) -> Response:
    """Give a session another name; its id stays."""
    body = await decode(request, _RENAME)
    return json_response(await managers_of(request).rename(path_name(request, "session_id"), body.display_name))


async def delete_session(request: Request) -> Response:
    """Delete a session with all that it holds."""
    await managers_of(request).delete(path_name(request, "session_id"))
    return json_response(managers_of(request).list())


def _check_creation_allowed(request: Request) -> None:
    if not request.app.state.config.allow_session_create:
        raise HTTPException(403, "Session creation is disabled on this server")


# fmt: off
ROUTES = [
    Route("/sessions",                   list_sessions,  methods=["GET"],    name="list_sessions"),
    Route("/sessions",                   create_session, methods=["POST"],   name="create_session"),
    Route("/sessions/{session_id}/copy", copy_session,   methods=["POST"],   name="copy_session"),
    Route("/sessions/{session_id}",      rename_session, methods=["PATCH"],  name="rename_session"),
    Route("/sessions/{session_id}",      delete_session, methods=["DELETE"], name="delete_session"),
]
# fmt: on
