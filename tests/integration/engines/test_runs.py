"""One run, its time limit, its cancellation and its early end."""

import threading
import time
from functools import partial

import pytest

from algomancy_api.engines import Run, RunStopped, cancelled, report, stopping
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


def is_waiting(slots: Slots, runs: int) -> bool:
    return len(slots._waiting) == runs


def test_slots_are_given_in_the_order_of_the_runs() -> None:
    slots, order = Slots(1), list[int]()

    def work(number: int) -> None:
        with slots.acquired(Run(str(number))):
            order.append(number)

    threads = [threading.Thread(target=work, args=[number]) for number in range(8)]
    with slots.acquired(Run("first")):
        for number, thread in enumerate(threads):
            thread.start()
            eventually(partial(is_waiting, slots, number + 1))
    for thread in threads:
        thread.join(PATIENCE)
    assert order == list(range(8))
    assert slots.in_use == 0


def test_a_limit_counts_from_the_first_attempt() -> None:
    run = Run("a", 0.2)
    with run.limited():
        time.sleep(0.1)
    with run.limited():
        eventually(lambda: run.should_stop)
    over = Run("b", 0.01)
    with over.limited():
        time.sleep(0.02)
    with over.limited():
        eventually(lambda: over.should_stop)


def test_a_limit_longer_than_a_timer_can_wait_is_as_good_as_none() -> None:
    with Run("a", 1e300).limited():
        pass


@pytest.mark.parametrize("limit", [0, -1, float("inf"), float("nan"), True])
def test_what_is_no_number_of_seconds_is_no_limit(limit: float) -> None:
    with pytest.raises(ValueError, match="positive number of seconds"):
        Run("a", limit)


# Early ends ----------------------------------------------------------------------------------------------------


def test_a_run_that_is_asked_to_end_is_told_so_and_its_result_counts() -> None:
    run, asked = Run("a"), list[str]()
    with run.under_way(), run.stopping_by(lambda: asked.append("stopped"), lambda: asked.append("asked")):
        assert not stopping()
        assert run.ask_to_end(600)
        assert run.ask_to_end(300)
        assert (stopping(), cancelled()) == (True, False)
        run.raise_if_stopped()
    assert asked == ["asked"]
    assert not run.ask_to_end(0)
    eventually(lambda: not [thread for thread in threading.enumerate() if "grace" in thread.name])


def test_work_that_begins_later_is_asked_too() -> None:
    run, asked = Run("a"), list[str]()
    run.ask_to_end(None)
    with run.under_way(), run.stopping_by(lambda: None, lambda: asked.append("asked")):
        assert asked == ["asked"]


def test_a_run_that_does_not_end_in_time_gives_up_unless_it_returns() -> None:
    run, stopped = Run("a"), threading.Event()
    with run.under_way(), run.stopping_by(stopped.set):
        run.ask_to_end(600)
        run.ask_to_end(0.01)
        assert stopped.wait(PATIENCE)
        assert (cancelled(), run.has_given_up) == (True, True)

    def work() -> None:
        with run.under_way():
            raise ValueError("while it was stopped")

    run = Run("b")
    run.give_up()
    with pytest.raises(RunStopped, match="before the first solution"):
        work()


def test_a_cancel_counts_more_than_an_early_end() -> None:
    run, calls = Run("a"), list[str]()

    def work() -> None:
        with run.under_way(), run.stopping_by(lambda: calls.append(run.reason)):
            run.give_up()
            run.stop("cancelled")

    with pytest.raises(RunStopped, match="cancelled"):
        work()
    assert calls == ["stopped before the first solution", "cancelled"]


def test_a_limit_may_ask_the_run_to_end() -> None:
    run = Run("a", 0.01, keeps_best=True)
    with run.under_way(), run.limited():
        eventually(stopping)
        assert not cancelled()


def test_a_limit_ends_the_grace_of_a_run_that_was_asked_to_end() -> None:
    run = Run("a", 0.01)
    with run.under_way():
        run.ask_to_end(600)
        with run.limited():
            eventually(lambda: run.has_given_up)


def test_a_run_waits_for_a_slot_no_longer_when_it_is_asked_to_end() -> None:
    slots, late = Slots(1), Run("late")
    late.ask_to_end(None)
    with slots.acquired(Run("a")), pytest.raises(RunStopped, match="before the first"), slots.acquired(late):
        pytest.fail("two at once")


def test_the_only_run_of_a_process_is_known_on_every_thread() -> None:
    run, seen = Run("a"), list[bool]()

    def look() -> None:
        report(objective=1)
        seen.append(Run.current() is run)

    def on_a_thread() -> None:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()

    with run.under_way():
        on_a_thread()
        with run.alone():
            on_a_thread()
    on_a_thread()
    assert seen == [False, True, False]
    assert [point.objective for point in run.reports.points()] == [1]


def test_what_is_reported_after_the_end_is_dropped() -> None:
    run = Run("a")
    run.report(objective=1)
    with run.under_way():
        run.report(objective=2)
    run.report(objective=3)
    assert [point.objective for point in run.reports.points()] == [2]
