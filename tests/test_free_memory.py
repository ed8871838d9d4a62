"""What is free is the least of the machine and the control groups of the process; who would take more is refused."""

import os
from math import inf
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from algomancy_api import free_memory

from .conftest import API, create, upload_items
from .support.clients import AppClient
from .support.errors import assert_error
from .support.tables import parquet, put

MIB = 1024**2

#: A machine with 100 MiB free of 200.
MACHINE = {"proc/meminfo": "MemTotal: 204800 kB\nMemAvailable: 102400 kB\n"}

V2 = {"proc/self/cgroup": "0::/batch/job\n", "sys/fs/cgroup/memory.stat": "anon 1\n"}
V1 = {"proc/self/cgroup": "9:name=systemd:/\n8:cpu,memory:/job\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "x"}


def group(folder: str, most: str, used: int, cached: int = 0) -> dict[str, str]:
    """The files of a group of version 2."""
    files = {"memory.max": most, "memory.current": str(used), "memory.stat": f"inactive_file {cached}\nactive_file 0\n"}
    return {f"sys/fs/cgroup/{folder}/{name}": text for name, text in files.items()}


def old_group(folder: str, most: int, used: int, cached: int) -> dict[str, str]:
    """The files of a group of version 1."""
    stat = f"inactive_file 7\ntotal_inactive_file 0\ntotal_active_file {cached}\n"
    files = {"memory.limit_in_bytes": str(most), "memory.usage_in_bytes": str(used), "memory.stat": stat}
    return {f"sys/fs/cgroup/memory/{folder}/{name}": text for name, text in files.items()}


@pytest.mark.parametrize(
    ("files", "free"),
    [
        ({}, inf),
        (MACHINE, 100 * MIB),
        (MACHINE | V2, 100 * MIB),
        (MACHINE | V2 | group("batch/job", "max", 5 * MIB), 100 * MIB),
        (MACHINE | V2 | group("batch/job", str(50 * MIB), 30 * MIB, 10 * MIB), 30 * MIB),
        (MACHINE | V2 | group("batch/job", str(500 * MIB), 0) | group("batch", str(60 * MIB), 40 * MIB), 20 * MIB),
        (MACHINE | V2 | group("", str(60 * MIB), 40 * MIB), 20 * MIB),  # in a container, whose path is that of the host
        (MACHINE | V1 | old_group("job", 50 * MIB, 30 * MIB, 10 * MIB), 30 * MIB),
        (MACHINE | V1 | old_group("job", 2**63 - 4096, 30 * MIB, 10 * MIB), 100 * MIB),
    ],
)
def test_the_least_is_what_is_free(tmp_path: Path, files: dict[str, str], free: float) -> None:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert free_memory.free_memory(tmp_path) == free


@pytest.mark.skipif(not Path("/proc/meminfo").exists(), reason="only Linux says")
def test_this_machine_has_some() -> None:
    assert 0 < free_memory.free_memory(Path("/")) <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with little free memory, in which little is much."""
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemAvailable: 1 kB\n")
    monkeypatch.setattr(free_memory, "_ROOT", tmp_path)
    monkeypatch.setattr(free_memory, "_LITTLE", 2000)
    monkeypatch.setattr("algomancy_api.concurrency.body_memory._STEP", 2000)


def etl(client: AppClient, session: str) -> Any:
    files = {"files": ("items.csv", "id;name\n" + "1;one\n" * 1000)}
    return client.post(f"{session}/etl", data={"dataset_name": "much"}, files=files)


def from_json(client: AppClient, session: str) -> Any:
    return client.post(f"{session}/data/from-json", content=b" " * 3000)


def in_parquet(client: AppClient, session: str) -> Any:
    return put(client, f"{session}/data/much", {"items.parquet": parquet(pd.DataFrame({"id": range(1000)}))})


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("send", [etl, from_json, in_parquet])
def test_what_has_no_room_is_refused_and_changes_nothing(client: AppClient, session: str, send: Any) -> None:
    response = send(client, session)
    assert_error(response, 503)
    assert "memory" in response.json()["detail"]
    assert int(response.headers["retry-after"]) > 0
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}
    assert upload_items(client, session, "little").status_code == 200
    assert create(client, session)
    assert client.get(f"{API}/sessions").status_code == 200
