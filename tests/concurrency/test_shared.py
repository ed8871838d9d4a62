"""Results and bodies that several concurrent requests share."""

import platform
from collections.abc import Awaitable, Callable

import anyio
import pytest

from algomancy_api.concurrency.memory import MEMORY, MemoryTrimmer
from algomancy_api.concurrency.shared import EqualBodies, SharedResults
from algomancy_api.http.large_bodies import LARGE, PIECE, LargeResponses, send_body
from algomancy_api.live.stream_quota import StreamQuota
from algomancy_api.serialization.digest import body_digest

from ..support.clients import eventually


def on_loop(scene: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        with anyio.fail_after(10):
            await scene()

    anyio.run(bounded)


class Making:
    """What makes a result, once it is let go on, and counts how often it has been asked to."""

    def __init__(self, *errors: Exception) -> None:
        self.calls = 0
        self.release = anyio.Event()
        self._errors = list(errors)

    async def __call__(self, source: bytes) -> bytes:
        self.calls += 1
        await self.release.wait()
        if self._errors:
            raise self._errors.pop()
        return source.upper()


def test_a_result_is_made_once_for_all_and_forgotten_after_the_last() -> None:
    async def scene() -> None:
        shared, make, source = SharedResults[bytes, bytes](), Making(), b"source"
        results: list[bytes] = []
        last = anyio.Event()

        async def use() -> None:
            async with shared.of(source, "kind", make) as result:
                results.append(result)
                await last.wait()

        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(use)
            await anyio.wait_all_tasks_blocked()
            make.release.set()
            await anyio.wait_all_tasks_blocked()
            assert results == [b"SOURCE"] * 3
            assert results[0] is results[1] is results[2]
            async with shared.of(source, "another", make), shared.of(bytes(bytearray(source)), "kind", make):
                assert make.calls == 3
            last.set()
        assert not shared._entries
        async with shared.of(source, "kind", make):
            assert make.calls == 4

    on_loop(scene)


def test_who_goes_away_or_fails_leaves_the_work_to_the_next() -> None:
    async def scene() -> None:
        shared, make, source = SharedResults[bytes, bytes](), Making(ValueError("once")), b"source"
        outcomes: list[object] = []

        async def use(scope: anyio.CancelScope) -> None:
            with scope:
                try:
                    async with shared.of(source, None, make) as result:
                        outcomes.append(result)
                except ValueError as error:
                    outcomes.append(str(error))

        async with anyio.create_task_group() as tasks:
            scopes = [anyio.CancelScope() for _ in range(4)]
            for scope in scopes:
                tasks.start_soon(use, scope)
            await anyio.wait_all_tasks_blocked()
            scopes[0].cancel()  # the one that makes it
            scopes[3].cancel()  # one that waits for it
            await anyio.wait_all_tasks_blocked()
            make.release.set()
        assert outcomes == ["once", b"SOURCE"]
        assert make.calls == 3
        assert not shared._entries

    on_loop(scene)


def test_equal_bodies_are_one_and_others_are_not() -> None:
    bodies = EqualBodies()
    one, two, other = b"x" * 100, bytes(bytearray(b"x" * 100)), b"y"
    with bodies.one_of(b"1", one) as first:
        with bodies.one_of(b"1", two) as second, bodies.one_of(b"2", other) as third:
            assert first is second is one
            assert third is other
        with bodies.one_of(b"1", two) as again:
            assert again is one
    assert not bodies._bodies


def test_who_is_sent_a_large_body_has_a_stream_open_unless_it_is_for_head() -> None:
    async def scene() -> None:
        streams = StreamQuota(1)
        large = LargeResponses(lambda _scope: streams.one_of("x"))
        for method, number in (("GET", 1), ("HEAD", 0), ("GET", 1)):
            async with large.sending({"method": method}, b"body") as body:
                assert body == b"body"
                assert sum(streams._open.values()) == number

    on_loop(scene)


@pytest.mark.parametrize("size", [0, 1, LARGE, LARGE + 1, 3 * PIECE, 3 * PIECE + 1, 10 * PIECE - 1])
def test_a_body_comes_in_pieces_if_it_is_large(size: int) -> None:
    body = bytes(range(251)) * (size // 251 + 1)
    body = body[:size]
    sent: list[bytes] = []
    ends: list[bool] = []

    async def send(message: dict[str, object]) -> None:
        piece = message["body"]
        assert isinstance(piece, bytes)
        sent.append(piece)
        ends.append(not message.get("more_body", False))

    async def scene() -> None:
        await send_body(body, send)  # type: ignore[arg-type]  # what an ASGI server takes

    on_loop(scene)
    assert b"".join(sent) == body
    assert ends == [False] * (len(ends) - 1) + [True]
    assert len(sent) == 1 if size <= LARGE else max(map(len, sent)) <= PIECE


def test_a_digest_tells_bodies_apart() -> None:
    assert body_digest(b"a") == body_digest(bytes(bytearray(b"a"))) != body_digest(b"b")


def test_memory_is_given_back_once_for_many_and_again_for_the_next() -> None:
    calls: list[str] = []
    memory = MemoryTrimmer(lambda: calls.append("given back"), delay=0.05)
    for expected in (1, 2):
        for _ in range(10):
            memory.plan()
        eventually(lambda expected=expected: len(calls) >= expected)  # type: ignore[misc]
        assert len(calls) == expected


def test_where_nothing_gives_memory_back_nothing_is_done() -> None:
    memory = MemoryTrimmer(None, delay=0)
    memory.plan()
    assert not memory._is_planned


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has the call")
def test_glibc_has_the_call() -> None:
    assert MEMORY._trim is not None
    MEMORY._trim()
