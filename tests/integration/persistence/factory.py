"""``tests.integration.persistence.factory:build``: an app factory for ASGI servers."""

from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from ...support import wiring


def build() -> Starlette:
    """The wiring's app on the database that the environment names."""
    return ApiLauncher.build(wiring.on_database_from_environment())
