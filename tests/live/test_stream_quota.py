"""The limit of open streams and long polls per sender."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import anyio
import httpx
import pytest
from starlette.applications import Starlette

from algomancy_api import ApiLauncher, Limits
from algomancy_api.errors import TooMany
from algomancy_api.live.sse import EventStreamResponse
from algomancy_api.live.stream_quota import StreamQuota

from ..conftest import create, default_session, upload_items
from ..support import wiring
from ..support.clients import PATIENCE, eventually, serving
from ..support.errors import assert_error
from ..support.identities import TOKENS, bearer
from .streams import Stream, streaming


@pytest.fixture
def app() -> Iterator[Starlette]:
    """An app in which each token may have two streams."""
    app = ApiLauncher.build(wiring.configuration(tokens=TOKENS, limits=Limits(streams=2)))
    yield app
    wiring.RELEASE.set()
    app.state.session_manager.shutdown()


@pytest.fixture
def http(app: Starlette) -> Iterator[httpx.Client]:
    with serving(app) as url, httpx.Client(base_url=url, timeout=PATIENCE, headers=bearer("admin")) as client:
        yield client


@pytest.fixture
def session(http: httpx.Client) -> str:
    session = default_session(http)
    upload_items(http, session)
    return session


@pytest.fixture
def scenario(http: httpx.Client, session: str) -> str:
    """The address of a scenario that ends once it is released."""
    return f"{session}/scenarios/{create(http, session, 'Blocks')}"


def begun(http: httpx.Client, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    """An answer, or the beginning of a stream that is closed at once."""
    with http.stream(method, path, headers=headers) as response:
        if response.status_code != 200:
            response.read()
    return response


def are_full(http: httpx.Client, session: str) -> bool:
    """Whether no more can be opened."""
    return begun(http, f"{session}/events").status_code == 429


@contextmanager
def opened(http: httpx.Client, *paths: str) -> Iterator[None]:
    """Streams that have begun."""
    with ExitStack() as stack:
        streams = [stack.enter_context(streaming(http, path)) for path in paths]
        assert [stream.event().kind for stream in streams] == ["snapshot"] * len(paths)
        yield


def test_one_more_is_refused_wherever_it_is_and_told_when_to_come_back(
    http: httpx.Client, session: str, scenario: str
) -> None:
    with opened(http, f"{session}/events", f"{scenario}/events"):
        waits = (f"{scenario}/status?wait=60", f"{session}/scenarios/wait?wait=60")
        for path in (f"{session}/events", f"{scenario}/events", *waits):
            answer = begun(http, path)
            assert_error(answer, 429, "2 streams, downloads or long polls are open already")
            assert answer.headers["retry-after"] == "10"
        assert begun(http, f"{session}/events", "HEAD").status_code == 429
        assert http.get(f"{scenario}/status?wait=0").status_code == 200


def test_each_token_has_its_own(http: httpx.Client, session: str) -> None:
    paths = [f"{session}/events"] * 2
    with opened(http, *paths):
        for person in ("read", "write here"):
            http.headers.update(bearer(person))
            with opened(http, *paths):
                assert are_full(http, session)


@pytest.mark.parametrize("of_many", [False, True])
def test_a_poll_counts_while_it_waits(
    app: Starlette, http: httpx.Client, session: str, scenario: str, of_many: bool
) -> None:
    cursor = http.get(f"{session}/scenarios/wait").json()["cursor"]
    path = f"{session}/scenarios/wait?wait=60&cursor={cursor}" if of_many else f"{scenario}/status?wait=60"
    with ThreadPoolExecutor() as threads:
        answer = threads.submit(http.get, path)
        eventually(lambda: any(each.watchers for each in app.state.sessions.watcher._watched.values()))
        with opened(http, f"{session}/events"):
            assert are_full(http, session)
            http.post(f"{scenario}/run")
            assert answer.result(PATIENCE).status_code == 200
            assert not are_full(http, session)


def close(http: httpx.Client, session: str, scenario: str) -> None:
    with opened(http, f"{session}/events", f"{scenario}/events"):
        pass


def read(*streams: Stream) -> None:
    """Read streams to their end."""
    for stream in streams:
        with suppress(EOFError):
            while True:
                stream.block()


def end(http: httpx.Client, _session: str, scenario: str) -> None:
    with streaming(http, f"{scenario}/events") as one, streaming(http, f"{scenario}/events") as two:
        http.post(f"{scenario}/run")
        wiring.RELEASE.set()
        read(one, two)


def delete(http: httpx.Client, session: str, scenario: str) -> None:
    with streaming(http, f"{scenario}/events") as one, streaming(http, f"{session}/events") as two:
        http.delete(scenario)
        http.delete(session)
        read(one, two)


def give_up_waiting(http: httpx.Client, _session: str, scenario: str) -> None:
    for _ in range(2):
        with pytest.raises(httpx.ReadTimeout):
            http.get(f"{scenario}/status?wait=60", timeout=0.3)


def ask(http: httpx.Client, path: str, expected: int, method: str = "GET", **headers: str) -> None:
    for _ in range(3):
        assert begun(http, path, method, **headers).status_code == expected


def ask_for_what_has_ended(http: httpx.Client, _session: str, scenario: str) -> None:
    http.post(f"{scenario}/run")
    wiring.RELEASE.set()
    with streaming(http, f"{scenario}/events") as stream:
        last = stream.until(status="complete").id
        assert stream.has_ended()
    ask(http, f"{scenario}/events", 204, **{"Last-Event-ID": last})


WAYS: dict[str, Callable[[httpx.Client, str, str], None]] = {
    "the client goes away": close,
    "the run ends": end,
    "all is deleted": delete,
    "a client that waits goes away": give_up_waiting,
    "there is nothing more": ask_for_what_has_ended,
    "the wait is over": lambda http, _, scenario: ask(http, f"{scenario}/status?wait=0.01", 200),
    "there is no body": lambda http, session, _: ask(http, f"{session}/events", 200, "HEAD"),
    "there is no scenario": lambda http, session, _: ask(http, f"{session}/scenarios/none/events", 404),
    "there is none to wait for": lambda http, session, _: ask(http, f"{session}/scenarios/none/status?wait=9", 404),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_has_ended_does_not_count(http: httpx.Client, session: str, scenario: str, way: str) -> None:
    WAYS[way](http, session, scenario)
    there = default_session(http)

    def both_can_be_opened() -> bool:
        with http.stream("GET", f"{there}/events") as response:
            return response.status_code == 200 and not are_full(http, there)

    eventually(both_can_be_opened)


def test_what_a_stopping_server_ends_does_not_count(app: Starlette, http: httpx.Client, session: str) -> None:
    with streaming(http, f"{session}/events") as one, streaming(http, f"{session}/events") as two:
        assert [stream.event().kind for stream in (one, two)] == ["snapshot"] * 2
        app.state.stop()
        assert one.has_ended()
        assert two.has_ended()
    app.state.sessions.open()
    eventually(lambda: not are_full(http, session))


def test_without_tokens_there_is_room_for_a_thousand_by_default() -> None:
    streams = StreamQuota(Limits().streams)
    with ExitStack() as opened:
        for _ in range(1_000):
            opened.enter_context(streams.one_of("address 127.0.0.1"))


def test_of_those_who_have_gone_nothing_is_remembered() -> None:
    streams = StreamQuota(1)
    for number in range(3):
        with streams.one_of(f"address 192.0.2.{number}"):
            assert len(streams._open) == 1
    assert not streams._open


# What goes wrong -----------------------------------------------------------------------------------------------


async def failing() -> AsyncGenerator[bytes]:
    yield b"data: 1\r\n\r\n"
    raise RuntimeError("no more")


async def endless() -> AsyncGenerator[bytes]:
    yield b"data: 1\r\n\r\n"
    await anyio.sleep_forever()


class Broken:
    """A connection that takes so many messages and no more."""

    def __init__(self, takes: int) -> None:
        self.left = takes

    async def __call__(self, _message: Any) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError("the connection is broken")


async def answered(streams: StreamQuota, events: AsyncGenerator[bytes], takes: int) -> None:
    async def receive() -> Any:
        await anyio.sleep_forever()

    response = EventStreamResponse(events, streams.one_of("x"))
    await response({"type": "http", "method": "GET"}, receive, Broken(takes))


@pytest.mark.parametrize(("events", "takes"), [(failing, 9), (endless, 0), (endless, 1)])
def test_what_breaks_off_does_not_count(events: Callable[[], AsyncGenerator[bytes]], takes: int) -> None:
    streams = StreamQuota(1)
    for _ in range(3):
        with pytest.raises((OSError, ExceptionGroup), match=r"broken|unhandled errors"):
            asyncio.run(answered(streams, events(), takes))


def test_what_is_cancelled_does_not_count() -> None:
    streams = StreamQuota(1)

    async def cancelled() -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(answered, streams, endless(), 9)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(TooMany):
                await answered(streams, endless(), 9)
            group.cancel_scope.cancel()

    for _ in range(3):
        anyio.run(cancelled)
