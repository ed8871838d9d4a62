"""A server with routes of a host that last longer than the shutdown: on a worker thread, and in half a response."""

import sys
import time
from collections.abc import AsyncIterator

import anyio
from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from algomancy_api import ApiLauncher

from ...support import wiring


async def hang(_request: Request) -> Response:
    print("hanging", flush=True)
    await run_sync(time.sleep, 100)
    return Response()


async def half(_request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"half"
        print("hanging", flush=True)
        await anyio.sleep_forever()

    return StreamingResponse(pieces())


def build(**configured: float) -> Starlette:
    """The app, for any server."""
    return ApiLauncher.build(wiring.configuration(**configured), routes=[Route("/hang", hang), Route("/half", half)])


if __name__ == "__main__":
    port, grace, log_level = sys.argv[1:]
    ApiLauncher.run(build(port=int(port), shutdown_grace=float(grace)), log_level=log_level)
