"""uvicorn, which tells the app at once that it is shutting down, and exits within a time limit."""

import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from functools import partial
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from uvicorn.server import HANDLED_SIGNALS

from ..limits import Limits
from .http_protocol import BoundedProtocol

_logger = logging.getLogger("algomancy_api")

#: Fraction of the grace period: time for responses in progress. The rest is for closing the database and the engine.
_RESPONSE_FRACTION = 0.8

#: Exit status of a server that cannot start, the same as that of uvicorn's command.
_STARTUP_FAILURE = 3

#: Seconds: grace period after a second signal.
_SECOND_SIGNAL_GRACE = 1


def run_server(app: Starlette, grace: float, limits: Limits, **options: Any) -> None:  # noqa: ANN401 - uvicorn's own
    """Serve an app until a signal stops it.

    Args:
        app: The app, as `create_application` returns it.
        grace: Seconds: time limit of the shutdown, from the signal to the end of the process.
        limits: The limits on requests.
        options: Further arguments of `uvicorn.Config`.
    """
    protocol: Any = partial(BoundedProtocol, limits=limits)
    config = uvicorn.Config(app, http=protocol, **options)
    config.timeout_graceful_shutdown = grace * _RESPONSE_FRACTION  # type: ignore[assignment]  # any number works
    server = _Server(config, app, grace)
    with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises the signal again after the shutdown
        server.run()
    server.is_over = True
    if not server.started:
        sys.exit(_STARTUP_FAILURE)


class _Server(uvicorn.Server):
    """A server that ends the app's event streams before it waits for open connections.

    The lifespan of the app ends after the connections, and an event stream never ends by itself.
    """

    def __init__(self, config: uvicorn.Config, app: Starlette, grace: float) -> None:
        super().__init__(config)
        self.is_over = False
        self._app = app
        self._grace = grace

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._end_within(_SECOND_SIGNAL_GRACE if self.should_exit else self._grace)
        self.force_exit = self.should_exit  # True from the second signal on, whichever it is
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        self._keep_signals()
        return await super().on_tick(counter)

    def _keep_signals(self) -> None:
        """Install the handlers again, ten times a second: some 4 µs.

        A solver that runs on a thread may install its own in C, and the system's default when it ends. Then Ctrl-C
        would stop the solver and not the server, or kill the server. Python does not notice.
        """
        for number in HANDLED_SIGNALS:
            if signal.getsignal(number) == self.handle_exit:
                signal.signal(number, self.handle_exit)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._app.state.stop()
        await super().shutdown(sockets)
        if self.force_exit and not self.lifespan.shutdown_event.is_set():
            # uvicorn would have the event loop cancel all tasks, the lifespan too, and log that as an error of the app.
            for task in self.server_state.tasks:
                task.cancel()
            await self.lifespan.shutdown()

    def _end_within(self, seconds: float) -> None:
        timer = threading.Timer(seconds, self._end_process, [seconds])
        timer.daemon = True
        timer.start()

    def _end_process(self, seconds: float) -> None:
        if self.is_over and threading.main_thread().is_alive():
            return  # the server has stopped, and the program goes on
        # A thread still works on a request, or the database does not respond.
        _logger.error("The server did not stop within %g s; the process exits now", seconds)
        os._exit(1)
