"""What a client is told that asks again and again: all that has changed, whenever it asks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.live import watched_session
from algomancy_api.live.selection import WHOLE, Selection
from algomancy_api.live.watched_changes import Told, WatchedChanges

from .managers import STATUSES, Manager, filled


def watched(manager: Any, selection: Selection = WHOLE) -> WatchedChanges:
    return filled(WatchedChanges(manager, lambda: manager.is_gone, selection))


def looked(changes: WatchedChanges, cursor: str | None) -> Told:
    changes.look()
    return changes.told(cursor)


def test_the_first_answer_is_all_and_the_next_is_what_has_changed() -> None:
    manager = Manager()
    manager.put("a", ("created", 0.0))
    manager.put("b", ("complete", 100.0))
    changes = watched(manager)
    first = changes.told(None)
    assert first == Told(["a", "b"], [], False, True, first.cursor)
    assert changes.is_unchanged(first.cursor)
    assert looked(changes, first.cursor) == Told([], [], False, False, first.cursor)

    manager.put("a", ("failed", 0.0))
    manager.put("b", None)
    second = looked(changes, first.cursor)
    assert second == Told(["a"], ["b"], True, False, second.cursor)
    assert not changes.is_unchanged(first.cursor)
    assert changes.is_unchanged(second.cursor)


def test_ids_that_are_not_there_are_gone() -> None:
    manager = Manager()
    manager.put("a", ("created", 0.0))
    changes = watched(manager, Selection(frozenset({"a", "z", "y"})))
    first = changes.told(None)
    assert (first.ids, first.gone) == (["a"], ["y", "z"])
    manager.put("b", ("created", 0.0))
    manager.put("z", None)
    assert looked(changes, first.cursor) == Told([], [], False, False, first.cursor)
    manager.put("a", None)
    second = looked(changes, first.cursor)
    assert (second.ids, second.gone, second.done) == ([], ["a"], True)


def test_what_is_noted_is_told_even_if_its_state_is_the_same() -> None:
    """A label, a note, or a second run between two looks, whose KPIs are others."""
    manager = Manager()
    manager.put("a", ("complete", 100.0))
    changes = watched(manager)
    first = changes.told(None)
    manager.put("a", ("complete", 100.0))
    assert looked(changes, first.cursor).ids == ["a"]


def test_datasets_are_no_changes() -> None:
    manager = Manager()
    changes = watched(manager)
    first = changes.told(None)
    manager.put_dataset("a", "1")
    assert looked(changes, first.cursor) == Told([], [], True, False, first.cursor)
    assert changes.is_unchanged(first.cursor)


@pytest.mark.parametrize(
    "cursor", ["", "nonsense", "0", "{name}", "{name}-", "{name}-2", "{name}--1", "{name}-1 ", "{other}"]
)
def test_an_unknown_cursor_gets_all(cursor: str) -> None:
    manager = Manager()
    manager.put("a", ("created", 0.0))
    changes, other = watched(manager), watched(manager)
    manager.put("a", ("queued", 0.0))
    known = looked(changes, None).cursor
    text = cursor.format(name=known.partition("-")[0], other=looked(other, None).cursor)
    assert not changes.is_unchanged(text)
    assert changes.told(text) == Told(["a"], [], False, True, known)


def test_a_client_that_is_too_far_behind_gets_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_session, "_MAX_CHANGES", 3)
    manager = Manager()
    changes = watched(manager)
    first = changes.told(None)
    for name in "abcd":
        manager.put(name, ("created", 0.0))
    assert looked(changes, first.cursor) == Told(list("abcd"), [], False, True, changes.told(None).cursor)


def test_a_session_that_is_gone_is_not_waited_for() -> None:
    manager = Manager()
    changes = watched(manager)
    cursor = changes.told(None).cursor
    manager.is_gone = True
    changes.look()
    assert not changes.is_unchanged(cursor)


STEPS = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.none() | st.tuples(st.sampled_from(STATUSES), st.sampled_from([0.0, 50.0, 100.0])),
        st.none() | st.sampled_from([{}, {"x": "1"}]),
        st.booleans(),
    )
)


@given(STEPS, st.sampled_from([WHOLE, Selection(frozenset("ab")), Selection(labels=frozenset({"x:1"}))]))
def test_who_follows_has_in_the_end_what_is_there(steps: list[Any], selection: Selection) -> None:
    manager = Manager()
    changes = watched(manager, selection)
    known: set[str] = set()
    cursor: str | None = None
    for name, position, labels, asks in [*steps, ("c", None, None, True)]:
        manager.put(name, position, labels)
        if asks:
            told = looked(changes, cursor)
            known = (set() if told.is_snapshot else known - set(told.gone)) | set(told.ids)
            cursor = told.cursor
    selected: Any = [name for name in manager.scenarios if selection.has(manager, name)]  # type: ignore[arg-type]
    assert known == set(selected)
    assert told.done == all(manager.scenarios[name][0] in ("complete", "failed") for name in selected)
