"""Servers of the example: on its own, mounted in another app, behind a proxy."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from algomancy_api import ApiConfiguration, ApiLauncher, Token, lifespan
from algomancy_api.example import build_example_config

from ...support.clients import PATIENCE, eventually, serving
from ...support.processes import free_port

#: The command as it is installed beside this Python.
COMMAND = Path(sys.executable).with_name("algomancy-api")

#: What a proxy must not pass on: they are about one connection, or about the bytes of a body that httpx unpacks.
_OF_THE_CONNECTION = {
    "accept-encoding", "connection", "content-encoding", "content-length", "host", "keep-alive", "transfer-encoding"
}  # fmt: skip


@contextlib.contextmanager
def command(folder: Path, program: Path = COMMAND) -> Iterator[str]:
    """The address of `algomancy-api example`, started in an empty folder."""
    empty = folder / "empty"
    empty.mkdir()
    port = free_port()
    arguments = [str(program), "example", "--port", str(port)]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen(arguments, cwd=empty, stdout=log, stderr=subprocess.STDOUT) as process,  # noqa: S603
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            eventually(lambda: _answers(process, url))
            yield url
        finally:
            _end(process)


@contextlib.contextmanager
def mounted(folder: Path) -> Iterator[str]:
    """The address of the example inside another app."""
    api = ApiLauncher.build(build_example_config(folder))
    host = Starlette(routes=[Mount("/tools/algomancy", api)], lifespan=lambda _host: lifespan(api))
    with serving(host, lifespan="on") as url:
        yield f"{url}/tools/algomancy"


@contextlib.contextmanager
def proxied(folder: Path) -> Iterator[str]:
    """The address of the example behind a proxy that strips a prefix, of which uvicorn has been told."""
    api = ApiLauncher.build(build_example_config(folder))
    with (
        serving(api, lifespan="on", root_path="/proxy/x") as upstream,
        serving(_stripping_proxy("/proxy/x", upstream)) as url,
    ):
        yield f"{url}/proxy/x"


@contextlib.contextmanager
def altered(folder: Path, *middleware: Middleware) -> Iterator[str]:
    """The address of the example with a host's middleware around it."""
    api = ApiLauncher.build(build_example_config(folder), middleware=middleware)
    with serving(api, lifespan="on") as url:
        yield url


@contextlib.contextmanager
def guarded(folder: Path, *tokens: Token, **keywords: Any) -> Iterator[str]:
    """The address of an example that is configured further, and requires a token if there are some."""
    configuration = ApiConfiguration(**build_example_config(folder).as_dict() | {"tokens": tokens} | keywords)
    with serving(ApiLauncher.build(configuration), lifespan="on") as url:
        yield url


PLACES: dict[str, Callable[[Path], contextlib.AbstractContextManager[str]]] = {
    "command": command,
    "mounted": mounted,
    "proxied": proxied,
}


def _answers(process: subprocess.Popen[bytes], url: str) -> bool:
    assert process.poll() is None, "the server ended by itself"
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"{url}/health", timeout=PATIENCE).status_code == 200
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()


def _stripping_proxy(prefix: str, upstream: str) -> Starlette:
    async def forward(request: Request) -> Response:
        url = f"{upstream}{request.url.path.removeprefix(prefix)}?{request.url.query}"
        async with httpx.AsyncClient(timeout=PATIENCE) as client:
            answer = await client.request(
                request.method, url, headers=_passed_on(request.headers.items()), content=await request.body()
            )
        return Response(answer.content, answer.status_code, _passed_on(answer.headers.items()))

    return Starlette(routes=[Route(f"{prefix}/{{path:path}}", forward, methods=["GET", "POST"])])


def _passed_on(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in _OF_THE_CONNECTION}
