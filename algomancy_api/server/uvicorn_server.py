"""uvicorn, which tells the app in time that it is being stopped, and is gone in time."""

import contextlib
import logging
import os
import socket
import sys
import threading
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from ..limits import Limits
from .http_protocol import BoundedProtocol

_logger = logging.getLogger("algomancy_api")

#: The part of the grace that answers under way may take; what is left is for the database and the like.
_FOR_ANSWERS = 0.8

#: The exit status of a server that cannot start, as uvicorn's own command has it.
_STARTUP_FAILURE = 3

#: How long the end may take that a second signal asks for, in seconds.
_AT_ONCE = 1


def run_server(app: Starlette, grace: float, limits: Limits, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
    """Serve an app until a signal stops it.

    Args:
        app: What `create_application` gave.
        grace: How long the process may live after the signal, in seconds.
        limits: How much a client may ask for.
        options: Those of `uvicorn.Config`.
    """
    protocol: Any = partial(BoundedProtocol, limits=limits)
    config = uvicorn.Config(app, http=protocol, **options)
    config.timeout_graceful_shutdown = grace * _FOR_ANSWERS  # type: ignore[assignment]  # it waits for any number
    server = _Server(config, app, grace)
    with contextlib.suppress(KeyboardInterrupt):  # the signal, raised once more after its work is done
        server.run()
    server.is_over = True
    if not server.started:
        sys.exit(_STARTUP_FAILURE)


class _Server(uvicorn.Server):
    """A server that ends the app's streams before it waits for its connections.

    The lifespan of an app ends only after them, and a stream of events has no end of its own.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, grace: float) -> None:
        super().__init__(config)
        self.is_over = False
        self._app = app
        self._grace = grace

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._end_within(_AT_ONCE if self.should_exit else self._grace)
        self.force_exit = self.should_exit  # whichever signal is the second one
        super().handle_exit(sig, frame)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.stop()
        await super().shutdown(sockets)

    def _end_within(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._end_process, [seconds])
        timer.daemon = True
        timer.start()

    def _end_process(self, seconds: float) -> None:
        if self.is_over and threading.main_thread().is_alive():
            return  # the program goes on without the server
        # A thread that serves a request is in the way of the end, or the database does not answer.
        _logger.error("Not stopped within %g s: the process ends as it is", seconds)
        os._exit(1)
