"""The lines of the README, and what else a notebook does, against the example over TCP."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from algomancy_client import (
    BadRequest,
    Client,
    Conflict,
    Dataset,
    NotComplete,
    NotFound,
    Refused,
    RunFailed,
    Session,
    WaitTimeout,
)

from ..support.servers import DATA

CITIES = DATA / "cities.csv"
INSTANCE = DATA / "instance.csv"


def new(name: str) -> str:
    return f"{name} {uuid.uuid4().hex[:6]}"


def test_a_sweep_from_files_to_a_picture(session: Session) -> None:
    pd = pytest.importorskip("pandas")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")

    data = session.upload(new("base"), CITIES, INSTANCE)
    runs = session.sweep("Nearest neighbour", data, start_city=[1, 2, 3], data_parameters={"first_cities": 100})
    assert [run.parameters["start_city"] for run in runs] == [1, 2, 3]
    runs.wait(timeout=60, check=True)
    kpis = runs.kpis()
    assert list(kpis["start_city"]) == [1, 2, 3]
    assert (kpis["Tour length [unit]"] > 0).all()
    assert set(kpis["status"]) == {"complete"}
    assert str(kpis["Gap to optimum passed"].dtype) in ("boolean", "object")
    comparison = runs.compare(baseline=runs[0])
    assert comparison.baseline == runs[0].id
    figure = comparison.plot()
    assert figure.axes[0].get_title() == "Tour length [unit]"
    pyplot.close(figure)
    assert isinstance(comparison.frame(), pd.DataFrame)

    cities = data["cities"]
    assert {name: str(kind) for name, kind in cities.dtypes.items()} == {"id": "int64", "x": "float64", "y": "float64"}
    assert len(cities) == 442
    assert [run.tag for run in session.scenarios(f"label=sweep:{runs[0].labels['sweep']}", "status=complete")] == [
        run.tag for run in runs
    ]
    assert all(outcome.done for outcome in runs.delete())
    assert [run.status for run in runs] == ["deleted"] * 3
    data.delete()
    with pytest.raises(NotFound):
        session.dataset(data.key)


def test_a_sweep_may_have_more_scenarios_than_one_request_creates(session: Session) -> None:
    data = session.upload(new("base"), CITIES, INSTANCE)
    several = {"data_parameters": {"first_cities": 5}, "repetitions": 501}
    tag = new("many")
    with pytest.raises(BadRequest):
        session.sweep("Nearest neighbour", data, tag=tag, start_city=[1, 2, "x"], **several)
    assert len(session.scenarios(f"label=sweep:{tag}")) == 0
    runs = session.sweep("Nearest neighbour", data, tag=tag, start_city=[1, 2], **several)
    assert len(runs) == len(session.scenarios(f"label=sweep:{tag}")) == 1002
    assert {run.status for run in runs} == {"queued"}
    runs.cancel()
    runs.wait()
    runs.delete()
    data.delete()


def test_data_that_is_refused_raises_with_every_message(session: Session) -> None:
    rows = CITIES.read_bytes().splitlines()
    broken = b"\n".join([*rows[:5], rows[1]])
    with pytest.raises(Refused) as caught:
        session.upload(new("broken"), ("cities.csv", broken), INSTANCE)
    assert caught.value.messages
    faults = [message for message in caught.value.messages if message.severity != "INFO"]
    assert faults
    assert all(str(message) in str(caught.value) for message in faults)
    assert {message.table for message in caught.value.messages} >= {"cities"}
    with pytest.raises(BadRequest, match="depots"):
        session.upload(new("unknown"), ("depots.csv", b"x"))
    with pytest.raises(ValueError, match="at least one file"):
        session.upload(new("empty"))
    with pytest.raises(FileNotFoundError):
        session.upload(new("missing"), Path("missing.csv"))


def test_a_run_from_its_creation_to_its_end(session: Session, data: Dataset) -> None:
    run = session.run("Nearest neighbour", data, start_city=5, labels={"region": "north"}, note="first")
    assert run.status in ("queued", "processing", "complete")
    assert len(run.wait(timeout=60).result()["tour"]) == 442
    assert run.kpis["Tour length"].value
    assert (run.dataset, run.algorithm, run.parameters) == ("Master data", "Nearest neighbour", {"start_city": 5})
    assert run.history()[0]["outcome"] == "complete"
    assert run.label(region=None, draft="").labels == {"draft": ""}
    assert run.edit(tag=new("renamed"), note="").note == ""
    assert session.scenario(run.tag).id == session.scenario(run.id).id == run.id
    with pytest.raises(Conflict):
        run.start()
    run.reset()
    assert run.status == "created"
    with pytest.raises(NotComplete, match="start"):
        run.result()
    run.start(timeout=30).wait(timeout=60)
    run.delete()
    with pytest.raises(NotFound):
        run.refresh()


def test_a_run_that_goes_on_can_be_cancelled_and_stopped(session: Session, data: Dataset) -> None:
    run = session.run("Slow", data, duration=60)
    with pytest.raises(WaitTimeout):
        run.wait(timeout=0.3)
    with pytest.raises(NotComplete, match="wait"):
        run.result()
    run.cancel()
    with pytest.raises(RunFailed, match="Cancelled"):
        run.wait(timeout=30)
    best = session.run("Simulated annealing", data, sweeps=100_000)
    while not best.refresh().progress:
        pass
    best.stop(grace=30)
    assert best.wait(timeout=60).status == "complete"
    best.delete()
    run.delete()


def test_what_makes_no_sense_is_refused_and_creates_nothing(session: Session, data: Dataset) -> None:
    before = len(session.scenarios())
    with pytest.raises(BadRequest, match="start_city"):
        session.sweep("Nearest neighbour", data, start_city=[1, "x"])
    with pytest.raises(NotFound, match="Newest"):
        session.run("Newest", data)
    with pytest.raises(NotFound, match="no data"):
        session.run("Slow", "no data")
    assert len(session.scenarios()) == before


def test_parts_of_tables(data: Dataset) -> None:
    part = data.table("cities", columns=["id", "x"], where="x > 1000", order="-x,id", limit=5)
    assert (list(part.columns), len(part), part["x"].is_monotonic_decreasing) == (["id", "x"], 5, True)
    assert data.table("cities", aggregate="count:")["count"].tolist() == [442]
    assert data.rows("cities", limit=1, order="id")[0]["id"] == 1
    assert [table.name for table in data.tables()] == ["instance", "cities"]
    assert "cities" in data._repr_html_()
    with pytest.raises(NotFound):
        data["towns"]


def test_frames_can_be_put_and_come_back(session: Session, data: Dataset) -> None:
    pd = pytest.importorskip("pandas")
    tables = {name: data[name] for name in ("instance", "cities")}
    copy = session.put(new("copy"), tables)
    for name, frame in tables.items():
        pd.testing.assert_frame_equal(copy[name], frame)
    derived = copy.derive(new("derived"))
    assert derived.key in [each.key for each in session.datasets()]
    assert "instance (1 row), cities (442 rows)" in session.datasets()._repr_html_()
    with pytest.raises(Refused):
        session.put(new("empty"), {"cities": tables["cities"].head(0), "instance": tables["instance"]})
    copy.delete()
    derived.delete()


def test_the_log_of_a_run(session: Session, data: Dataset) -> None:
    run = session.run("2-opt", data, data_parameters={"first_cities": 50})
    lines = list(run.log(follow=True))
    assert run.refresh().status == "complete"
    assert [line.text for line in run.log()] == [line.text for line in lines]
    run.delete()


def test_sessions(client: Client) -> None:
    session = client.create_session(new("what if"))
    copied = session.copy(new("copied"))
    assert client.session(session.id).name == session.name
    assert copied.rename(new("again")).name == client.session(copied.id).name
    for each in (session, copied):
        each.delete()
    with pytest.raises(NotFound, match=r"Session .* not found; there are 'main'"):
        client.session(session.name)
    assert "Slow" in client.session().algorithms()


def test_the_states_of_a_session_as_they_change(session: Session, data: Dataset) -> None:
    run = session.run("Slow", data, duration=1)
    seen = []
    for state in session.watch():
        if state.id == run.id:
            seen.append(state.status)
        if seen[-1:] == ["complete"]:
            break
    assert "processing" in seen
    run.refresh().delete()


def test_a_key_that_is_sent_again_makes_no_second_scenario(url: str, session: Session, data: Dataset) -> None:
    import httpx

    class Lossy(httpx.HTTPTransport):
        lost = 0

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            if request.method == "POST" and not self.lost:
                self.lost += 1
                response.read()
                response.close()
                raise httpx.ReadError("the answer is lost", request=request)
            return response

    with httpx.Client(transport=Lossy()) as http:
        runs = Client(url, http_client=http).session().sweep("Nearest neighbour", data, start_city=[1, 2])
        name = runs[0].labels["sweep"]
        assert len(session.scenarios(f"label=sweep:{name}")) == 2
        runs.wait(timeout=60).delete()
