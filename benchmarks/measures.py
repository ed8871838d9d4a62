"""``python -m benchmarks.measures``: each optimisation of the package, with and without it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from .asking import Unexpected, get_json, sessions, transfer
from .parts.transfers import FORM_TYPE, downloaded, form_of, posted
from .prober import probing
from .servers import Server, ServerFailed, serving
from .sides import OURS, kinds
from .wrk import WrkFailed, run_wrk

_CONTENTS = {
    "datasets": {"small": 1150, "large": 200_000},
    "scenarios": {"main": 200},
    "sessions": 100,
}


class Compared(NamedTuple):
    """A figure that shows what an optimisation gains.

    Attributes:
        measure: The name of the optimisation in `served.without`.
        what: What is measured.
        unit: Its unit.
        figure: Measures it on a server.
    """

    measure: str
    what: str
    unit: str
    figure: Callable[[Server], float]


def _rate(path: Callable[[Server], str], seconds: float = 1) -> Callable[[Server], float]:
    return lambda server: run_wrk(f"http://{server.host}{path(server)}", seconds=seconds, connections=16).rate


def _main(rest: str) -> Callable[[Server], str]:
    return lambda server: sessions(server)["main"] + rest


def _scenario(rest: str = "") -> Callable[[Server], str]:
    def path(server: Server) -> str:
        main = sessions(server)["main"]
        return f"{main}/scenarios/{get_json(server, f'{main}/scenarios')[0]['id']}{rest}"

    return path


def _compressed(server: Server) -> float:
    path = f"{sessions(server)['main']}/data/large"
    return transfer(server, "GET", path, accept_encoding="gzip").seconds


def _stall_while_compressed(server: Server) -> float:
    with probing(server) as stall:
        _compressed(server)
    return max(stall)


def _upload(server: Server) -> float:
    main = sessions(server)["main"]
    return posted(server, f"{main}/etl", form_of(downloaded(server, f"{main}/data/large")), FORM_TYPE).seconds


def _stall_while_uploaded(server: Server) -> float:
    main = sessions(server)["main"]
    form = form_of(downloaded(server, f"{main}/data/large"))
    with probing(server) as stall:
        posted(server, f"{main}/etl", form, FORM_TYPE)
    return max(stall)


_COMPARED = (
    Compared("loop_or_thread", "GET a full scenario", "1/s", _rate(_scenario())),
    Compared("loop_or_thread", "GET a list of 200 scenarios", "1/s", _rate(_main("/scenarios"))),
    Compared("router", "GET …/status", "1/s", _rate(_scenario("/status"))),
    Compared("documents", "GET /sessions, of 101", "1/s", _rate(lambda _: "/api/v1/sessions")),
    Compared("responses", "GET /health", "1/s", _rate(lambda _: "/health")),
    Compared("responses", "GET …/data", "1/s", _rate(_main("/data"))),
    Compared("columns", "GET a dataset of 1,150 rows", "1/s", _rate(_main("/data/small"))),
    Compared("compression", "GET 200,000 rows, gzip", "s", _compressed),
    Compared("compression", "/health at its worst meanwhile", "ms", _stall_while_compressed),
    Compared("multipart", "POST 200,000 rows as CSV", "s", _upload),
    Compared("multipart", "/health at its worst meanwhile", "ms", _stall_while_uploaded),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print a table; the exit code is 2 if a server fails."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measures", description=__doc__)
    names = list(dict.fromkeys(compared.measure for compared in _COMPARED))
    parser.add_argument("measures", nargs="*", default=names, metavar="measure", help=f"any of: {', '.join(names)}")
    parser.add_argument(
        "--rounds", type=int, default=9, help="rounds, with and without in turn; the median counts (default: 9)"
    )
    options = parser.parse_args(arguments)
    if unknown := set(options.measures) - set(names):
        parser.error(f"no such measure: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    table = Table("measure", "what", "with", "without", "with : without", box=None)
    console = Console(width=110 if not sys.stdout.isatty() else None)
    try:
        for name in options.measures:
            for row in _rows(name, options.rounds):
                table.add_row(*row)
    except (OSError, ServerFailed, Unexpected, WrkFailed) as error:
        print(f"not finished: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    console.print(table)
    return 0


def _rows(measure: str, rounds: int) -> Iterator[list[str]]:
    kind = kinds(None)[OURS]
    environment = {"BENCHMARK_CONTENTS": json.dumps(_CONTENTS)}
    with ExitStack() as running:
        servers = [
            running.enter_context(serving(kind, environment)),
            running.enter_context(serving(kind, environment | {"BENCHMARK_WITHOUT": measure})),
        ]
        for compared in _COMPARED:
            if compared.measure != measure:
                continue
            print(f"{measure}: {compared.what}", file=sys.stderr)
            rounded = [[compared.figure(server) for server in servers] for _ in range(rounds)]
            with_it, without = (median(column) for column in zip(*rounded, strict=True))
            ratio = median(one / other for one, other in rounded)
            what = f"{compared.what}, {compared.unit}"
            yield [measure, what, f"{with_it:,.4g}", f"{without:,.4g}", f"{ratio:.2f}"]


if __name__ == "__main__":
    sys.exit(main())
