from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import httpx
import pytest

from algomancy_client import (
    Client,
    ConnectionFailed,
    NotComplete,
    Retries,
    RunFailed,
    Scenario,
    Scenarios,
    WaitInterrupted,
    WaitTimeout,
)
from algomancy_client._sync import waiting

from ..support.scripted import QUICK, client_of, listed, problem, sessions, summary

Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "_PAUSE", 0)
    monkeypatch.setattr(waiting, "_INTERVAL", 0.01)
    monkeypatch.setattr(waiting, "_BETWEEN_CHANGES", 0)


class Server:
    """A server with two runs, which moves on whenever it is told."""

    def __init__(self, events: Handler | None = None, changes: Handler | None = None) -> None:
        self.statuses = ["processing", "queued"]
        self.paths: list[str] = []
        self._events = events or (lambda request: problem(404, "Not Found"))
        self._changes = changes or (lambda request: problem(404, "Not Found"))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1/sessions")
        self.paths.append(path.rpartition("/")[2])
        if path == "":
            return sessions()
        if path.endswith("/events"):
            return self._events(request)
        if path.endswith("/wait"):
            return self._changes(request)
        return listed(*self.summaries())

    def summaries(self) -> Iterator[dict[str, object]]:
        for number, status in enumerate(self.statuses, 1):
            yield summary(number, status, **({"error": "KeyError: 'cost'"} if status == "failed" else {}))

    def end(self, first: str = "complete", second: str = "complete") -> None:
        self.statuses = [first, second]

    def changed(self, *numbers: int, gone: tuple[str, ...] = ()) -> httpx.Response:
        """The answer that some have changed."""
        every = list(self.summaries())
        some = [every[number - 1] for number in numbers]
        body = {"scenarios": some, "gone": gone, "done": False, "snapshot": False, "cursor": str(len(self.paths))}
        return httpx.Response(200, json=body)

    def state(self, number: int) -> dict[str, object]:
        return {"id": f"id-{number}", "tag": "x", "status": self.statuses[number - 1], "progress": 50.0}


def runs_of(server: Handler, retries: Retries = QUICK) -> Scenarios:
    return client_of(server, retries).session().scenarios()


def stream(*events: tuple[str, object]) -> httpx.Response:
    text = "".join(f"event: {kind}\nid: 1\ndata: {json.dumps(data)}\n\n" for kind, data in events)
    return httpx.Response(200, text=text, headers={"Content-Type": "text/event-stream"})


def test_events_are_confirmed_by_a_list() -> None:
    def events(request: httpx.Request) -> httpx.Response:
        server.end()
        return stream(("snapshot", {"scenarios": [server.state(1), server.state(2)]}))

    server = Server(events)
    runs = runs_of(server)
    server.paths.clear()
    assert [run.status for run in runs.wait()] == ["complete", "complete"]
    assert server.paths == ["scenarios", "events", "scenarios"]
    assert runs[1].kpis["Cost"].value == 20


def test_what_events_say_is_not_believed_alone() -> None:
    def events(request: httpx.Request) -> httpx.Response:
        done = [{**server.state(number), "status": "complete"} for number in (1, 2)]
        answer = stream(("snapshot", {"scenarios": done}))
        if server.paths.count("events") > 1:
            server.end()
        return answer

    server = Server(events)
    runs_of(server).wait()
    assert server.paths.count("events") == 2


def test_without_events_changes_are_asked_for_until_all_have_ended() -> None:
    cursors: list[str | None] = []

    def changes(request: httpx.Request) -> httpx.Response:
        cursors.append(request.url.params.get("cursor"))
        assert request.url.params["ids"] == "id-1,id-2"
        assert 0 < float(request.url.params["wait"]) <= 20
        if len(cursors) == 1:
            return server.changed(1, 2)
        server.end()
        return server.changed(len(cursors) - 1)

    server = Server(changes=changes)
    runs = runs_of(server)
    assert [run.status for run in runs.wait()] == ["complete", "complete"]
    assert server.paths[1:] == ["scenarios", "scenarios", "events", "scenarios", "wait", "wait", "wait", "scenarios"]
    assert cursors == [None, "6", "7"]


def test_of_many_runs_the_first_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "IDS_AT_A_TIME", 1)

    def changes(request: httpx.Request) -> httpx.Response:
        number = int(request.url.params["ids"].removeprefix("id-"))
        server.statuses[number - 1] = "complete"
        return server.changed(number)

    server = Server(changes=changes)
    runs_of(server).wait()
    assert server.paths[-4:] == ["wait", "scenarios", "wait", "scenarios"]


def test_a_run_that_is_deleted_meanwhile_has_ended() -> None:
    def changes(request: httpx.Request) -> httpx.Response:
        server.statuses = ["complete"]
        return server.changed(1, gone=("id-2",))

    server = Server(changes=changes)
    assert [run.status for run in runs_of(server).wait()] == ["complete", "deleted"]


def test_a_server_without_polls_that_wait_is_asked_from_time_to_time() -> None:
    def old_scenario(request: httpx.Request) -> httpx.Response:
        server.end()
        return problem(404, "Scenario 'wait' not found")

    server = Server(changes=old_scenario)
    runs_of(server).wait()
    assert server.paths.count("wait") == 1


def test_a_limit_of_streams_leads_to_polls() -> None:
    def changes(request: httpx.Request) -> httpx.Response:
        server.end()
        return server.changed(1, 2)

    server = Server(lambda request: problem(429), changes)
    runs_of(server).wait()
    assert server.paths.count("wait") == 1


def test_a_server_that_is_away_is_waited_for() -> None:
    class Away(Server):
        failures = 0

        def __call__(self, request: httpx.Request) -> httpx.Response:
            if "scenarios" in request.url.path and "id" in request.url.params and self.failures < 20:
                self.failures += 1
                raise httpx.ConnectError("refused")
            return super().__call__(request)

    server = Away()
    server.end()
    runs = runs_of(server)
    runs.wait()
    assert server.failures == 20


def test_an_outage_has_an_end() -> None:
    class Away(Server):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            if "id" in request.url.params:
                raise httpx.ConnectError("refused")
            return super().__call__(request)

    runs = runs_of(Away(), Retries(attempts=2, first=0, outage=0))
    with pytest.raises(ConnectionFailed):
        runs.wait()


def test_a_wait_that_takes_too_long_says_how_far_it_is_and_cancels_nothing() -> None:
    server = Server()
    runs = runs_of(server)
    with pytest.raises(WaitTimeout, match=r"0 of 2 runs have ended; 0 %, and the time is over: the others go on"):
        runs.wait(timeout=0.05)
    assert set(server.paths) <= {"", "scenarios", "events", "wait"}


def test_ctrl_c_says_that_runs_go_on_and_cancels_nothing() -> None:
    def events(request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    server = Server(events)
    with pytest.raises(WaitInterrupted, match=r"2 of 2 runs go on at the server: wait\(\) for them again"):
        runs_of(server).wait()
    assert "cancel" not in server.paths


def test_a_run_that_has_failed_raises_for_one_and_for_several_if_asked() -> None:
    server = Server()
    server.end("failed", "failed")
    runs = runs_of(server)
    assert len(runs.wait().failed) == 2
    with pytest.raises(RunFailed, match=r"'run 1': KeyError: 'cost' \(and 1 more have failed\)"):
        runs.wait(check=True)
    with pytest.raises(RunFailed, match=r"'run 2': KeyError: 'cost'$"):
        runs[1].wait()
    assert runs[0].wait(check=False).error == "KeyError: 'cost'"


def one(status: str, **others: object) -> Scenario:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("sessions"):
            return sessions()
        return listed(summary(1, status, **others)) if found else listed()

    found = True
    [run] = client_of(answer).session().scenarios()
    found = status != "gone"
    return run


def test_a_run_that_nobody_has_started_is_not_waited_for() -> None:
    with pytest.raises(NotComplete, match="start"):
        one("created").wait()
    with pytest.raises(RunFailed, match="interrupted by a restart"):
        one("created", interrupted=True).wait()
    with pytest.raises(RunFailed, match="deleted"):
        one("gone").wait()


def test_a_stream_that_brings_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def events(request: httpx.Request) -> httpx.Response:
        raise httpx.ReadTimeout("silent")

    def changes(request: httpx.Request) -> httpx.Response:
        server.end()
        return server.changed(1, 2)

    monkeypatch.setattr(waiting, "SILENCE", 0)
    server = Server(events, changes)
    runs_of(server).wait()
    assert server.paths.count("events") == 1


def test_a_function_is_told_each_standing_once() -> None:
    def events(request: httpx.Request) -> httpx.Response:
        first = {**server.state(1), "progress": 80.0}
        server.end("complete", "failed")
        return stream(
            ("snapshot", {"scenarios": [first]}),
            ("progress", first),
            ("status", server.state(1)),
            ("status", server.state(2)),
        )

    server = Server(events)
    standings: list[str] = []
    runs_of(server).wait(progress=lambda standing: standings.append(str(standing)))
    assert standings == [
        "0 of 2 runs have ended; 0 %", "0 of 2 runs have ended; 40 %", "1 of 2 runs have ended; 50 %",
        "2 of 2 runs have ended, 1 failed; 100 %",
    ]  # fmt: skip


def test_nothing_to_wait_for_is_no_request() -> None:
    server = Server()
    client: Client = client_of(server)
    none = Scenarios(client.session()._calls, [])
    server.paths.clear()
    assert len(none.wait()) == 0
    assert server.paths == []
