"""Large datasets in files that children map: handed over once, right after a change, and gone with the dataset."""

import gc
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from algomancy_api import ApiConfiguration, ApiLauncher
from algomancy_api.engines.process.transport.mapped import MIN_SIZE, BufferFiles, Mapped

from ...conftest import create, default_session, upload_items
from ...support.clients import calling, ended
from . import bounded

MB = 1024**2


class Owner:
    """What owns buffers."""


def buffers(number: int, size: int = MIN_SIZE) -> list[memoryview]:
    return [memoryview(np.full(size, number, np.uint8)), memoryview(b"the second one")]


@pytest.fixture
def files(tmp_path: Path) -> BufferFiles:
    return BufferFiles(lambda: tempfile.mkdtemp(dir=tmp_path))


def shared(files: BufferFiles, owner: Owner, some: list[memoryview]) -> Mapped:
    with files.lent(owner) as share:
        mapped = share(some)
    assert mapped is not None
    return mapped


def test_the_same_buffers_are_written_once(files: BufferFiles) -> None:
    owner = Owner()
    first, second = shared(files, owner, buffers(1)), shared(files, owner, buffers(1))
    assert first == second
    assert [bytes(one) for one in first.buffers()] == [bytes(one) for one in buffers(1)]


def test_what_one_process_changes_is_its_own(files: BufferFiles) -> None:
    mapped = shared(files, owner := Owner(), buffers(1))
    mapped.buffers()[0][0] = 9
    assert mapped.buffers()[0][0] == 1
    assert shared(files, owner, buffers(1)) == mapped


@pytest.mark.parametrize(
    "change", [buffers(2), buffers(1)[:1], buffers(1, MIN_SIZE + 1)], ids=["value", "fewer", "size"]
)
def test_other_buffers_get_another_file(files: BufferFiles, tmp_path: Path, change: list[memoryview]) -> None:
    first, second = shared(files, owner := Owner(), buffers(1)), shared(files, owner, change)
    assert first.path != second.path
    assert [bytes(one) for one in second.buffers()] == [bytes(one) for one in change]
    assert [str(path) for path in tmp_path.glob("*/*")] == [second.path]


def test_a_file_stays_while_a_run_uses_it(files: BufferFiles, tmp_path: Path) -> None:
    owner = Owner()
    with files.lent(owner) as share:
        mapped = share(buffers(1))
        shared(files, owner, buffers(2))
        files.close()
        assert mapped is not None
        assert mapped.buffers()[0][0] == 1
    assert not list(tmp_path.iterdir())


def test_a_file_goes_with_its_owner(files: BufferFiles, tmp_path: Path) -> None:
    owner = Owner()
    shared(files, owner, buffers(1))
    assert list(tmp_path.iterdir())
    del owner
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_the_end_of_an_owner_waits_for_nobody(files: BufferFiles, tmp_path: Path) -> None:
    first, second = Owner(), Owner()
    shared(files, first, buffers(1))
    entered, goes_on = threading.Event(), threading.Event()

    def hold() -> None:
        with files._lock:
            entered.set()
            assert goes_on.wait(90)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(90)
    del first
    gc.collect()  # it would not return
    assert len(list(tmp_path.iterdir())) == 1
    goes_on.set()
    holder.join()
    shared(files, second, buffers(2))
    assert len(list(tmp_path.iterdir())) == 1


def test_those_that_were_used_last_stay(files: BufferFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.engines.process.transport.mapped._MOST_KEPT", 2.5 * MIN_SIZE)
    first, second, third = Owner(), Owner(), Owner()
    for owner in (first, second, first, third):
        shared(files, owner, buffers(1))
    assert len(list(tmp_path.iterdir())) == 2
    before = set(tmp_path.iterdir())
    shared(files, first, buffers(1))
    assert set(tmp_path.iterdir()) == before
    shared(files, second, buffers(1))
    assert set(tmp_path.iterdir()) != before


def test_small_ones_without_space_and_without_an_owner_go_through_the_socket(files: BufferFiles) -> None:
    def full() -> str:
        raise OSError(28, "No space left on device")

    for own, owner, some in (
        (files, Owner(), buffers(1, 100)),
        (BufferFiles(full), Owner(), buffers(1)),
        (files, (), buffers(1)),
    ):
        with own.lent(owner) as share:
            assert share(some) is None


# Runs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ["process"])
def test_a_run_has_what_a_host_has_changed_and_no_copy_of_the_rest(configured: Callable[..., ApiConfiguration]) -> None:
    with calling(app := ApiLauncher.build(configured(algorithms=bounded.ALGORITHMS))) as client:
        session = default_session(client)
        upload_items(client, session)
        manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
        small = weighed(client, session, "small")
        table = pd.DataFrame({"x": np.zeros(200 * MB // 8), "text": "a"})  # 200 MB of numbers, and more of texts
        manager.get_data("items").tables["large"] = table
        first, second = weighed(client, session, "first"), weighed(client, session, "second")
        table.loc[0, "x"] = 7.0
        third = weighed(client, session, "third")
    assert [run["sum"] for run in (first, second, third)] == [0, 0, 7]
    assert max(run["memory"] for run in (first, second, third)) < small["memory"] + 20 * MB


@pytest.mark.parametrize("engine", ["process"])
def test_a_dataset_larger_than_the_memory_of_a_run_fails_it(configured: Callable[..., ApiConfiguration]) -> None:
    configuration = configured(algorithms=bounded.ALGORITHMS, memory_per_run=1_500 * MB)
    with calling(app := ApiLauncher.build(configuration)) as client:
        session = default_session(client)
        upload_items(client, session)
        manager = app.state.session_manager.get_scenario_manager(session.rpartition("/")[2])
        manager.get_data("items").tables["large"] = pd.DataFrame({"x": np.zeros(1_600 * MB // 8)})
        scenario = create(client, session, "Weighs", run=True)
        form = ended(client, session, scenario)
    assert form["result"]["error"].startswith("The run needs more memory than memory_per_run allows"), form


def weighed(client: Any, session: str, tag: str) -> dict[str, int]:
    form = ended(client, session, create(client, session, "Weighs", tag, run=True))
    assert form["status"] == "complete", form
    seen: dict[str, int] = form["result"]["seen"]
    return seen
