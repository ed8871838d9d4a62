"""The fault test: start a server, check it, load it, kill it, and start again."""

import contextlib
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import sqlalchemy as sa
from algomancy_data.database.models import DATASET_COL, SESSION_COL
from algomancy_scenario.persistence.models import SCENARIO_COL

from ...support.clients import PATIENCE
from ...support.databases import Database
from ...support.processes import Process, free_port
from .client import Client

CLIENTS = 4

#: Seconds: longest load before a kill.
_LONGEST_LOAD = 1.5

#: Seconds: timeout of a start, on a busy machine.
_START = 120

#: Share of rounds with a kill during the start, and seconds: its latest moment.
_SHARE_OF_EARLY_KILLS = 0.15
_EARLY = 4.0


def kill_again_and_again(database: Database, kills: int, seed: int, tell: Callable[[str], None]) -> int:
    """Kill a server repeatedly, check it each time, and return the number of confirmed requests.

    Raises:
        AssertionError: A confirmed change is lost, or something is half written.
    """
    chance = random.Random(seed)  # noqa: S311
    clients = [Client(number, seed) for number in range(CLIENTS)]
    with tempfile.TemporaryDirectory() as uploads:
        for number in range(kills):
            if chance.random() < _SHARE_OF_EARLY_KILLS:
                _kill_early(database, uploads, chance.uniform(0, _EARLY))
            server = _started(database, uploads)
            _check(server, clients, database, Path(uploads))
            _load(server, clients, chance.uniform(0.05, _LONGEST_LOAD))
            tell(f"kill {number + 1}: {sum(client.answered for client in clients)} requests were answered so far")
        server = _started(database, uploads)
        _check(server, clients, database, Path(uploads))
        server.end(signal.SIGKILL)
    return sum(client.answered for client in clients)


def _started(database: Database, uploads: str, patience: float = _START) -> Process:
    return Process(
        "configuration",
        free_port(),
        module="tests.integration.faults.wiring",
        patience=patience,
        WIRING_DATABASE=database.url,
        TMPDIR=uploads,
    )


def _kill_early(database: Database, uploads: str, seconds: float) -> None:
    server = _started(database, uploads, patience=0)
    time.sleep(seconds)  # the kill may come at any stage of the start
    server.end(signal.SIGKILL)


def _load(server: Process, clients: list[Client], seconds: float) -> None:
    """Run the clients until the server is killed after some seconds."""
    killer = threading.Timer(seconds, os.kill, (server.process_id, signal.SIGKILL))
    with ThreadPoolExecutor(len(clients)) as pool, contextlib.ExitStack() as stack:
        killer.start()
        try:
            apis = [
                stack.enter_context(httpx.Client(base_url=server.client.base_url, timeout=PATIENCE)) for _ in clients
            ]
            for work in [pool.submit(client.work, api) for client, api in zip(clients, apis, strict=True)]:
                work.result()
        finally:
            killer.join()
            server.end(signal.SIGKILL)


def _check(server: Process, clients: list[Client], database: Database, uploads: Path) -> None:
    try:
        for client in clients:
            client.check(server.client)
        with database.connected() as connection:
            assert _orphans(connection) == {}
        assert [path.name for path in uploads.iterdir() if path.is_dir()] == []
    except BaseException:
        server.end(signal.SIGKILL)
        raise


def _orphans(connection: sa.Connection) -> dict[str, int]:
    """The number of orphaned rows, by table."""
    sessions = "SELECT id FROM algomancy_sessions"
    belongs = {
        "algomancy_datasets": f"session_id IN ({sessions})",
        "algomancy_scenarios": f"session_id IN ({sessions})",
        "algomancy_scenario_runs": "scenario_id IN (SELECT id FROM algomancy_scenarios)",
        "algomancy_kpi_measurements": "run_id IN (SELECT run_id FROM algomancy_scenario_runs)",
    }
    for table in sa.inspect(connection).get_table_names():
        if table.startswith("algomancy_ds__"):
            own = f'd.session_id = t."{SESSION_COL}" AND d.name = t."{DATASET_COL}"'
            belongs[table] = f"EXISTS (SELECT 1 FROM algomancy_datasets d WHERE {own})"  # noqa: S608
        if table.startswith("algomancy_result__"):
            belongs[table] = f'"{SCENARIO_COL}" IN (SELECT scenario_id FROM algomancy_scenario_runs)'  # noqa: S608
    counts = {}
    for table, condition in belongs.items():
        count = f'SELECT count(*) FROM "{table}" t WHERE NOT ({condition})'  # noqa: S608
        counts[table] = connection.exec_driver_sql(count).scalar_one()
    return {table: count for table, count in counts.items() if count}
