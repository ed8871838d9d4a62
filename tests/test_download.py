"""A large dataset, over real HTTP from a process that can be weighed."""

import json
import time

from . import wiring
from .conftest import default_session, upload_items
from .processes import Process, free_port

MEBIBYTE = 1024 * 1024


def test_a_large_download_costs_little_memory() -> None:
    server = Process("configuration", free_port())
    client = server.client
    session = default_session(client)
    assert upload_items(client, session, "wide").json()["success"] is True
    server.forget_peak()
    before = server.peak_memory()
    start = time.perf_counter()
    with client.stream("GET", f"{session}/data/wide") as response:
        assert response.status_code == 200
        chunks = response.iter_raw()
        received = [next(chunks)]
        first_byte = time.perf_counter() - start
        received.extend(chunks)
    seconds = time.perf_counter() - start
    growth = server.peak_memory() - before
    server.end()
    print(f"first byte {first_byte * 1000:.0f} ms, whole {seconds:.2f} s, memory {growth / MEBIBYTE:.0f} MiB more")
    table = json.loads(b"".join(received))["tables"]["wide"]
    assert len(table["data"]) == wiring.WIDE_ROWS
    assert table["data"][-1]["id"] == wiring.WIDE_ROWS - 1
    assert table["index"] == list(range(wiring.WIDE_ROWS))
    assert growth < 60 * MEBIBYTE
