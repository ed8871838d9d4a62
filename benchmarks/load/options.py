"""What the command is told, and what it says when asked for help."""

import argparse
import math
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from .plan import KINDS, Plan

#: How the command is called.
PROGRAM = "python -m benchmarks.load"

#: Where the token is, if it is not among the options.
TOKEN_VARIABLE = "ALGOMANCY_API_TOKEN"  # noqa: S105 - its name

_DESCRIPTION = """\
Put a load on a running Algomancy API, and measure how fast it answers. By default it only reads.
"""

_EPILOG = f"""\
kinds of the mix:
{"\n".join(f"  {kind:<9}{meaning}" for kind, meaning in KINDS.items())}

examples:
  python -m benchmarks.load http://127.0.0.1:8051
  python -m benchmarks.load http://127.0.0.1:8051 --mix reads=90,runs=8,uploads=2 --seconds 60
  python -m benchmarks.load http://127.0.0.1:8051 --mix polls=1 --connections 1000 --rate 2000
  python -m benchmarks.load https://example.org/tools/algomancy --session "What if" --rate 50 --json load.json

what is written where:
  Runs and uploads write to a session of their own, load-<random>, which has copies of the datasets of the default one
  where it needs them. It is deleted at the end, also after Ctrl-C, once the scenarios that are queued or running have
  ended, since nothing stops them; a second Ctrl-C does not wait, and leaves it behind. With --session they write to
  that session, and delete what they have added. They ask before they write to a server that is not on this machine.

what is measured:
  Of each request: the time until its answer is read, counted from the moment at which it was due. With --rate that
  moment does not depend on the answers before it, so that what a slow answer keeps waiting counts, too. Percentiles
  are of good answers; an answer of 300 and above, none within --timeout, and a scenario that failed are errors.
  Opening the connections, and what is done before and after the load, is not measured.

exit code: 0 if all went well; 1 if anything failed; 2 if there is something to change in how it was called;
130 after Ctrl-C
"""


class Options(NamedTuple):
    """The load, and what becomes of its figures."""

    plan: Plan
    json: Path | None
    yes: bool


def options(arguments: Sequence[str] | None = None) -> Options:
    """What the command line says; exits with a message and code 2 where that makes no sense."""
    given = vars(_parser().parse_args(arguments))
    return Options(json=given.pop("json"), yes=given.pop("yes"), plan=Plan(**given))


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line; ``--help`` has the rest."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=PROGRAM,
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("url", type=_url, metavar="URL", help="the root of the app, such as http://127.0.0.1:8051")

    load = parser.add_argument_group("the load")
    load.add_argument(
        "--connections",
        type=_count,
        default=16,
        metavar="N",
        help="how many are kept open, with one request under way on each at most (default: 16)",
    )
    load.add_argument(
        "--seconds", type=_positive, default=10.0, metavar="S", help="how long requests are begun (default: 10)"
    )
    load.add_argument(
        "--mix",
        type=_mix,
        default={"reads": 100.0},
        metavar="KIND=WEIGHT,...",
        help="how often a connection that is free takes up which kind, see below (default: reads=100, "
        "which writes nothing)",
    )
    load.add_argument(
        "--rate",
        type=_positive,
        metavar="R",
        help="requests per second over all connections, evenly spaced (default: as fast as they are answered)",
    )
    load.add_argument(
        "--timeout",
        type=_positive,
        default=10.0,
        metavar="S",
        help="how long a request may take; the load ends so long after --seconds at the latest (default: 10)",
    )

    server = parser.add_argument_group("the server")
    server.add_argument(
        "--prefix", type=_prefix, default="/api/v1", help="what its routes stand under (default: /api/v1)"
    )
    server.add_argument(
        "--session",
        metavar="NAME_OR_ID",
        help="the session to read from and to write to (default: read from the default session, write to one of "
        "the load's own)",
    )
    server.add_argument(
        "--algorithm", metavar="NAME", help="what the runs run (default: the first that needs no values)"
    )
    server.add_argument("--dataset", metavar="KEY", help="what runs and uploads use (default: the first)")
    server.add_argument(
        "--token",
        type=_token,
        default=os.environ.get(TOKEN_VARIABLE) or None,
        help=f"for Authorization: Bearer; others can see it in the list of processes, but not the variable "
        f"{TOKEN_VARIABLE} (default: that)",
    )

    parser.add_argument("--yes", action="store_true", help="write to a server that is not on this machine, do not ask")
    parser.add_argument("--json", type=_file, metavar="FILE", help="write the figures there, too")
    return parser


def _url(text: str) -> str:
    try:
        url = urlsplit(text)
        valid = url.scheme in ("http", "https") and url.hostname and url.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form http://host:port")
    if url.username is not None or url.query or url.fragment:
        raise argparse.ArgumentTypeError("leave out user, query and fragment; a token is given with --token")
    return text.rstrip("/")


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def _positive(text: str) -> float:
    if not (number := _number(text)):
        raise argparse.ArgumentTypeError("it must be above 0")
    return number


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return number


def _mix(text: str) -> dict[str, float]:
    mix: dict[str, float] = {}
    for part in text.split(","):
        kind, equals, weight = (word.strip() for word in part.partition("="))
        if not equals or kind not in KINDS:
            raise argparse.ArgumentTypeError(
                f"{part!r} is not of the form KIND=WEIGHT, with a kind of {', '.join(KINDS)}, as in reads=90,runs=8"
            )
        if kind in mix:
            raise argparse.ArgumentTypeError(f"{kind} has two weights")
        mix[kind] = _number(weight)
    if not any(mix.values()):
        raise argparse.ArgumentTypeError("every weight is 0")
    return {kind: weight for kind, weight in mix.items() if weight}


def _prefix(text: str) -> str:
    if not text.startswith("/"):
        raise argparse.ArgumentTypeError(f"{text!r} does not begin with /")
    return text


def _token(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or not text:
        raise argparse.ArgumentTypeError("a token is of visible ASCII characters alone")
    return text


def _file(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.parent.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"cannot write to {text!r}")
    return path
