"""What is kept of the reports of a run."""

import threading
from itertools import pairwise
from typing import Any

import pytest

from algomancy_api.engines.reports import Reports


def record(reports: Reports, second: float, result: object = None, **numbers: Any) -> None:
    reports.record(second, 0.0, result, **numbers)


def test_a_bounded_number_is_kept_the_first_the_last_and_evenly_between() -> None:
    reports = Reports(100)
    for second in range(10_007):
        record(reports, second)
    seconds = [point.seconds for point in reports.points()]
    assert 50 <= len(seconds) <= 100
    assert (seconds[0], seconds[-1]) == (0, 10_006)
    steps = [after - before for before, after in pairwise(seconds[:-1])]
    assert len(set(steps)) == 1


def test_what_is_not_said_is_as_before() -> None:
    reports = Reports()
    record(reports, 0, objective=float("inf"))
    record(reports, 1, objective=3, bound=1)
    record(reports, 2, bound=2, gap=float("nan"))
    assert [point[1:4] for point in reports.points()] == [(None, None, None), (3, 1, None), (3, 2, None)]
    with pytest.raises((TypeError, ValueError)):
        record(reports, 3, objective="cheap")


def test_points_are_handed_on_once_and_known_to_the_next_ones() -> None:
    reports = Reports(10)
    record(reports, 0, objective=3)
    assert len(reports.drained()) == 1
    assert reports.drained() == []
    record(reports, 1, bound=1)
    assert [point[:3] for point in reports.drained()] == [(1, 3, 1)]


def test_the_last_result_counts_until_the_run_has_ended() -> None:
    reports = Reports()
    record(reports, 0, "first")
    record(reports, 1, "second")
    record(reports, 2)
    assert reports.best is not None
    assert reports.best() == "second"
    reports.close()
    assert reports.best is None
    assert len(reports.points()) == 3


def test_many_threads_may_report() -> None:
    reports = Reports(50)

    def report() -> None:
        for second in range(2_000):
            record(reports, second)

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 25 <= len(reports.points()) <= 50
