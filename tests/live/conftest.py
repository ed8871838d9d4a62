"""The app on the two registries that there are: the third backend has the first one's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher

from .. import wiring
from ..conftest import BACKENDS


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    app = ApiLauncher.build(BACKENDS[request.param](tmp_path))
    yield app
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()
