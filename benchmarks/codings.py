"""``python -m benchmarks.codings``: large responses as JSON and MessagePack, plain and compressed."""

import argparse
import sys
from collections.abc import Iterator
from itertools import product

from rich.console import Console
from rich.table import Table

from .asking import Unexpected, sessions, transfer
from .servers import Server, ServerFailed
from .sides import OURS, kinds, side_by_side

_FORMS = {"JSON": "application/json", "MessagePack": "application/msgpack"}
_CODINGS = ("identity", "gzip", "br", "zstd")

#: Downloads of each form: the fastest one counts.
_ROUNDS = 3


def main() -> int:
    """Download each form and print a table; the exit code is 2 if a server fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.codings", description=__doc__)
    parser.add_argument("--rows", type=int, default=600_000, help="rows of the dataset (default: 600000)")
    parser.add_argument("--scenarios", type=int, default=10_000, help="scenarios in the list (default: 10000)")
    arguments = parser.parse_args()
    contents = {"datasets": {"large": arguments.rows}, "scenarios": {"main": arguments.scenarios}}
    table = Table("response", "form", "coding", "MB", "seconds", "processor ms", "first byte ms", box=None)
    try:
        with side_by_side({OURS: kinds(None)[OURS]}, contents) as servers:
            for row in _rows(servers[OURS], arguments):
                table.add_row(*row)
    except (OSError, ServerFailed, Unexpected) as error:
        print(f"not finished: {error}", file=sys.stderr)
        return 2
    Console(width=110 if not sys.stdout.isatty() else None).print(table)
    return 0


def _rows(server: Server, arguments: argparse.Namespace) -> Iterator[list[str]]:
    main = sessions(server)["main"]
    responses = {
        f"{arguments.rows:,} rows": f"{main}/data/large",
        f"{arguments.scenarios:,} scenarios": f"{main}/scenarios",
    }
    for (what, path), (form, media_type), coding in product(responses.items(), _FORMS.items(), _CODINGS):
        yield [what, form, coding, *_measured(server, path, media_type, coding)]


def _measured(server: Server, path: str, media_type: str, coding: str) -> list[str]:
    before = server.processor_time()
    received = [transfer(server, "GET", path, accept=media_type, accept_encoding=coding) for _ in range(_ROUNDS)]
    processor = (server.processor_time() - before) / _ROUNDS
    best = min(received, key=lambda download: download.seconds)
    return [f"{best.size / 1e6:.2f}", f"{best.seconds:.2f}", f"{processor * 1000:.0f}", f"{best.first_byte * 1000:.0f}"]


if __name__ == "__main__":
    sys.exit(main())
