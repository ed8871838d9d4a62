"""The app under test in this process, for requests that no client library would send."""

import atexit
import contextlib
import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import anyio
import msgspec
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from algomancy_api import ApiLauncher

from ...conftest import default_session, upload_items
from ...support import wiring
from ...support.asgi import Exchange
from ...support.clients import calling
from ...support.strategies import strictly_parsed

#: Requests: successful changes after which a new app is built, because nothing is ever deleted.
_CHANGES = 100

#: Statuses without a body. 499 is never sent: it means that the client has disconnected.
_EMPTY = {204, 205, 304, 499}

#: Seconds: delay of the disconnect after the end of the request.
_DISCONNECT_DELAY = 0.05


@dataclass(frozen=True)
class Request:
    """A request as a server passes it to an app: the raw target, and the body in pieces.

    In the target, ``%s`` stands for the path of the session and ``%r`` for that of its scenario.
    """

    method: str
    target: bytes
    headers: Sequence[tuple[bytes, bytes]] = ()
    body: Sequence[bytes] = (b"",)


class FuzzedApp:
    """An app with a session that has the dataset ``items`` and a scenario. It is rebuilt after some changes."""

    def __init__(self, portal: BlockingPortal) -> None:
        self._portal = portal
        self._changes = _CHANGES
        self._app: Starlette | None = None
        self._session = b""
        self._scenario = b""

    def answer(self, request: Request) -> Exchange:
        """The response of the app to a request, after checking that it is a valid response."""
        if self._changes >= _CHANGES:
            self._build()
        target = request.target.replace(b"%s", self._session).replace(b"%r", self._scenario)
        answer = self._portal.call(_exchange, self._app, replace(request, target=target))
        self._changes += request.method not in ("GET", "HEAD") and answer.status < HTTPStatus.BAD_REQUEST
        _check(request, answer)
        return answer

    def uploaded_files(self) -> list[Path]:
        """The files that uploads have left behind."""
        assert self._app is not None
        folder: Path | None = self._app.state.uploads_folder._path
        return [] if folder is None else list(folder.iterdir())

    def renew(self) -> None:
        """Build a new app before the next request."""
        self._changes = _CHANGES

    def close(self) -> None:
        """Close the app, if there is one."""
        if self._app is not None:
            self._app.state.session_manager.close()
            self._app.state.uploads_folder.close()
            self._app = None

    def _build(self) -> None:
        self.close()
        self._app, self._changes = ApiLauncher.build(wiring.configuration()), 0
        with calling(self._app) as client:
            session = default_session(client)
            upload_items(client, session)
            body = {"tag": "first", "dataset_key": "items", "algo_name": "Instant"}
            scenario = client.post(f"{session}/scenarios", json=body).json()
        self._session, self._scenario = session.encode(), f"{session}/scenarios/{scenario['id']}".encode()


@functools.cache
def fuzzed_app() -> FuzzedApp:
    """The shared app of this process, closed at exit."""
    portals = contextlib.ExitStack()
    fuzzed = FuzzedApp(portals.enter_context(start_blocking_portal()))
    portals.callback(fuzzed.close)
    atexit.register(portals.close)
    return fuzzed


async def _exchange(app: ASGIApp | None, request: Request) -> Exchange:
    path, _, query = (b"/" + request.target.removeprefix(b"/")).partition(b"?")
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path.decode("latin-1")),
        "raw_path": path,
        "root_path": "",
        "query_string": query,
        "headers": [(b"host", b"test"), *request.headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    pieces = list(request.body)
    answer = Exchange()

    async def receive() -> Message:
        if not pieces:
            await anyio.sleep(_DISCONNECT_DELAY)
            if answer.messages:  # once the response has begun, the client waits for its end
                await anyio.sleep_forever()
            return {"type": "http.disconnect"}
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        answer.messages.append(message)

    assert app is not None
    await app(scope, receive, send)
    return answer


def _check(request: Request, answer: Exchange) -> None:
    """Raise for an invalid response. No request may cause a 5xx."""
    kinds = [message["type"] for message in answer.messages]
    assert kinds[0] == "http.response.start", kinds
    assert set(kinds[1:]) == {"http.response.body"}, kinds
    assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, (answer.status, answer.body)
    if answer.status in _EMPTY or request.method == "HEAD":
        return
    if "content-length" in answer.headers:
        assert int(answer.headers["content-length"]) == len(answer.body)
    media_type = answer.headers.get("content-type", "")
    if "content-encoding" in answer.headers or not (media_type or answer.body):
        return
    value = _READERS.get(media_type, bytes)(answer.body)
    if answer.status >= HTTPStatus.BAD_REQUEST:
        assert isinstance(value["detail"], str)
        json.dumps(value).encode()


_READERS: dict[str, Callable[[bytes], Any]] = {
    "application/json": strictly_parsed,
    **dict.fromkeys(
        ["application/msgpack", "application/x-msgpack", "application/vnd.msgpack"], msgspec.msgpack.decode
    ),
}
