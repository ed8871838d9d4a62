"""Loads from wrk, the load generator: one URL, or a file of requests, for some seconds."""

import json
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct

#: The Lua script that gives wrk its requests and prints the results as one line of JSON.
_SCRIPT = Path(__file__).parent / "wrk.lua"

#: Timeout of a response; a later one is an error. The peer needs more than ten seconds for some.
_TIMEOUT = "60s"

_INSTALL = "wrk is not installed: on Debian and Ubuntu it is in the package wrk (apt-get install wrk)"


class WrkFailed(Exception):
    """wrk is not installed, or failed. The message says what to do."""


class Rate(Struct):
    """The results of a load. Latencies are in milliseconds.

    Attributes:
        requests: Number of responses.
        rate: Requests per second.
        p50: Median latency.
        p99: 99th percentile of the latency.
        worst: Longest latency.
        errors: Responses with a status other than 2xx, and broken connections.
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
        url: The URL.
        seconds: Duration of the load.
        connections: Concurrent connections, each with one request in flight.
        method: The method of the requests.
        bodies: A file of requests, each sent once: a line has a path, a space, and a body or nothing. After the last
            one the load ends early.

    Raises:
        WrkFailed: wrk is not installed, or failed.
    """
    if not (wrk := shutil.which("wrk")):
        raise WrkFailed(_INSTALL)
    command = [wrk, "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", _TIMEOUT]
    command += ["-s", str(_SCRIPT), url, "--", method]
    command += [str(bodies)] if bodies else []
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60, check=False)
    last = ended.stdout.strip().rpartition("\n")[2]
    if ended.returncode or not last.startswith("{"):
        raise WrkFailed(f"wrk ended with {ended.returncode}: {ended.stderr or ended.stdout}")
    return Rate(**json.loads(last))
