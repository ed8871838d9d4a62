"""Fixture: the app in memory and on a database; the JSON backend has the same registry as memory."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from ..conftest import app_on


@pytest.fixture(params=["memory", "sqlite"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Starlette]:
    with app_on(request.param, tmp_path, request) as app:
        yield app
