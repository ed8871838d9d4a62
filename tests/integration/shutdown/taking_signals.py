"""A wiring whose algorithm takes the server's signals away in C, and leaves the system's defaults, as solvers do."""

import ctypes
import signal
from typing import Any

from algomancy_api import ApiConfiguration

from ...support import wiring


class Takes(wiring.Algorithm):
    """Ignores the signals, or leaves them to the system, which ends the process."""

    def run(self, data: Any) -> Any:
        for number in (signal.SIGINT, signal.SIGTERM):
            ctypes.CDLL(None).signal(int(number), int(signal.SIG_DFL))
        return super().run(data)


def configuration() -> ApiConfiguration:
    return wiring.configuration(algorithms={"Takes": Takes})
