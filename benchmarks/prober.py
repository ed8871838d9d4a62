"""``python -m benchmarks.prober PORT``: requests ``/health`` every few milliseconds until its standard input closes.

It runs in a process of its own, so that no other client in the process delays it. At the end it prints one line of
JSON: a list of latencies, in milliseconds.
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

#: Seconds: pause between two requests.
_PAUSE = 0.002


class Stall(list[float]):
    """The latencies of ``/health`` under another load, in milliseconds; empty until the prober ends."""


@contextlib.contextmanager
def probing(server: Server) -> Iterator[Stall]:
    """Run the prober for the duration of the block."""
    stall = Stall()
    command = [sys.executable, "-m", "benchmarks.prober", str(server.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as prober:
        if prober.stdout is not None:
            prober.stdout.readline()  # the prober has started
        try:
            yield stall
        finally:
            output, _ = prober.communicate(timeout=60)
            stall += json.loads(output)


def main() -> None:
    """Probe until standard input closes, then print the latencies."""
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
