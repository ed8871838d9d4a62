"""A server with a route of a host that blocks on a worker thread during the shutdown."""

import sys
import time

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from algomancy_api import ApiLauncher

from ...support import wiring


async def hang(_request: Request) -> Response:
    print("hanging", flush=True)
    await run_sync(time.sleep, 100)
    return Response()


if __name__ == "__main__":
    port, grace, log_level = sys.argv[1:]
    configuration = wiring.configuration(port=int(port), shutdown_grace=float(grace))
    ApiLauncher.run(ApiLauncher.build(configuration, routes=[Route("/hang", hang)]), log_level=log_level)
