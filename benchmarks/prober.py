"""``python -m benchmarks.prober PORT``: asks ``/health`` every few milliseconds until its standard input closes.

It has a process of its own, so that what it sees is the server's doing, not that of a client beside it. At the end it
prints one line of JSON: a list of latencies, in milliseconds.
"""

import contextlib
import http.client
import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator

from .servers import Server

#: Between two requests, in seconds.
_PAUSE = 0.002


class Stall(list[float]):
    """The latencies of ``/health`` while something else went on, in milliseconds; filled in at the end."""


@contextlib.contextmanager
def probing(server: Server) -> Iterator[Stall]:
    """Ask for ``/health`` meanwhile."""
    stall = Stall()
    command = [sys.executable, "-m", "benchmarks.prober", str(server.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as prober:
        if prober.stdout is not None:
            prober.stdout.readline()  # it has begun
        try:
            yield stall
        finally:
            output, _ = prober.communicate(timeout=60)
            stall += json.loads(output)


def main() -> None:
    """Probe, and print."""
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
    latencies = []
    while not select.select([sys.stdin], [], [], _PAUSE)[0]:
        start = time.perf_counter()
        connection.request("GET", "/health")
        connection.getresponse().read()
        latencies.append((time.perf_counter() - start) * 1000)
        if len(latencies) == 1:
            print("begun", flush=True)
    print(json.dumps(latencies))


if __name__ == "__main__":
    main()
