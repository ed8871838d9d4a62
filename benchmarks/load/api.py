"""The server as it is asked before and after the load: unmeasured, and with a word on what goes wrong."""

from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout
from yarl import URL

from .connection import FAILURES, failure, refusal
from .plan import LoadError, Plan, UsageError


class Unreachable(LoadError):
    """There is no answer."""


class Refused(LoadError):
    """There is an answer, but not a good one."""

    def __init__(self, request: str, status: int, body: bytes) -> None:
        super().__init__(f"{request} answered {refusal(status, body)}")
        self.status = status


def beneath(url: URL, *names: str) -> URL:
    """An address beneath another; a name may hold any character."""
    return url.joinpath(*(quote(name, safe="") for name in names), encoded=True)


class Api:
    """The routes of a server, over a connection to it."""

    def __init__(self, http: ClientSession, plan: Plan) -> None:
        self._http = http
        self._timeout = plan.timeout
        root = URL(plan.url)
        self.health = root / "health"
        self.sessions = root.joinpath(*filter(None, plan.prefix.split("/")), "sessions")

    async def get[T](self, url: URL, form: type[T]) -> T:
        """The JSON that a GET answers.

        Raises:
            UsageError: It is not of that form.
            LoadError: As `call`.
        """
        body = await self.call("GET", url)
        try:
            return msgspec.json.decode(body, type=form)
        except msgspec.DecodeError as error:
            raise UsageError(f"what {url} answers is not of the Algomancy API: {error}") from error

    async def call(
        self,
        method: str,
        url: URL,
        body: dict[str, Any] | None = None,
        *,
        seconds: float | None = None,
        most: int | None = None,
    ) -> bytes:
        """The body of a good answer.

        Args:
            method: Of the request.
            url: Where it goes.
            body: What it sends.
            seconds: How long it may take; None is the plan's timeout.
            most: Of so many bytes no more than one beyond is read; None reads all.

        Raises:
            Unreachable: There is no answer.
            Refused: It is not a good one.
        """
        seconds = seconds or self._timeout
        try:
            async with self._http.request(
                method, url, json=body, allow_redirects=False, timeout=ClientTimeout(total=seconds)
            ) as response:
                answer = await _read(response, most)
        except FAILURES as error:
            raise Unreachable(f"cannot reach {url.origin()}: {failure(error, seconds)}") from error
        if not 200 <= response.status < 300:
            raise Refused(f"{method} {url}", response.status, answer)
        return answer


async def _read(response: ClientResponse, most: int | None) -> bytes:
    if most is None:
        return await response.read()
    answer = bytearray()
    async for chunk in response.content.iter_any():
        answer += chunk
        if len(answer) > most:
            response.close()
            break
    return bytes(answer[: most + 1])
