"""Outboxes, in memory and in databases: what is due, what is noted, and what is forgotten."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import sqlalchemy as sa

from algomancy_api.framework.database.engine import create_engine
from algomancy_api.framework.database.webhooks import stored_outbox, table
from algomancy_api.framework.database.webhooks.stored_outbox import StoredOutbox
from algomancy_api.webhooks import memory
from algomancy_api.webhooks.memory import OutboxInMemory
from algomancy_api.webhooks.outbox import Delivery, Event, Outbox, State, Tried, delivery_of

from ....support.databases import new_database
from ....support.receivers import event

ARRIVED, FAILED = Tried(2000.0, 0.1, 204), Tried(2000.0, 0.1, 500, "500: refused")

#: Puts an event into the outbox of a test.
type Put = Callable[[Event, Sequence[str]], None]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def box(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Outbox, Put]]:
    if request.param == "memory":
        in_memory = OutboxInMemory()
        yield in_memory, in_memory.put
        return
    with new_database(request.param, tmp_path, request) as database:
        engine = create_engine(database.url)
        table.prepare(engine)

        def put(new: Event, webhooks: Sequence[str]) -> None:
            rows = [table.values_of(delivery_of(new, webhook)) for webhook in webhooks]
            with engine.begin() as connection:
                connection.execute(sa.insert(table.deliveries), rows)

        yield StoredOutbox(engine), put
        engine.dispose()


def due_of(outbox: Outbox, webhook: str, now: float = 9e9) -> Delivery:
    found = outbox.next_of(webhook, now)
    assert found is not None
    return found


def numbers(deliveries: Sequence[Delivery]) -> list[str]:
    return [each.event_id.removeprefix("evt_") for each in deliveries]


def test_an_event_is_due_at_once_for_each_receiver_and_the_oldest_first(box: tuple[Outbox, Put]) -> None:
    outbox, put = box
    assert outbox.due() == {}
    assert outbox.next_of("one", 9e9) is None
    put(event(1, 1000.0), ["one", "two"])
    put(event(2, 1001.0), ["one"])
    assert outbox.due() == {"one": 1000.0, "two": 1000.0}
    assert outbox.next_of("one", 999.0) is None
    first = due_of(outbox, "one", 1000.0)
    assert first.event == event(1, 1000.0)
    assert (first.webhook, first.tries, first.state) == ("one", 0, State.WAITING)


def test_what_waits_is_counted_with_the_time_of_the_oldest(box: tuple[Outbox, Put]) -> None:
    outbox, put = box
    assert outbox.backlog() == (0, None)
    put(event(1, 1000.0), ["one", "two"])
    put(event(2, 1001.0), ["one"])
    assert outbox.backlog() == (3, 1000.0)
    for name in ("one", "two"):
        delivered = due_of(outbox, name)
        delivered.end(ARRIVED, State.DELIVERED)
        outbox.note(delivered)
    assert outbox.backlog() == (1, 1001.0)


def test_one_that_has_failed_is_overtaken(box: tuple[Outbox, Put]) -> None:
    outbox, put = box
    put(event(1, 1000.0), ["one"])
    put(event(2, 1001.0), ["one"])
    failed = due_of(outbox, "one")
    failed.try_again(FAILED, 3000.0)
    outbox.note(failed)
    assert due_of(outbox, "one").event_id == "evt_2"
    assert outbox.due() == {"one": 1001.0}
    second = due_of(outbox, "one")
    second.end(ARRIVED, State.DELIVERED)
    outbox.note(second)
    assert outbox.due() == {"one": 3000.0}
    again = due_of(outbox, "one")
    assert (again.event_id, again.tries, again.status, again.error) == ("evt_1", 1, 500, "500: refused")
    assert again.event.body == event(1).body


def test_what_has_ended_is_in_the_log_without_its_body(box: tuple[Outbox, Put]) -> None:
    outbox, put = box
    for number in (1, 2, 3):
        put(event(number, 1000.0 + number), ["one", "two"])
    first = due_of(outbox, "one")
    first.end(ARRIVED, State.DELIVERED)
    outbox.note(first)
    second = due_of(outbox, "one")
    second.end(FAILED._replace(at=2001.0), State.GAVE_UP)
    outbox.note(second)
    log = outbox.log("one", 10)
    assert numbers(log) == ["3", "2", "1"]
    assert [each.state for each in log] == [State.WAITING, State.GAVE_UP, State.DELIVERED]
    assert [each.due for each in log] == [1003.0, None, None]
    assert [each.body for each in log] == [b"", b"", b""]
    assert [each.tried for each in log] == [None, 2001.0, 2000.0]
    assert numbers(outbox.log("one", 2)) == ["3", "2"]
    summary = outbox.summary("one")
    assert (summary.waiting, summary.delivered) == (1, 2000.0)
    assert summary.last is not None
    assert summary.last.event_id == "evt_2"
    assert outbox.summary("two")[:2] == (3, None)
    assert outbox.summary("none") == (0, None, None)


def test_what_is_held_is_not_due(box: tuple[Outbox, Put]) -> None:
    outbox, put = box
    put(event(1), ["one"])
    outbox.held.add("evt_1")
    assert (outbox.due(), outbox.next_of("one", 9e9)) == ({}, None)
    outbox.held.discard("evt_1")
    assert due_of(outbox, "one").event_id == "evt_1"


def test_those_of_one_receiver_are_given_up(box: tuple[Outbox, Put]) -> None:
    outbox, put = box
    put(event(1), ["one", "two"])
    trying = due_of(outbox, "one")
    outbox.give_up_all("one", "gone")
    assert outbox.due() == {"two": 1000.0}
    trying.end(ARRIVED, State.DELIVERED)
    outbox.note(trying)  # too late: it is in the log as given up
    [logged] = outbox.log("one", 10)
    assert (logged.state, logged.error, logged.tries) == (State.GAVE_UP, "gone", 0)


def test_of_many_that_wait_the_oldest_are_given_up(box: tuple[Outbox, Put], monkeypatch: pytest.MonkeyPatch) -> None:
    outbox, put = box
    monkeypatch.setattr(memory, "MOST_WAITING", 3)
    monkeypatch.setattr(stored_outbox, "MOST_WAITING", 3)
    for number in range(5):
        put(event(number, 1000.0 + number), ["one"])
    last = outbox.log("one", 1)[0]
    last.try_again(FAILED, 1004.0)
    last.body = b"{}"
    outbox.note(last)  # a database looks at them then
    states = {each.event_id: each.state for each in outbox.log("one", 10)}
    assert [states[f"evt_{number}"] for number in range(5)] == [State.GAVE_UP] * 2 + [State.WAITING] * 3
    assert "newer events wait" in (outbox.log("one", 10)[-1].error or "")


def test_of_many_that_have_ended_the_oldest_are_forgotten(
    box: tuple[Outbox, Put], monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox, put = box
    monkeypatch.setattr(stored_outbox, "MOST_LOGGED", 3)
    monkeypatch.setattr(memory, "MOST_LOGGED", 3)
    put(event(9, 900.0), ["two"])
    for number in range(5):
        put(event(number, 1000.0 + number), ["one"])
        each = due_of(outbox, "one")
        each.end(ARRIVED, State.DELIVERED)
        outbox.note(each)
    assert numbers(outbox.log("one", 10)) == ["4", "3", "2"]
    assert numbers(outbox.log("two", 10)) == ["9"]


def test_a_disabled_receiver_stays_so_with_its_key(box: tuple[Outbox, Put]) -> None:
    outbox, _ = box
    assert outbox.disabled() == {}
    outbox.disable("one", "a" * 64)
    outbox.disable("one", "b" * 64)
    assert outbox.disabled() == {"one": "b" * 64}
    outbox.enable("one")
    outbox.enable("one")
    assert outbox.disabled() == {}
