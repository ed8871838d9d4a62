"""The parts of a load that a run of the command does not show for sure."""

import asyncio
import threading
import time
from array import array
from collections import Counter
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send
from yarl import URL

from benchmarks.load.client import Client
from benchmarks.load.connection import connected, refusal
from benchmarks.load.document import Document
from benchmarks.load.driver import run_load
from benchmarks.load.outcome import Outcome, Series, Step, percentile
from benchmarks.load.pace import Even, TimeIsUp
from benchmarks.load.permission import is_here
from benchmarks.load.plan import Plan

from ..conftest import create, default_session
from ..support.clients import PATIENCE
from .loading import names, served

HEALTH = Step("reads", "health")


@given(st.lists(st.floats(0, 1e6), min_size=1).map(sorted), st.sampled_from([0.5, 0.9, 0.99, 1]))
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(ordered: list[float], share: float) -> None:
    value = percentile(ordered, share)
    assert sum(other <= value for other in ordered) >= share * len(ordered)
    assert sum(other < value for other in ordered) < share * len(ordered)


async def turns(pace: Even) -> list[float]:
    moments = []
    try:
        while True:
            moments.append(await pace.turn(0))
    except TimeIsUp:
        return moments


def test_no_moment_is_skipped_when_answers_are_late() -> None:
    """What was due while an answer was awaited is due all the same, from when it was ("coordinated omission")."""
    now, delays = time.perf_counter(), array("d")
    pace = Even(now - 3000, 1000, now + 900, delays)
    assert asyncio.run(turns(pace)) == [now - 3000, now - 2000, now - 1000, now]
    assert not delays


def test_what_is_still_due_at_the_end_is_not_sent_after_it() -> None:
    now = time.perf_counter()
    assert asyncio.run(turns(Even(now - 10, 1, now, array("d")))) == []


class LongAgo:
    """A pace whose requests were due a hundred seconds ago."""

    async def turn(self, pause: float) -> float:
        return time.perf_counter() - 100


def test_a_latency_counts_from_the_moment_at_which_the_request_was_due() -> None:
    async def ask(url: str) -> Outcome:
        outcome = Outcome()
        async with connected(Plan(url)) as http:
            await Client(http, LongAgo(), outcome, 10).ask(HEALTH, URL(url) / "health")
        return outcome

    with served() as (client, _):
        outcome = asyncio.run(ask(str(client.base_url)))
    assert outcome.steps[HEALTH].latencies[0] > 100


def test_each_connection_is_kept_and_has_its_even_share() -> None:
    with served() as (client, recorded):
        create(client, default_session(client))
        recorded.requests.clear()
        plan = Plan(str(client.base_url), connections=20, rate=100, seconds=1, mix={"polls": 1})
        outcome = asyncio.run(run_load(plan))
    polls = Counter(port for port, _, path in recorded.requests if path.endswith("/status"))
    assert list(polls.values()) == [5] * 20
    assert outcome.total().requests == 100
    assert outcome.errors == 0


class Held:
    """An app that holds the requests of some paths back until it is told to let go, and says that it does."""

    def __init__(self, app: ASGIApp, ending: str) -> None:
        self.app = app
        self.ending = ending
        self.reached = threading.Event()
        self.release = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith(self.ending):
            self.reached.set()
            await asyncio.to_thread(self.release.wait, PATIENCE)
        await self.app(scope, receive, send)


async def cancelled(plan: Plan, held: Held) -> None:
    """A load that is cancelled while a request is held."""
    loading = asyncio.create_task(run_load(plan))
    assert await asyncio.to_thread(held.reached.wait, PATIENCE)
    loading.cancel()
    done, _ = await asyncio.wait([loading], timeout=0.3)
    assert not done
    held.release.set()
    with pytest.raises(asyncio.CancelledError):
        await loading


def test_a_session_that_is_created_while_the_load_is_cancelled_is_waited_for_and_deleted() -> None:
    with served() as (client, recorded):
        recorded.app = held = Held(recorded.app, "/copy")
        asyncio.run(cancelled(Plan(str(client.base_url), mix={"runs": 1}), held))
        assert names(client) == ["main"]


def test_a_request_without_an_answer_is_an_error_and_ends() -> None:
    with served() as (client, recorded):
        recorded.app = held = Held(recorded.app, "/kpis")
        plan = Plan(str(client.base_url), connections=4, seconds=0.5, timeout=0.5)
        outcome = asyncio.run(run_load(plan))
        held.release.set()
    kpis = outcome.by_step("reads")["kpis"]
    assert kpis.requests == kpis.errors > 0
    assert kpis.max_ms is None
    assert list(outcome.steps[Step("reads", "kpis")].errors) == ["TimeoutError: no answer within 0.5 s"]


names_and_tables = st.fixed_dictionaries(
    {
        "metadata": st.fixed_dictionaries({"id": st.text(), "name": st.text(), "type": st.text()}),
        "tables": st.dictionaries(st.text(), st.lists(st.integers())),
    },
    optional={"extra": st.none()},
)


async def sent(document: Document, name: str) -> tuple[bytes, int]:
    body = document.named(name)
    assert not isinstance(body.data, bytes)
    return b"".join([bytes(piece) async for piece in body.data]), body.length


@given(names_and_tables, st.text())
def test_an_upload_is_the_dataset_under_another_name_and_id(dataset: dict[str, Any], name: str) -> None:
    text, length = asyncio.run(sent(Document(msgspec.json.encode(dataset)), name))
    uploaded = msgspec.json.decode(text)
    assert len(text) == length
    assert uploaded["metadata"]["id"] != dataset["metadata"]["id"]
    assert uploaded == dataset | {"metadata": uploaded["metadata"]}
    assert uploaded["metadata"] == dataset["metadata"] | {"name": name, "id": uploaded["metadata"]["id"]}


def test_a_large_upload_goes_in_pieces_and_arrives_whole() -> None:
    rows = list(range(200_000))
    text, _ = asyncio.run(sent(Document(msgspec.json.encode({"metadata": {"name": "a"}, "tables": rows})), "b"))
    assert msgspec.json.decode(text)["tables"] == rows


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"nothing", "JSON is malformed"),
        (b"[]", "Expected `object`"),
        (b'{"metadata": 1}', "Expected `object`"),
        (b'{"metadata": {}}', "no metadata"),
        (b"{}", "no metadata"),
    ],
)
def test_a_download_that_does_not_name_itself_is_not_sent_back(text: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Document(text)


def test_the_same_error_of_many_scenarios_is_one() -> None:
    errors = {refusal(404, f'{{"detail":"Scenario \'{uuid4()}\' not found"}}'.encode()) for _ in range(3)}
    assert errors == {"404 Scenario '…' not found"}
    assert refusal(502, b"<html>") == "502 Bad Gateway"


def test_errors_that_are_all_different_do_not_fill_the_memory() -> None:
    series = Series()
    for number in range(1000):
        series.failed(f"error {number}")
    assert series.errors.total() == 1000
    assert len(series.errors) <= 101


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "localhost", "0.0.0.0"])  # noqa: S104 - asked about
def test_what_this_machine_can_listen_on_is_here(host: str) -> None:
    assert is_here(host)


def test_an_address_of_nobody_is_not_here() -> None:
    assert not is_here("192.0.2.1")
    assert not is_here("2001:db8::1")
