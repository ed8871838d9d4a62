"""A thousand event streams, while ten scenarios report their progress ten times a second."""

import asyncio
import json
import time
from collections.abc import Callable
from urllib.parse import quote

from msgspec import Struct

from ..asking import Unexpected, answered
from ..results import Figure, Results
from ..servers import Server
from ..sides import OURS, PREFIX, side_by_side
from .plan import Plan

_SESSIONS = [f"room {number}" for number in range(10)]

#: Seconds: pause before each measurement.
_PAUSE = 1


class _StreamCounts(Struct):
    """Events received on all streams, and streams that the server has closed."""

    events: int = 0
    ended: int = 0


def measure(plan: Plan, say: Callable[[str], None]) -> Results:
    """Measure this server only: the others have no streams."""
    say(f"{plan.clients} streams, {len(_SESSIONS)} scenarios")
    contents = {"datasets": {"small": 10}, "scenarios": dict.fromkeys(_SESSIONS, 0)}
    with side_by_side({OURS: plan.sides[OURS]}, contents) as servers:
        figures = asyncio.run(_streamed(servers[OURS], plan.clients, plan.seconds))
    title = f"{plan.clients} streams of events"
    return Results(
        "",
        {},
        figures=[
            Figure(f"{title}, nothing runs: of a core", "%", {OURS: figures["idle"]}, "< 5", figures["idle"] < 5),
            Figure(
                f"{title}, {len(_SESSIONS)} scenarios run: of a core",
                "%",
                {OURS: figures["running"]},
                "< 20",
                figures["running"] < 20,
            ),
            Figure(f"{title}: events a second", "", {OURS: figures["events"]}),
            Figure(f"{title}: memory of one", "kB", {OURS: figures["memory"]}),
        ],
    )


async def _streamed(server: Server, streams: int, seconds: float) -> dict[str, float]:
    duration = round(seconds) + 60  # longer than the streams are read
    scenarios = [_create(server, session, duration) for session in _SESSIONS]
    before, counts = server.memory(), _StreamCounts()
    async with asyncio.TaskGroup() as group:
        tasks = []
        for number in range(streams):
            opened = asyncio.Event()
            tasks.append(
                group.create_task(_read(server, f"{scenarios[number % len(scenarios)]}/events", counts, opened))
            )
            await opened.wait()
        memory = (server.memory() - before) / streams / 1000
        idle, _ = await _load(server, counts, seconds)
        for scenario in scenarios:
            await asyncio.to_thread(_post, server, f"{scenario}/run")
        running, events = await _load(server, counts, seconds)
        if counts.ended:
            raise Unexpected(f"{counts.ended} streams have ended\n{server.last_output()}")
        for task in tasks:
            task.cancel()
    return {"idle": idle, "running": running, "events": events, "memory": memory}


async def _load(server: Server, counts: _StreamCounts, seconds: float) -> tuple[float, float]:
    """CPU time of the server in percent of a core, and events per second, over some seconds."""
    await asyncio.sleep(_PAUSE)
    start, before, events = time.monotonic(), server.processor_time(), counts.events
    await asyncio.sleep(seconds)
    elapsed = time.monotonic() - start
    return (server.processor_time() - before) / elapsed * 100, (counts.events - events) / elapsed


async def _read(server: Server, path: str, counts: _StreamCounts, opened: asyncio.Event) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {server.host}\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"event: "):
                counts.events += 1
                opened.set()
        counts.ended += 1
    finally:
        writer.close()


def _create(server: Server, session: str, duration: int) -> str:
    """The path of a new scenario whose run takes ``duration`` seconds."""
    body = {"tag": "watched", "dataset_key": "small", "algo_name": "Walk", "algo_params": {"seconds": duration}}
    path = f"{PREFIX}/sessions/{quote(session)}/scenarios"
    return f"{path}/{json.loads(_post(server, path, json.dumps(body).encode()))['id']}"


def _post(server: Server, path: str, body: bytes = b"") -> bytes:
    with answered(server, "POST", path, body, content_type="application/json") as response:
        return response.read()
