"""One run, its time limit and its cancellation."""

import threading

import pytest

from algomancy_api.engines import Run, RunStopped, cancelled
from algomancy_api.engines.process.slots import Slots

from ...support.clients import PATIENCE, eventually


def test_a_stop_is_a_wish_that_the_work_can_see() -> None:
    run = Run("a")
    seen = []

    def work() -> None:
        with run.under_way():
            seen.append((Run.current() is run, cancelled()))
            run.stop("enough")
            seen.append((Run.current() is run, cancelled()))

    with pytest.raises(RunStopped, match="enough"):
        work()
    assert seen == [(True, False), (True, True)]
    assert (Run.current(), cancelled()) == (None, False)


def test_the_first_reason_counts() -> None:
    run = Run("a")
    run.stop("first")
    run.stop("second")
    with pytest.raises(RunStopped, match="first"):
        run.raise_if_stopped()


def test_a_run_that_is_stopped_before_it_begins_does_no_work() -> None:
    run = Run("a")
    run.stop("too early")
    with pytest.raises(RunStopped), run.under_way():
        pytest.fail("at work")


def test_a_run_that_has_ended_cannot_be_stopped() -> None:
    run = Run("a")
    with run.under_way():
        pass
    assert not run.stop("too late")
    assert not run.should_stop


def test_the_work_is_stopped_once_and_only_while_it_lasts() -> None:
    run, calls = Run("a"), list[str]()
    with run.stopping_by(lambda: calls.append("stopped")):
        run.stop("one")
        run.stop("two")
    assert calls == ["stopped"]
    with pytest.raises(RunStopped), run.stopping_by(lambda: calls.append("again")):
        pytest.fail("at work")
    assert calls == ["stopped"]


def test_a_limit_stops_the_work_and_its_timer_ends_with_it() -> None:
    run, stopped = Run("a", 0.01), threading.Event()
    with run.limited(), run.stopping_by(stopped.set):
        assert stopped.wait(PATIENCE)
    with pytest.raises(RunStopped, match=r"Timed out after 0\.01 s"):
        run.raise_if_stopped()
    with Run("b").limited(3600):
        pass
    eventually(lambda: not [thread for thread in threading.enumerate() if "time limit" in thread.name])


def test_a_run_waits_for_a_slot_and_can_be_stopped_meanwhile() -> None:
    slots, late = Slots(2), Run("late", 0.05)
    both = slots.acquired(Run("a")), slots.acquired(Run("b"))
    with both[0], both[1], late.limited(), pytest.raises(RunStopped, match="Timed out"), slots.acquired(late):
        pytest.fail("three at once")
    with slots.acquired(Run("c")):
        """A released slot is free again."""


def test_a_limit_longer_than_a_timer_can_wait_is_as_good_as_none() -> None:
    with Run("a", 1e300).limited():
        pass


@pytest.mark.parametrize("limit", [0, -1, float("inf"), float("nan"), True])
def test_what_is_no_number_of_seconds_is_no_limit(limit: float) -> None:
    with pytest.raises(ValueError, match="positive number of seconds"):
        Run("a", limit)
