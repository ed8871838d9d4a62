"""``tests.integration.hosts.factory:build``: an app factory for ASGI servers."""

import os

from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ...support import wiring


def build() -> Starlette:
    """The wiring's app: on SQLite if the environment names a folder, else in memory."""
    folder = os.environ.get("WIRING_FOLDER")
    return ApiLauncher.build(wiring.on_sqlite(folder) if folder else wiring.configuration())
