"""Clients of an app: in this process without a socket, and over real HTTP."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import uvicorn
from anyio.from_thread import start_blocking_portal
from starlette.types import ASGIApp

from .validation import declarations

#: Seconds: the timeout of most waits in the tests.
PATIENCE = 150

#: Seconds: half of what the algorithms that block wait. Whatever ends sooner has not waited for them.
SOON = 45


class AppClient:
    """A client that calls an app without a socket, on an event loop of its own.

    It raises for a response that the OpenAPI document does not declare. Set ``declared_only`` to False where a host's
    own middleware responds.
    """

    declared_only = True

    def __init__(self, app: ASGIApp, call: Callable[..., Any], client: httpx.AsyncClient) -> None:
        self.app = app
        self._call = call
        self._client = client

    def request(self, method: str, url: str, **keywords: Any) -> httpx.Response:
        response: httpx.Response = self._call(self._request, method, url, keywords)
        if self.declared_only:
            declarations().refuse_undeclared(response)
        return response

    async def _request(self, method: str, url: str, keywords: dict[str, Any]) -> httpx.Response:
        return await self._client.request(method, url, **keywords)

    def get(self, url: str, **keywords: Any) -> httpx.Response:
        return self.request("GET", url, **keywords)

    def post(self, url: str, **keywords: Any) -> httpx.Response:
        return self.request("POST", url, **keywords)

    def patch(self, url: str, **keywords: Any) -> httpx.Response:
        return self.request("PATCH", url, **keywords)

    def delete(self, url: str, **keywords: Any) -> httpx.Response:
        return self.request("DELETE", url, **keywords)


@contextlib.contextmanager
def calling(app: ASGIApp, base_url: str = "http://test") -> Iterator[AppClient]:
    """A client of an app, without a socket."""
    with start_blocking_portal() as portal:
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url)
        try:
            yield AppClient(app, portal.call, client)
        finally:
            portal.call(client.aclose)


@contextlib.contextmanager
def serving(app: ASGIApp, **options: Any) -> Iterator[str]:
    """The URL of a uvicorn server of an app, on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    defaults = {"lifespan": "off", "log_config": None, "access_log": False, "timeout_graceful_shutdown": 5}
    server = uvicorn.Server(uvicorn.Config(app, **{**defaults, **options}))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        eventually(lambda: server.started or not thread.is_alive())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        listener.close()


def eventually(condition: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """The value of a condition once it is true. It is polled, because an HTTP client has no other way."""
    deadline = time.monotonic() + patience
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {patience} s for {condition}")
        time.sleep(0.01)
    return value


def ended(client: Any, session: str, scenario_id: str) -> dict[str, Any]:
    """The full form of a scenario, once its run has ended."""
    url = f"{session}/scenarios/{scenario_id}"
    eventually(lambda: client.get(f"{url}/status").json()["status"] in ("complete", "failed"))
    form: dict[str, Any] = client.get(url).json()
    return form
