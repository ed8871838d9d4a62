"""The order of creation, from any place and in both directions."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.framework.session.creation_order import STEP, CreationOrder

MOMENTS = st.integers(0, 3).map(lambda hours: datetime(2026, 1, 1) + timedelta(hours=hours))  # noqa: DTZ001


@given(st.lists(MOMENTS, max_size=12), st.sets(st.integers(0, 11)), st.integers(0, 11))
def test_places_are_in_order_behind_each_one_even_if_it_is_gone(
    created: list[datetime], gone: set[int], start: int
) -> None:
    order = CreationOrder()
    for number, moment in enumerate(created):
        order.add(f"{number:02}", moment)
    whole = list(order.places())
    assert whole == sorted(whole)
    assert len(whole) == len(created)
    for number in gone:
        order.discard(f"{number:02}")
    left = [place for place in whole if int(place.id) not in gone]
    assert list(order.places()) == left
    assert list(order.places(newest_first=True)) == left[::-1]
    if start < len(whole):
        place = whole[start]
        assert list(order.places(place)) == [each for each in left if each > place]
        assert list(order.places(place, newest_first=True)) == [each for each in left if each < place][::-1]


def test_many_places_are_taken_in_parts_while_others_are_added() -> None:
    order = CreationOrder()
    for number in range(1_200):
        order.add(f"{number}", order.next_time())
    seen = []
    for place in order.places():
        seen.append(place.id)
        if len(seen) == 700:
            order.discard("1199")
            order.add("late", order.next_time())
    assert seen == [*(f"{number}" for number in range(1_199)), "late"]


def test_a_scenario_is_later_than_the_last_one_unless_the_clock_was_set_back() -> None:
    order = CreationOrder()
    near, far = (datetime.now() + timedelta(seconds=ahead) for ahead in (0.5, 3_600))  # noqa: DTZ005
    order.add("a", near)
    assert order.next_time() == near + STEP
    order.add("b", far)
    assert order.next_time() < near
