"""The changes that a slow client gets: the latest of each scenario, in order."""

import asyncio
from collections import deque
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.live import watched_session
from algomancy_api.live.watched_scenario import State
from algomancy_api.live.watched_session import Change, WatchedSession

STATUSES = ["created", "queued", "processing", "complete", "failed"]


class Manager:
    """A manager of scenarios that are what they are set to."""

    def __init__(self) -> None:
        self.changes: deque[str] | None = None
        self.scenarios: dict[str, tuple[str, float]] = {}

    def position(self, scenario_id: str) -> tuple[str, str, float] | None:
        found = self.scenarios.get(scenario_id)
        return None if found is None else (scenario_id, *found)

    def put(self, scenario_id: str, position: tuple[str, float] | None) -> None:
        self.scenarios.pop(scenario_id, None)
        if position is not None:
            self.scenarios[scenario_id] = position
        assert self.changes is not None
        self.changes.append(scenario_id)


def watched(manager: Any) -> WatchedSession:
    session = WatchedSession(manager, lambda: False)
    session.fill(State(key, *manager.position(key)) for key in manager.scenarios)
    session.look()
    return session


def later(session: WatchedSession, number: int) -> list[Change]:
    changes = session.since(number)
    assert changes is not None
    return changes


def test_progress_of_what_runs_is_looked_for_and_all_else_is_told() -> None:
    manager = Manager()
    manager.scenarios = {"a": ("processing", 1.0), "b": ("created", 0.0)}
    session = watched(manager)
    manager.scenarios = {"a": ("processing", 2.0), "b": ("queued", 0.0)}
    session.look()
    assert [change.id for change in later(session, 0)] == ["a"]
    manager.put("b", ("queued", 0.0))
    session.look()
    assert [(change.id, change.number, change.status_number) for change in later(session, 0)] == [
        ("a", 1, 0),
        ("b", 2, 2),
    ]


def test_what_was_meanwhile_is_not_told() -> None:
    manager = Manager()
    manager.scenarios = {"a": ("processing", 0.0)}
    session = watched(manager)
    for number in range(1, 100):
        manager.scenarios["a"] = ("processing", float(number))
        session.look()
    manager.scenarios["a"] = ("complete", 100.0)
    session.look()
    [change] = later(session, 3)
    assert change.state == State("a", "a", "complete", 100.0)
    assert change.status_number == 100


def test_a_change_of_status_before_a_change_of_progress_is_not_lost() -> None:
    manager = Manager()
    manager.scenarios = {"a": ("queued", 0.0)}
    session = watched(manager)
    for position in (("processing", 0.0), ("processing", 1.0)):
        manager.scenarios["a"] = position
        session.look()
    [change] = later(session, 0)
    assert change.status_number == 1
    [change] = later(session, 1)
    assert change.status_number == 1


def test_who_is_too_far_behind_begins_anew(monkeypatch: Any) -> None:
    monkeypatch.setattr(watched_session, "_MAX_CHANGES", 3)
    manager = Manager()
    session = watched(manager)
    for number in range(5):
        manager.put(str(number), ("created", 0.0))
        session.look()
    assert session.since(1) is None
    assert [change.id for change in later(session, 2)] == ["2", "3", "4"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.none() | st.tuples(st.sampled_from(STATUSES), st.floats(0, 100)))))
def test_the_version_tells_of_the_states_alone(steps: list[tuple[str, tuple[str, float] | None]]) -> None:
    manager = Manager()
    session = watched(manager)
    known: dict[str, tuple[str, float]] = {}
    seen = 0
    for key, position in steps:
        manager.put(key, position)
        session.look()
        for change in later(session, seen):
            if change.state is None:
                known.pop(change.id, None)
            else:
                known[change.id] = change.state.status, change.state.progress
        seen = session.number
    assert known == manager.scenarios
    assert session.version == watched(manager).version


def test_who_waits_is_woken_by_a_change_and_by_nothing_else() -> None:
    async def run() -> None:
        manager = Manager()
        session = watched(manager)
        waiting = asyncio.create_task(session.changed())
        await asyncio.sleep(0)
        session.look()
        await asyncio.sleep(0)
        assert not waiting.done()
        manager.put("a", ("created", 0.0))
        session.look()
        await waiting

    asyncio.run(run())
