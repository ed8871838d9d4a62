"""Downloads of a large dataset over real HTTP, with the memory of the server: in each form, compressed or not."""

import time
import zlib
from collections.abc import Callable, Iterator
from compression import zstd
from typing import Any

import brotli
import msgspec
import pytest

from ...conftest import default_session, upload_items
from ...support import wiring
from ...support.processes import Process, free_port

MEBIBYTE = 1024 * 1024

READERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda data: zlib.decompress(data, 31),
    "br": brotli.decompress,
    "zstd": zstd.decompress,
}
FORMS: dict[str, Callable[[bytes], Any]] = {
    "application/json": msgspec.json.decode,
    "application/msgpack": msgspec.msgpack.decode,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Process]:
    """A server with the wide table."""
    server = Process("configuration", free_port())
    assert upload_items(server.client, default_session(server.client), "wide").json()["success"] is True
    yield server
    server.end()


@pytest.mark.parametrize("coding", READERS)
@pytest.mark.parametrize("form", FORMS)
def test_a_large_download_costs_little_memory(server: Process, form: str, coding: str) -> None:
    client = server.client
    path = f"{default_session(client)}/data/wide"
    server.reset_peak_memory()
    before = server.peak_memory()
    start = time.perf_counter()
    with client.stream("GET", path, headers={"Accept": form, "Accept-Encoding": coding}) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == form
        assert response.headers.get("content-encoding", "identity") == coding
        chunks = response.iter_raw()
        received = [next(chunks)]
        first_byte = time.perf_counter() - start
        received.extend(chunks)
    seconds = time.perf_counter() - start
    growth = server.peak_memory() - before
    size = sum(map(len, received))
    print(
        f"{form}, {coding}: {size / 1e6:.1f} MB, first byte {first_byte * 1000:.0f} ms, whole {seconds:.2f} s, "
        f"memory {growth / MEBIBYTE:.0f} MiB more"
    )
    table = FORMS[form](READERS[coding](b"".join(received)))["tables"]["wide"]
    assert len(table["data"]) == wiring.WIDE_ROWS
    assert table["data"][-1]["id"] == wiring.WIDE_ROWS - 1
    assert table["index"] == list(range(wiring.WIDE_ROWS))
    assert growth < 60 * MEBIBYTE
