"""The choice between event loop and worker thread, from the earlier durations of a call."""

import time
from typing import Any

import pytest

from algomancy_api.concurrency.loop_or_thread import CallTimings


class Thing:
    """Something that calls are made for."""


def quick(_thing: object) -> int:
    return 7


def busy(_thing: object) -> int:
    end = time.thread_time() + 0.004
    while time.thread_time() < end:
        pass
    return 7


def blocking(_thing: object) -> int:
    time.sleep(0.03)
    return 7


def test_nothing_is_quick_before_it_was_tried() -> None:
    assert not CallTimings().are_quick(Thing())


def test_what_was_quick_is_quick_in_the_same_state_only() -> None:
    timings, thing = CallTimings(), Thing()
    assert timings.on_worker(quick, thing, "created") == 7
    assert timings.are_quick(thing, "created")
    assert not timings.are_quick(thing, "complete")
    assert not timings.are_quick(Thing(), "created")


def test_what_was_busy_is_not_quick() -> None:
    timings, thing = CallTimings(), Thing()
    assert timings.on_worker(busy, thing) == 7
    assert not timings.are_quick(thing)


def test_more_of_it_takes_longer() -> None:
    timings, thing = CallTimings(), Thing()
    timings.on_worker(busy, thing, amount=1000)
    assert timings.are_quick(thing, amount=10)
    assert not timings.are_quick(thing, amount=1000)


def test_what_waits_is_tried_on_the_loop_once() -> None:
    timings, thing = CallTimings(), Thing()
    timings.on_worker(blocking, thing, "complete")  # on a thread it takes no processor time
    assert timings.are_quick(thing, "complete")
    timings.on_loop(blocking, thing, "complete")
    assert not timings.are_quick(thing, "complete")
    timings.on_worker(blocking, thing, "complete")
    assert not timings.are_quick(thing, "complete")


def test_it_keeps_nothing_alive() -> None:
    timings, thing = CallTimings(), Thing()
    timings.on_worker(quick, thing)
    del thing
    assert not list(timings._seconds)


def test_an_error_is_the_callers() -> None:
    def fails(_thing: object) -> Any:
        raise ValueError("no")

    timings, thing = CallTimings(), Thing()
    for call in (timings.on_worker, timings.on_loop):
        with pytest.raises(ValueError, match="no"):
            call(fails, thing)
    assert not timings.are_quick(thing)
