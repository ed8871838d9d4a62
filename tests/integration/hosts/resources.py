"""Resources of an app, which its lifespan must close: threads and open files. And a host that enters the lifespan."""

import os
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import lifespan


def worker_threads(app: Starlette) -> list[threading.Thread]:
    """The threads of an app's sessions that have not ended."""
    sessions = app.state.session_manager._sessions.values()
    return [thread for session in sessions for thread in session._processor.threads()]


def open_files(folder: Path) -> list[str]:
    """The files in a folder that this process has open."""
    targets = []
    for descriptor in os.scandir("/proc/self/fd"):
        try:
            targets.append(Path(descriptor.path).readlink())
        except FileNotFoundError:  # the descriptor was closed meanwhile
            continue
    return sorted(target.name for target in targets if target.is_relative_to(folder))


def host_that_enters(*apps: Starlette) -> Starlette:
    """A host that mounts apps at ``/0``, ``/1`` and so on, and whose own lifespan enters theirs."""

    @asynccontextmanager
    async def host_lifespan(_host: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as lifespans:
            for app in apps:
                await lifespans.enter_async_context(lifespan(app))
            yield

    return Starlette(routes=[Mount(f"/{number}", app) for number, app in enumerate(apps)], lifespan=host_lifespan)
