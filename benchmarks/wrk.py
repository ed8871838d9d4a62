"""wrk, the load generator: one URL, or a script of requests, for so many seconds; what it saw as figures."""

import json
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct

#: What tells wrk what to send, and has it print what it saw as one line of JSON.
_SCRIPT = Path(__file__).parent / "wrk.lua"

#: How long an answer may take before it counts as an error: the peer needs more than ten seconds for some.
_PATIENCE = "60s"

_INSTALL = "wrk is not installed: on Debian and Ubuntu it is in the package wrk (apt-get install wrk)"


class WrkFailed(Exception):
    """wrk is missing, or did not do what it should. The message says what to do."""


class Rate(Struct):
    """What a load came to: requests a second, latencies in milliseconds, and answers that were none of 2xx.

    Attributes:
        requests: How many were answered.
        rate: Requests a second.
        p50: The median latency.
        p99: The latency that one request in a hundred exceeds.
        worst: The longest latency.
        errors: Answers of another status, and connections that broke.
    """

    requests: int
    rate: float
    p50: float
    p99: float
    worst: float
    errors: int


def run_wrk(url: str, *, seconds: float, connections: int, method: str = "GET", bodies: Path | None = None) -> Rate:
    """Load a URL.

    Args:
        url: Where the requests go.
        seconds: For how long.
        connections: How many at a time, each with one request in flight.
        method: The method of the requests.
        bodies: A file of requests, each used once: a line is a path, a space, and a body or nothing. When all are
            used up, the load ends before its time.

    Raises:
        WrkFailed: It is not installed, or failed.
    """
    if not (wrk := shutil.which("wrk")):
        raise WrkFailed(_INSTALL)
    command = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", _PATIENCE]
    command += ["-s", str(_SCRIPT), url, "--", method]
    command += [str(bodies)] if bodies else []
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    last = ended.stdout.strip().rpartition("\n")[2]
    if ended.returncode or not last.startswith("{"):
        raise WrkFailed(f"wrk ended with {ended.returncode}: {ended.stderr or ended.stdout}")
    return Rate(**json.loads(last))
