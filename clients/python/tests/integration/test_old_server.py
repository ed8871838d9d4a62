"""A server of version 0.10: what it has works, and what it lacks is named."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest

from algomancy_client import Client, Conflict, Dataset, Refused, RunFailed, Session, Unsupported

from ..support import servers

pytestmark = pytest.mark.skipif(not servers.OLD_PYTHON.exists(), reason="no server of 0.10: make .venv-peer/.ready")

ITEMS = ("items.csv", b"id;name;weight\n1;anvil;12.5\n2;brick;\n")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder, port = tmp_path_factory.mktemp("old"), servers.free_port()
    with servers.wired(str(servers.OLD_PYTHON), folder, port, "memory"):
        (folder / "open").touch()
        with Client(f"http://127.0.0.1:{port}") as client:
            yield client.session()


@pytest.fixture
def data(old: Session) -> Dataset:
    return old.upload(uuid.uuid4().hex, ITEMS)


def test_a_sweep_from_files_to_kpis(old: Session, data: Dataset) -> None:
    runs = old.sweep("Parametrised", data, count=[1, 2], ratio=[0.2, 0.8], text="x")
    assert [run.parameters["count"] for run in runs] == [1, 1, 2, 2]
    runs.wait(timeout=60, check=True)
    kpis = runs.kpis()
    assert list(kpis["count"]) == [1, 1, 2, 2]
    assert len(data["items"]) == 2
    assert str(data["items"]["weight"].dtype) == "float64"
    assert [row["name"] for row in data.rows("items")] == ["anvil", "brick"]
    assert [outcome.done for outcome in runs.delete()] == [True] * 4


def test_one_run(old: Session, data: Dataset) -> None:
    run = old.run("Instant", data)
    assert run.wait(timeout=60).result() is not None
    assert old.scenario(run.tag).id == run.id
    with pytest.raises(Conflict):
        run.start()
    assert run.reset().status == "created"
    with pytest.raises(RunFailed):
        old.run("Fails", data).wait(timeout=60)
    with pytest.raises(Refused):
        old.upload("bad", ("items.csv", b"id,name\n"))


def test_a_sweep_that_cannot_be_created_leaves_nothing(old: Session, data: Dataset) -> None:
    before = {each.id for each in old.scenarios()}
    with pytest.raises(Exception, match="count"):
        old.sweep("Parametrised", data, count=[1, 2, "x"])
    assert {each.id for each in old.scenarios()} == before


LACKS: dict[str, Callable[[Session, Dataset], object]] = {
    "lists of scenarios by conditions": lambda old, data: old.scenarios("status=complete"),
    "labels and notes": lambda old, data: old.run("Instant", data, labels={"a": "b"}),
    "labels, notes and new tags": lambda old, data: old.run("Instant", data).wait().label(a="b"),
    "comparison of scenarios": lambda old, data: old.scenarios().compare(),
    "route to the tables": lambda old, data: data.table("items", limit=1),
    "way to take tables without an ETL": lambda old, data: old.put("x", {"items": data["items"]}),
    "log of a run": lambda old, data: list(old.run("Instant", data).log()),
    "history of runs": lambda old, data: old.run("Instant", data).history(),
    "way to cancel a run": lambda old, data: old.run("Instant", data).cancel(),
    "way to stop a run": lambda old, data: old.run("Instant", data).stop(),
    "options of a run": lambda old, data: old.run("Instant", data, start=False).start(timeout=3),
    "best result of a run": lambda old, data: old.run("Instant", data).result(best=True),
    "events of a session": lambda old, data: next(iter(old.watch())),
}


@pytest.mark.parametrize("feature", LACKS)
def test_what_it_lacks_is_named(old: Session, data: Dataset, feature: str) -> None:
    with pytest.raises(Unsupported, match=f"This server has no {feature}"):
        LACKS[feature](old, data)
