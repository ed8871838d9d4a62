"""One client of the load: a connection whose requests have their turns, and are measured."""

import time
from collections.abc import AsyncIterable, Collection
from typing import NamedTuple

import msgspec
from aiohttp import ClientSession
from yarl import URL

from .connection import FAILURES, failure, refusal
from .outcome import Outcome, Step
from .pace import Pace

#: How long a client waits after a request without an answer, where requests are not paced, in seconds.
_RECOVERY = 0.2


class Failed(Exception):
    """A request had no good answer, which is counted; what was to follow it makes no sense."""


class Answer(NamedTuple):
    """What a request was answered."""

    status: int
    body: bytes


class Json(NamedTuple):
    """What a request sends, and its length in bytes."""

    data: bytes | AsyncIterable[bytes | memoryview]
    length: int


class Client:
    """Sends one request at a time, each in its turn."""

    def __init__(self, http: ClientSession, pace: Pace, outcome: Outcome, timeout: float) -> None:
        self._http = http
        self._pace = pace
        self._outcome = outcome
        self._timeout = timeout
        self._recovery = 0.0

    async def ask(
        self, step: Step, url: URL, body: Json | None = None, *, pause: float = 0.0, also_good: Collection[int] = ()
    ) -> Answer:
        """Send a request in its turn, and measure it.

        Args:
            step: What it is counted as, and its method.
            url: Where it goes.
            body: What it sends.
            pause: How long to wait before it, in seconds, where requests are not paced.
            also_good: Statuses that are no error, beside 200 to 299.

        Raises:
            TimeIsUp: Its turn would be past the end of the load.
            Failed: There is no good answer.
        """
        due = await self._pace.turn(pause + self._recovery)
        series = self._outcome.steps[step]
        try:
            answer = await self._send(step.method, url, body)
        except FAILURES as error:
            self._recovery = _RECOVERY
            series.requests += 1
            raise self.failed(step, failure(error, self._timeout)) from error
        latency = time.perf_counter() - due
        self._recovery = 0.0
        series.requests += 1
        if not (200 <= answer.status < 300 or answer.status in also_good):
            raise self.failed(step, refusal(*answer))
        series.latencies.append(latency)
        return answer

    async def _send(self, method: str, url: URL, body: Json | None) -> Answer:
        data, headers = None, None
        if body is not None:
            data = body.data
            headers = {"Content-Type": "application/json", "Content-Length": str(body.length)}
        async with self._http.request(method, url, data=data, headers=headers, allow_redirects=False) as response:
            return Answer(response.status, await response.read())

    def read[T](self, step: Step, answer: Answer, form: type[T]) -> T:
        """The JSON of an answer.

        Raises:
            Failed: It is not of that form.
        """
        try:
            return msgspec.json.decode(answer.body, type=form)
        except msgspec.DecodeError as error:
            raise self.failed(step, f"not of the Algomancy API: {error}") from error

    def failed(self, step: Step, error: str) -> Failed:
        """Count an error of a request; what this gives is for whom the error keeps from going on."""
        self._outcome.steps[step].failed(error)
        return Failed(error)
