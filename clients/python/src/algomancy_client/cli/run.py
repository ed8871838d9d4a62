"""Runs a command, and makes an exit code of its outcome."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .._sync.client import Client
from ..errors import AlgomancyError, ConnectionFailed, Refused, RunFailed, WaitTimeout
from .options import parser
from .output import Output

#: Exit codes by class of the error, the first that fits.
_CODES: tuple[tuple[type[BaseException], int], ...] = (
    (RunFailed, 1),
    (Refused, 1),
    (ConnectionFailed, 4),
    (WaitTimeout, 5),
    (AlgomancyError, 3),
    (OSError, 2),
    (ValueError, 2),
    (KeyboardInterrupt, 130),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code. An error is a line on stderr."""
    options = parser().parse_args(arguments)
    try:
        output = Output(as_json=options.json)
        with Client(options.url) as client:
            return 0 if options.run(client, options, output) else 1
    except BrokenPipeError:  # the reader of the output, such as `head`, has enough
        sys.stderr.close()
        return 0
    except tuple(kind for kind, _ in _CODES) as error:
        if str(error):
            print(f"algomancy: {error}", file=sys.stderr)
        return next(code for kind, code in _CODES if isinstance(error, kind))
