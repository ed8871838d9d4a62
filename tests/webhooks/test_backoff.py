"""Pauses between tries: from seconds to a day, as the receiver asks, and not for ever."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.webhooks.backoff import is_too_old, pause_after, rest_after
from algomancy_api.webhooks.outbox import Tried

DAY = 24 * 3600
SILENT, REFUSED = Tried(0, 0, None, "no response"), Tried(0, 0, 500, "500")

tries = st.integers(1, 10_000)
wishes = st.none() | st.floats(0, 1e18)


def test_pauses_grow_from_seconds_to_a_day() -> None:
    pauses = [pause_after(number, REFUSED) for number in range(1, 12)]
    assert 4 <= pauses[0] <= 5
    assert all(later > 2 * earlier for earlier, later in itertools.pairwise(pauses[:8]))
    assert all(0.8 * DAY <= pause <= DAY for pause in pauses[9:])


@given(tries, wishes)
def test_a_pause_is_as_long_as_the_receiver_asks_up_to_a_day(number: int, wish: float | None) -> None:
    pause = pause_after(number, Tried(0, 0, 503, "503", wish))
    assert min(wish or 0, DAY) <= pause <= DAY
    assert pause >= 4


def test_events_that_failed_together_are_not_tried_together() -> None:
    assert len({pause_after(3, REFUSED) for _ in range(100)}) > 50


@given(tries)
def test_a_receiver_that_does_not_answer_rests_for_a_minute_at_most(number: int) -> None:
    assert 4 <= rest_after(number, SILENT) <= 60


@given(tries, wishes)
def test_a_receiver_that_answers_rests_as_it_asks(number: int, wish: float | None) -> None:
    assert rest_after(number, Tried(0, 0, 429, "429", wish)) == min(wish or 0, DAY)


def test_an_event_is_given_up_after_three_days() -> None:
    assert not is_too_old(1000.0, 1000.0 + 3 * DAY)
    assert is_too_old(1000.0, 1000.0 + 3 * DAY + 1)
