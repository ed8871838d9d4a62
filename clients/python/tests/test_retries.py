from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest

from algomancy_client.retries import Retries, is_passing, seconds_of


def test_a_pause_grows_up_to_the_longest_and_varies() -> None:
    retries = Retries(attempts=100, first=1, longest=8)
    pauses = [[retries.pause(attempt) or 0 for _ in range(200)] for attempt in range(1, 7)]
    for longest, some in zip([1, 2, 4, 8, 8, 8], pauses, strict=True):
        assert longest / 2 <= min(some) < max(some) <= longest


def test_there_is_no_pause_after_the_last_attempt() -> None:
    retries = Retries(attempts=3, first=0)
    assert [retries.pause(attempt) for attempt in (1, 2, 3)] == [0, 0, None]


def test_a_pause_that_the_server_asks_for_is_kept_unless_it_is_too_long() -> None:
    retries = Retries(attempts=3, first=0.1, longest=5)
    assert 4 <= (retries.pause(1, asked=4) or 0) <= 4.1
    assert retries.pause(1, asked=6) is None


def test_a_huge_number_of_attempts_is_no_overflow() -> None:
    assert (Retries(attempts=10**6, first=1, longest=2).pause(10**5) or 0) <= 2


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_sent_again(status: int) -> None:
    assert is_passing(status, None)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 413, 422, 501, 505, 507])
def test_what_stays_is_not_sent_again(status: int) -> None:
    assert not is_passing(status, None)


def test_a_conflict_with_an_earlier_attempt_passes() -> None:
    assert is_passing(409, "1")


def test_retry_after_is_a_number_or_a_date() -> None:
    soon = datetime.now(timezone.utc) + timedelta(seconds=30)
    assert seconds_of("7") == 7
    assert 25 < seconds_of(format_datetime(soon, usegmt=True)) <= 30
    assert seconds_of("Sat, 01 Jan 2000 00:00:00 GMT") == 0
    assert [seconds_of(text) for text in (None, "", "soon", "-1")] == [0, 0, 0, 0]


@pytest.mark.parametrize("values", [{"attempts": 0}, {"first": -1}, {"longest": -1}, {"outage": -1}])
def test_what_makes_no_sense_is_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="attempts must be at least 1"):
        Retries(**values)  # type: ignore[arg-type]
