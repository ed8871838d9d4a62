"""The threads that send: when they do, to whom, and that they end."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from algomancy_api import Webhook
from algomancy_api.webhooks import dispatcher as module
from algomancy_api.webhooks import line
from algomancy_api.webhooks.dispatcher import Dispatcher
from algomancy_api.webhooks.memory import OutboxInMemory
from algomancy_api.webhooks.outbox import Delivery, State

from ..support.clients import eventually
from ..support.processes import free_port
from ..support.receivers import SECRET, answers, event, in_turn, receiving, waits


@contextmanager
def sending(*webhooks: Webhook, outbox: OutboxInMemory | None = None) -> Iterator[tuple[OutboxInMemory, Dispatcher]]:
    outbox = outbox or OutboxInMemory()
    dispatcher = Dispatcher(webhooks, outbox)
    dispatcher.open()
    try:
        yield outbox, dispatcher
    finally:
        dispatcher.close()


def put(outbox: OutboxInMemory, number: int, *names: str) -> None:
    outbox.put(event(number, time.time()), names)
    outbox.on_news()


def threads() -> list[str]:
    return [each.name for each in threading.enumerate() if each.name.startswith("algomancy-api webhook")]


def logged(outbox: OutboxInMemory, name: str = "one") -> dict[str, Delivery]:
    return {each.event_id: each for each in outbox.log(name, 100)}


@pytest.fixture
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pauses be short."""
    monkeypatch.setattr(module, "pause_after", lambda *_: 0.05)
    monkeypatch.setattr(line, "rest_after", lambda *_: 0.05)


def test_events_arrive_in_their_order_and_no_thread_is_left() -> None:
    with receiving() as receiver, sending(receiver.webhook(name="one")) as (outbox, _):
        for number in range(20):
            put(outbox, number, "one")
        assert [each.id for each in receiver.first(20)] == [f"evt_{number}" for number in range(20)]
        eventually(lambda: not threads())
        assert {each.state for each in logged(outbox).values()} == {State.DELIVERED}


def test_what_waits_from_before_is_sent() -> None:
    outbox = OutboxInMemory()
    outbox.put(event(1), ["one"])
    with receiving() as receiver, sending(receiver.webhook(name="one"), outbox=outbox):
        assert receiver.first()[0].id == "evt_1"


def test_without_receivers_there_is_no_thread() -> None:
    outbox = OutboxInMemory()
    outbox.put(event(1), ["gone from the configuration"])
    with sending(outbox=outbox):
        outbox.on_news()
        assert threads() == []


def test_events_of_a_receiver_that_is_not_configured_wait() -> None:
    outbox = OutboxInMemory()
    outbox.put(event(1), ["gone from the configuration"])
    with receiving() as receiver, sending(receiver.webhook(name="one"), outbox=outbox):
        put(outbox, 2, "one")
        assert receiver.first()[0].id == "evt_2"
        eventually(lambda: not threads())
        assert outbox.summary("gone from the configuration").waiting == 1


@pytest.mark.usefixtures("_impatient")
def test_an_event_is_tried_again_under_its_id_until_it_arrives() -> None:
    with receiving() as receiver, sending(receiver.webhook(name="one")) as (outbox, _):
        receiver.behaviour = in_turn(answers(500), answers(302), answers(204))
        put(outbox, 1, "one")
        tries = receiver.first(3)
        assert {each.id for each in tries} == {"evt_1"}
        assert {each.body for each in tries} == {event(1).body}
        eventually(lambda: logged(outbox)["evt_1"].state == State.DELIVERED)
        assert (logged(outbox)["evt_1"].tries, logged(outbox)["evt_1"].error) == (3, None)


def test_a_failure_is_due_later_and_the_others_are_not() -> None:
    with receiving() as receiver, sending(receiver.webhook(name="one")) as (outbox, _):
        receiver.behaviour = in_turn(answers(500), answers(204))
        put(outbox, 1, "one")
        eventually(lambda: logged(outbox)["evt_1"].tries == 1)
        put(outbox, 2, "one")
        eventually(lambda: logged(outbox)["evt_2"].state == State.DELIVERED)
        failed = logged(outbox)["evt_1"]
        assert (failed.state, failed.tries, failed.error) == (State.WAITING, 1, "500: the receiver has refused it")
        assert 3 < (failed.due or 0) - (failed.tried or 0) < 6


def test_a_slow_receiver_holds_up_nobody_else() -> None:
    with receiving() as slow, receiving() as quick:
        slow.behaviour = waits(slow)
        with sending(slow.webhook(name="slow"), quick.webhook(name="quick")) as (outbox, _):
            for number in range(5):
                put(outbox, number, "slow", "quick")
            assert len(quick.first(5)) == 5
            assert len(slow.received) == 1
            slow.resumed.set()


def test_a_receiver_that_does_not_answer_gets_one_event_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    hook = Webhook(f"http://127.0.0.1:{port}/", SECRET, name="one", allow_private=True)
    rests = iter([0.5, 0.5, 0.5, 0.5])
    monkeypatch.setattr(line, "rest_after", lambda *_: next(rests, 0.5))
    with sending(hook) as (outbox, _):
        for number in range(50):
            outbox.put(event(number, time.time()), ["one"])
        outbox.on_news()
        eventually(lambda: logged(outbox)["evt_0"].tries and threads() == ["algomancy-api webhooks"])
        assert sum(each.tries for each in logged(outbox).values()) == 1
        with receiving(port=port) as receiver:
            arrived = [each.id for each in receiver.first(40)]
            assert arrived == [f"evt_{number}" for number in range(50) if f"evt_{number}" in arrived]


def test_a_receiver_gets_nothing_before_the_time_that_it_asks_for() -> None:
    with receiving(answers(429, Retry_After="3600")) as receiver, sending(receiver.webhook(name="one")) as (outbox, _):
        put(outbox, 1, "one")
        eventually(lambda: logged(outbox)["evt_1"].tries)
        put(outbox, 2, "one")
        first = logged(outbox)["evt_1"]
        assert (first.due or 0) - (first.tried or 0) >= 3600
        eventually(lambda: threads() == ["algomancy-api webhooks"])
        assert len(receiver.received) == 1


@pytest.mark.usefixtures("_impatient")
def test_an_event_is_given_up_after_days(caplog: pytest.LogCaptureFixture) -> None:
    with receiving(answers(500)) as receiver, sending(receiver.webhook(name="one")) as (outbox, _):
        outbox.put(event(1, time.time() - 4 * 24 * 3600), ["one"])
        outbox.on_news()
        eventually(lambda: logged(outbox)["evt_1"].state == State.GAVE_UP)
        assert (logged(outbox)["evt_1"].tries, logged(outbox)["evt_1"].due) == (1, None)
    assert "The event evt_1 for the webhook 'one' is given up: 500" in caplog.text


def test_one_that_is_gone_gets_nothing_until_a_test_succeeds() -> None:
    outbox = OutboxInMemory()
    with receiving(answers(410)) as receiver:
        hook = receiver.webhook(name="one")
        outbox.put(event(1, 1000.0), ["one"])
        outbox.put(event(2, 1001.0), ["one"])
        with sending(hook, outbox=outbox) as (_, dispatcher):
            eventually(lambda: logged(outbox)["evt_2"].state == State.GAVE_UP)
            assert "410" in (logged(outbox)["evt_2"].error or "")
            assert outbox.off == {"one"}
            assert dispatcher.test("one", event(3)).status == 410
            assert outbox.off == {"one"}
        outbox.off.clear()
        with sending(hook, outbox=outbox) as (_, dispatcher):  # after a restart
            assert outbox.off == {"one"}
            receiver.behaviour = answers()
            assert dispatcher.test("one", event(4)).error is None
            assert (outbox.off, outbox.disabled()) == (set(), {})
        assert [each.id for each in receiver.received] == ["evt_1", "evt_3", "evt_4"]


def test_another_url_under_the_same_name_is_not_disabled() -> None:
    outbox = OutboxInMemory()
    outbox.disable("one", "of another url")
    with receiving() as receiver, sending(receiver.webhook(name="one"), outbox=outbox):
        assert outbox.off == set()


def test_the_log_says_when_a_receiver_begins_to_fail_and_when_it_is_well_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "algomancy_api")
    monkeypatch.setattr(module, "pause_after", lambda *_: 0.02)
    with receiving() as receiver, sending(receiver.webhook(name="one")) as (outbox, _):
        receiver.behaviour = in_turn(answers(500), answers(500), answers(204))
        put(outbox, 1, "one")
        eventually(lambda: logged(outbox)["evt_1"].state == State.DELIVERED)
        eventually(lambda: not threads())
    lines = [record.getMessage() for record in caplog.records if "webhook" in record.getMessage()]
    assert lines == [
        "The webhook 'one' fails, and is tried again: 500: the receiver has refused it",
        "The webhook 'one' takes events again",
    ]
    assert SECRET not in caplog.text
    assert "key=1" not in caplog.text


def test_a_close_does_not_wait_for_a_slow_receiver_and_the_event_is_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.05)
    with receiving() as receiver:
        receiver.behaviour = waits(receiver)
        hook = receiver.webhook(name="one")
        with sending(hook) as (outbox, _):
            put(outbox, 1, "one")
            receiver.first()
        assert logged(outbox)["evt_1"].state == State.WAITING
        put(outbox, 2, "one")  # nobody sends it
        receiver.behaviour = answers()
        with sending(hook, outbox=outbox):
            assert [each.id for each in receiver.first(3)] == ["evt_1", "evt_1", "evt_2"]
        receiver.resumed.set()
        eventually(lambda: not threads())


def test_an_outbox_that_is_away_is_asked_again(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_AGAIN", 0.02)
    outbox = OutboxInMemory()
    failures = ["due", "due", "next_of", "note"]

    def failing(name: str) -> Any:
        working = getattr(outbox, name)

        def call(*arguments: Any) -> Any:
            if name in failures:
                failures.remove(name)
                raise RuntimeError("the database is away")
            return working(*arguments)

        return call

    for name in ("due", "next_of", "note"):
        monkeypatch.setattr(outbox, name, failing(name))
    with receiving() as receiver, sending(receiver.webhook(name="one"), outbox=outbox):
        put(outbox, 1, "one")
        # It was sent, and that could not be noted: so it is sent again.
        assert {each.id for each in receiver.first(2)} == {"evt_1"}
        eventually(lambda: logged(outbox)["evt_1"].state == State.DELIVERED)
    assert "Webhooks wait: RuntimeError('the database is away')" in caplog.text


def test_a_thread_waits_without_looking_while_nothing_is_due(monkeypatch: pytest.MonkeyPatch) -> None:
    outbox = OutboxInMemory()
    looks: list[float] = []
    due = outbox.due
    monkeypatch.setattr(outbox, "due", lambda: looks.append(time.monotonic()) or due())  # type: ignore[func-returns-value]
    with receiving(answers(500)) as receiver, sending(receiver.webhook(name="one"), outbox=outbox):
        put(outbox, 1, "one")
        eventually(lambda: logged(outbox)["evt_1"].tries)
        eventually(lambda: threads() == ["algomancy-api webhooks"])
        before = len(looks)
        assert not receiver.resumed.wait(0.3)
        assert len(looks) <= before + 1
