# Generated from _async by `make client`: change that, and run it again.
"""Sends requests, again where that helps."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import nullcontext
from math import inf
from typing import Any

import httpx

from ..errors import ConnectionFailed
from ..retries import is_passing, seconds_of
from ..settings import Settings
from ..wire.bodies import encoded
from ..wire.calls import EVENTS, JSON, Call
from ..wire.events import Event, Reader
from ..wire.faults import fault_of

#: Seconds: the longest wait for a connection.
_CONNECT = 10.0

#: Faults of the request itself, which another attempt has as well.
_FINAL = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)


class Transport:
    """Sends requests to one server.

    Args:
        settings: Where the server is, and how it is asked.
        http_client: A client of httpx to send them with; it is not closed here. Without one, a client of its own.
        events: Whether the server's events can be read: not by a transport that gathers the whole of an answer. None to
            find out.
    """

    def __init__(self, settings: Settings, http_client: httpx.Client | None = None, events: bool | None = None) -> None:
        self.settings = settings
        self._is_own = http_client is None
        self._http = httpx.Client() if http_client is None else http_client
        gathers = isinstance(getattr(http_client, "_transport", None), httpx.ASGITransport)
        self.has_events = not gathers if events is None else events

    def close(self) -> None:
        """Close the connections, unless they are those of the caller's own client."""
        if self._is_own:
            self._http.close()

    def send(self, call: Call) -> httpx.Response:
        """The answer to a request, which is sent again while the cause of a failure may pass.

        Raises:
            ConnectionFailed: There is no answer.
            AlgomancyError: The answer is an error; see `errors`.
        """
        attempt = 0
        while True:
            attempt += 1
            try:
                response = self._attempt(call)
            except httpx.TransportError as error:
                pause = None if isinstance(error, _FINAL) else self.settings.retries.pause(attempt)
                if pause is None:
                    raise self._failed(call, error) from error
            else:
                if response.is_success or response.status_code == httpx.codes.NOT_MODIFIED:
                    return response
                if call.method == "DELETE" and attempt > 1 and response.status_code == httpx.codes.NOT_FOUND:
                    return response  # an attempt whose answer was lost has deleted it
                retry_after = response.headers.get("retry-after")
                passes = is_passing(response.status_code, retry_after)
                pause = self.settings.retries.pause(attempt, seconds_of(retry_after)) if passes else None
                if pause is None:
                    raise fault_of(call, response)
            time.sleep(pause)

    def events(self, call: Call, silence: float, longest: float = inf) -> Generator[Event, None]:
        """The events of a stream, until it ends.

        Args:
            call: The request.
            silence: Seconds: how long the stream may be silent.
            longest: Seconds: after this time, the first line ends it, which may be one without an event.

        Raises:
            ConnectionFailed: There is no answer, or the stream breaks off or is silent.
            AlgomancyError: The answer is an error; see `errors`.
        """
        reader = Reader()
        end = time.monotonic() + longest
        request = self._request(call, [], httpx.Timeout(silence, connect=_CONNECT))
        try:
            response = self._http.send(request, stream=True)
            try:
                if not response.is_success:
                    response.read()
                    raise fault_of(call, response)
                for line in response.iter_lines():
                    if (event := reader.read(line)) is not None:
                        yield event
                    if time.monotonic() >= end:
                        return
            finally:
                response.close()
        except httpx.TransportError as error:
            raise self._failed(call, error) from error

    def _attempt(self, call: Call) -> httpx.Response:
        seconds = self.settings.timeout + call.patience
        timeout = httpx.Timeout(seconds, connect=min(_CONNECT, self.settings.timeout))
        with call.files() if call.files is not None else nullcontext([]) as files:
            return self._http.send(self._request(call, files, timeout))

    def _request(self, call: Call, files: list[tuple[str, Any]], timeout: httpx.Timeout) -> httpx.Request:
        headers = {"Accept": call.accept, **call.headers}
        if self.settings.token is not None:
            headers["Authorization"] = f"Bearer {self.settings.token}"
        if call.accept == EVENTS:
            headers["Cache-Control"] = "no-store"
        if call.body is not None:
            headers["Content-Type"] = JSON
        return self._http.build_request(
            call.method,
            self.settings.url + call.path,
            params=list(call.query) or None,
            content=None if call.body is None else encoded(call.body),
            data=call.form,
            files=files or None,
            headers=headers,
            timeout=timeout,
        )

    def _failed(self, call: Call, error: httpx.TransportError) -> ConnectionFailed:
        why = str(error) or type(error).__name__
        return ConnectionFailed(f"No answer to {call.method} {self.settings.url}{call.path}: {why}")
