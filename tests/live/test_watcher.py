"""The changes that a slow client gets: the latest of each scenario, in order."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.live import watched_changes, watched_session, watcher
from algomancy_api.live.selection import WHOLE, Selection
from algomancy_api.live.watched_scenario import State
from algomancy_api.live.watched_session import Change, DatasetChange, WatchedSession
from algomancy_api.live.watcher import Watcher

from .managers import STATUSES, Manager, filled


def watched(manager: Any, selection: Selection = WHOLE) -> WatchedSession:
    return filled(WatchedSession(manager, lambda: False, selection))


def later(session: WatchedSession, number: int) -> list[Change]:
    """The changes of scenarios after one of a number."""
    changes = session.since(number)
    assert changes is not None
    return [change for change in changes if isinstance(change, Change)]


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


def test_what_waits_in_the_queue_is_looked_at_when_it_is_noted(monkeypatch: Any) -> None:
    manager = Manager()
    manager.scenarios = {str(number): ("queued", 0.0) for number in range(100)} | {"a": ("processing", 1.0)}
    session = watched(manager)
    asked: list[str] = []
    position = manager.position

    def asked_for(scenario_id: str) -> Any:
        asked.append(scenario_id)
        return position(scenario_id)

    monkeypatch.setattr(manager, "position", asked_for)
    session.look()
    assert asked == ["a"]
    manager.scenarios["7"] = ("failed", 0.0)
    manager.changes.run("7")
    manager.changes.run("8")
    session.look()
    assert asked == ["a", "a", "7", "8"]
    assert [change.id for change in later(session, 0)] == ["7"]


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
        manager.changes.run("a")
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


# Some scenarios, and datasets ----------------------------------------------------------------------------------


def test_a_scenario_that_gets_the_label_comes_and_one_that_loses_it_goes() -> None:
    manager = Manager()
    manager.put("a", ("created", 0.0), {"sweep": "s1"})
    manager.put("b", ("created", 0.0), {"sweep": "s2"})
    session = watched(manager, Selection(labels=frozenset({"sweep:s1"})))
    assert list(session.states) == ["a"]
    first = session.version
    manager.put("a", ("created", 0.0), {})
    manager.put("b", ("created", 0.0), {"sweep": "s1"})
    manager.put("c", ("created", 0.0), {"sweep": "s3"})
    session.look()
    assert [(change.id, change.state is None) for change in later(session, 0)] == [("a", True), ("b", False)]
    manager.put("b", None)
    manager.put("a", ("created", 0.0), {"sweep": "s1"})
    session.look()
    assert session.version == first, "a version depends on what is selected alone"


def test_datasets_are_told_with_all_scenarios_only() -> None:
    manager = Manager()
    manager.put_dataset("a", "1")
    everything = watched(manager)
    some = watched(manager, Selection(ids=frozenset({"x"})))
    first = everything.version
    assert (list(everything.datasets), list(some.datasets)) == (["a"], [])
    manager.put_dataset("b", "2")
    manager.put_dataset("a", None)
    for session in (everything, some):
        session.look()
    found = [(change.key, change.mark and change.mark.id) for change in datasets(everything)]
    assert found == [("b", "2"), ("a", None)]
    assert (some.number, some.since(0)) == (0, [])
    manager.put_dataset("b", None)
    assert everything.version != first
    manager.put_dataset("b", None)
    everything.look()
    assert everything.number == 3, "what was noted and is as before is no change"


def test_a_dataset_that_replaces_one_of_the_same_id_is_told() -> None:
    manager = Manager()
    manager.put_dataset("a", "1")
    session = watched(manager)
    first = session.version
    manager.put_dataset("a", "1")
    session.look()
    assert len(datasets(session)) == 1
    assert session.version != first
    assert session.version == watched(manager).version != watched(Manager()).version


def datasets(session: WatchedSession) -> list[DatasetChange]:
    return [change for change in session.since(0) or () if isinstance(change, DatasetChange)]


# What is kept without a client ---------------------------------------------------------------------------------


def asked(watching: Watcher, manager: Any, selection: Selection = WHOLE) -> Any:
    """What a client sees that goes at once."""

    async def ask() -> Any:
        with watching.changes(manager, lambda: manager.is_gone, selection) as changes:
            waiting = asyncio.create_task(changes.changed())
            await asyncio.sleep(0)
            assert not waiting.done()
            waiting.cancel()
            return filled(changes)

    return asyncio.run(ask())


def test_changes_are_kept_for_the_next_request() -> None:
    manager, watching = Manager(), Watcher()
    first = asked(watching, manager)
    assert asked(watching, manager) is first, "on another event loop, too"
    manager.put("a", ("created", 0.0))
    assert asked(watching, manager) is first
    assert asked(watching, manager, Selection(ids=frozenset({"a"}))) is not first
    assert first.told(first.told(None).cursor.partition("-")[0] + "-0").ids == ["a"]


def test_what_is_kept_ends_with_the_time_the_session_and_the_server(monkeypatch: Any) -> None:
    manager, watching = Manager(), Watcher()
    asked(watching, manager)
    assert manager.changes.is_followed
    manager.is_gone = True
    watching.look()
    watching._drop_lingering()
    assert (watching._watched, manager.changes.is_followed) == ({}, False)

    manager.is_gone = False
    asked(watching, manager)
    watching._drop_lingering()
    assert watching._watched
    monkeypatch.setattr(watched_changes, "_LINGER", 0)
    watching._drop_lingering()
    assert not watching._watched

    monkeypatch.undo()
    watching.end()
    asked(watching, manager)
    assert (watching._watched, manager.changes.is_followed) == ({}, False)


def test_what_a_client_watches_is_not_dropped(monkeypatch: Any) -> None:
    manager: Any = Manager()
    watching = Watcher()
    first = asked(watching, manager)
    monkeypatch.setattr(watched_changes, "_LINGER", 0)

    async def ask() -> None:
        with watching.changes(manager, lambda: False, WHOLE) as changes:
            watching._drop_lingering()
            assert changes is first
            assert manager.changes.is_followed

    asyncio.run(ask())
    assert not manager.changes.is_followed


def test_little_is_kept_of_many(monkeypatch: Any) -> None:
    monkeypatch.setattr(watcher, "_MOST_LINGERING", 3)
    manager, watching = Manager(), Watcher()
    selections = [Selection(ids=frozenset({name})) for name in "abcde"]
    for selection in selections:
        asked(watching, manager, selection)
    assert [key[1] for key in watching._watched] == selections[2:]  # type: ignore[index]

    monkeypatch.setattr(watcher, "_MOST_LINGERING_SCENARIOS", 3)
    for name in "abcd":
        manager.put(name, ("created", 0.0))
    asked(watching, manager)
    assert [key[1] for key in watching._watched] == [WHOLE], "the last one is kept, whatever its size"  # type: ignore[index]
