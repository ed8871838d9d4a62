"""The app under the ASGI worker of Gunicorn, in processes of its own. Skipped without Gunicorn."""

from pathlib import Path

import pytest

from . import clients_that_leave, serverchecks

pytest.importorskip("gunicorn.asgi")

GUNICORN = ["-m", "gunicorn", "--no-control-socket", "--worker-class", "asgi", "--bind", "127.0.0.1:{port}"]
IMPORTED = [*GUNICORN, "--graceful-timeout", "1", "tests.integration.hosts.served:app"]


def test_everything_is_there(tmp_path: Path) -> None:
    serverchecks.check_everything_is_there(IMPORTED, tmp_path)


def test_clients_that_leave(tmp_path: Path) -> None:
    clients_that_leave.check_clients(IMPORTED, tmp_path)
