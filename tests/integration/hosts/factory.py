"""``tests.integration.hosts.factory:build``: an app factory for ASGI servers."""

import os

from starlette.applications import Starlette

from algomancy_api import ApiLauncher, Limits

from ...support import wiring

#: Streams that a client may have open at the same time: few, so that one that is not given back is missed.
STREAMS = 5


def build() -> Starlette:
    """The wiring's app: on SQLite if the environment names a folder, else in memory."""
    folder, limits = os.environ.get("WIRING_FOLDER"), Limits(streams=STREAMS)
    return ApiLauncher.build(wiring.on_sqlite(folder, limits=limits) if folder else wiring.configuration(limits=limits))
