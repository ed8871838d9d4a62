"""A wait over the end of the server and its next start."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from algomancy_client import Client, RunFailed, Standing

from ..support import servers


def test_a_wait_survives_a_restart_of_the_server(tmp_path: Path) -> None:
    port = servers.free_port()
    standings: list[Standing] = []
    with servers.wired(servers.SERVER_PYTHON, tmp_path, port, "sqlite") as process:
        client = Client(f"http://127.0.0.1:{port}")
        session = client.session()
        data = session.upload("items", ("items.csv", b"id;name;weight\n1;anvil;12.5\n"))
        runs = session.sweep("Waits", data, gate=["first", "second"])
        waiting = threading.Thread(target=runs.wait, kwargs={"timeout": 90, "progress": standings.append})
        waiting.start()
        servers.eventually(lambda: standings and standings[-1].percent)
        process.kill()
    with servers.wired(servers.SERVER_PYTHON, tmp_path, port, "sqlite"):
        (tmp_path / "second").touch()
        waiting.join(90)
        assert not waiting.is_alive()
    client.close()
    assert [run.status for run in runs] == ["created", "complete"]  # the second one was queued again
    assert standings[-1] == Standing(2, 2, 1, 100.0)
    with pytest.raises(RunFailed, match="interrupted by a restart of the server"):
        runs.check()
