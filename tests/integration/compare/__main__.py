"""``python -m tests.integration.compare``.

Exits with 1 if a difference is unexpected or an expected one does not occur, else with 0.
"""

import argparse
import os
import signal
import sys
import time
from types import FrameType

from .answers import Client
from .cases import CASES, Request
from .differences import differences
from .expected import attributed
from .report import Report, Row
from .servers import ServerFailed, wired


def main() -> int:
    """Compare the two servers and print the differences; see the help for the exit code."""
    arguments = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    report = Report()
    deadline = time.monotonic() + arguments.limit
    failure = ""
    try:
        for variant in arguments.variants:
            _compare(variant, arguments.peer_python, report, deadline)
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    except (OSError, ServerFailed, TimeoutError) as error:
        failure = f"not finished: {error}"
    complete = not failure and set(arguments.variants) == set(CASES)
    print(report.table(arguments.differences))
    if arguments.wording:
        print(f"\nErrors that differ only in their text:\n{report.wording_table()}")
    print(f"\n{report.summary(complete)}")
    if failure:
        print(failure, file=sys.stderr)
        return 2
    return 1 if report.unexpected or (complete and report.stale()) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.integration.compare",
        description="Send the same requests to this project and to algomancy-api 0.10.0, and show the differences.",
        epilog="Exit code: 0 if every difference is expected; 1 if one is not, or an expectation is stale; "
        "2 if a server failed or the time limit passed.",
    )
    parser.add_argument("variants", nargs="*", default=list(CASES), metavar="variant", help=f"of: {', '.join(CASES)}")
    parser.add_argument(
        "--peer-python", default=os.environ.get("PEER_PYTHON"), help="the peer's Python (default: PEER_PYTHON)"
    )
    parser.add_argument("--differences", type=int, default=6, help="lines shown per unexpected response (default: 6)")
    parser.add_argument("--wording", action="store_true", help="also show errors that differ only in their text")
    parser.add_argument("--limit", type=float, default=300, help="time limit in seconds (default: 300)")
    arguments = parser.parse_args()
    if not arguments.peer_python:
        parser.error("set PEER_PYTHON to the python of an environment with algomancy-api 0.10.0")
    if unknown := [variant for variant in arguments.variants if variant not in CASES]:
        parser.error(f"no such variant: {', '.join(unknown)}")
    return arguments


def _compare(variant: str, peer_python: str, report: Report, deadline: float) -> None:
    """Send the requests of a variant to both servers, one after the other."""
    requests = CASES[variant]
    print(f"{variant}: starting the servers", file=sys.stderr)
    with wired("ours", sys.executable, variant) as ours, wired("peer", peer_python, variant) as peer:
        clients = Client(ours), Client(peer)
        for number, request in enumerate(requests, 1):
            if time.monotonic() > deadline:
                raise TimeoutError(f"{variant}: out of time at request {number}, {request.name}")
            _send(variant, request, clients, report)
            if number % 200 == 0 or number == len(requests):
                print(f"{variant}: {number} of {len(requests)} requests", file=sys.stderr)


def _send(variant: str, request: Request, clients: tuple[Client, Client], report: Report) -> None:
    ours, peer = (client.ask(request) for client in clients)
    report.asked += 1
    if found := differences(ours, peer):
        reasons, unexplained = attributed(request, ours, peer)
        report.rows.append(Row(variant, request, found, reasons, unexplained))
    if ours.wording and peer.wording and ours.wording != peer.wording and ours.status == peer.status:
        report.wordings.append((variant, request.name, ours.wording, peer.wording))


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Handle SIGTERM like Ctrl-C, so that every cleanup runs."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
