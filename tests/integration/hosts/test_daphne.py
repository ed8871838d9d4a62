"""The app under Daphne, in a process of its own. Skipped without Daphne.

Daphne has no lifespan, so nothing is asked of the end of the app.
"""

from pathlib import Path

import pytest

from . import clients_that_leave, serverchecks

pytest.importorskip("daphne")

IMPORTED = ["-m", "daphne", "--port", "{port}", "tests.integration.hosts.served:app"]


def test_everything_is_there(tmp_path: Path) -> None:
    serverchecks.check_everything_is_there(IMPORTED, tmp_path)


def test_clients_that_leave(tmp_path: Path) -> None:
    clients_that_leave.check_clients(IMPORTED, tmp_path)
