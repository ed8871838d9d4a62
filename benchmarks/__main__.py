"""``python -m benchmarks``: the benchmarks of this server, algomancy-api 0.10.0 and a bare ASGI app."""

import argparse
import functools
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import msgspec
from rich.console import Console

from .asking import Unexpected
from .parts import datasets, growth, polling, requests, startup, storage, streams, tables, transfers
from .parts.plan import Plan, short
from .plots import draw
from .report import markdown, missed, show
from .results import Results
from .servers import ServerFailed
from .sides import PEER, kinds
from .wrk import WrkFailed

_PARTS: dict[str, Callable[[Plan, Callable[[str], None]], Results]] = {
    "requests": requests.measure,
    "polling": polling.measure,
    "streams": streams.measure,
    "startup": startup.measure,
    "transfers": transfers.measure,
    "tables": tables.measure,
    "datasets": datasets.measure,
    "storage": storage.measure,
    "growth": growth.measure,
}

_RESULTS = Path(__file__).parent / "results"

_VERSIONS = ("starlette", "msgspec", "uvicorn", "uvloop", "httptools")


def main() -> int:
    """Run the benchmarks, print the results and write them to files.

    The exit code is 0 whatever the results, unless ``--strict`` is given.
    """
    arguments = _arguments()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the servers, too
    sides = kinds(arguments.peer_python)
    plan = short(sides) if arguments.short else Plan(sides, arguments.seconds, arguments.rounds)
    console, progress = Console(width=150 if not sys.stdout.isatty() else None), Console(stderr=True)
    results = Results(_machine(), {name: version(name) for name in _VERSIONS})
    try:
        for part in arguments.parts:
            results.add(_PARTS[part](plan, functools.partial(_say, progress, part)))
    except (OSError, ServerFailed, Unexpected, WrkFailed, subprocess.SubprocessError) as error:
        progress.print(f"not finished: {error}", markup=False)
        return 2
    except KeyboardInterrupt:
        progress.print("stopped")
        return 130
    show(results, console)
    if not arguments.short:
        _write(results, arguments.results, console)
    if PEER not in sides:
        progress.print(
            "The peer was not measured: give its interpreter as --peer-python, or run `make bench`, which installs it."
        )
    return 1 if arguments.strict and missed(results) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Benchmark this server, algomancy-api 0.10.0 and a bare ASGI app, all under the same uvicorn.",
        epilog="Run nothing else meanwhile. Compare ratios within one run: absolute figures depend on the machine.",
    )
    parser.add_argument("parts", nargs="*", default=list(_PARTS), metavar="part", help=f"any of: {', '.join(_PARTS)}")
    parser.add_argument(
        "--peer-python",
        default=os.environ.get("PEER_PYTHON"),
        help="the interpreter with algomancy-api 0.10.0 (default: the variable PEER_PYTHON)",
    )
    parser.add_argument("--seconds", type=float, default=3, help="seconds per load (default: 3)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds per load (default: 3)")
    parser.add_argument(
        "--results", type=Path, default=_RESULTS, help="folder for the JSON file, the tables and the plots"
    )
    parser.add_argument(
        "--short", action="store_true", help="only check that the benchmarks run: takes seconds, writes no files"
    )
    parser.add_argument("--strict", action="store_true", help="exit with code 1 if a target is missed")
    arguments = parser.parse_args()
    if unknown := [part for part in arguments.parts if part not in _PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(_PARTS)}")
    if arguments.seconds <= 0 or arguments.rounds < 1:
        parser.error("--seconds and --rounds must be positive")
    return arguments


def _say(progress: Console, part: str, what: str) -> None:
    progress.print(f"[dim]{part}: {what}[/dim]", highlight=False)


def _machine() -> str:
    return f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"


def _write(results: Results, folder: Path, console: Console) -> None:
    """Write the results. Parts that this run skipped keep their former results."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "latest.json"
    if file.exists():
        former = msgspec.json.decode(file.read_bytes(), type=Results)
        results.requests = results.requests or former.requests
        results.growth = results.growth or former.growth
        measured = {figure.what for figure in results.figures}
        results.figures += [figure for figure in former.figures if figure.what not in measured]
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")
    (folder / "latest.md").write_text(markdown(results))
    for path in [file, folder / "latest.md", *draw(results, folder)]:
        console.print(f"wrote {path}", highlight=False)


if __name__ == "__main__":
    sys.exit(main())
