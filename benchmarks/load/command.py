"""The command: from its options to its exit code."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from .driver import loop_factory, run_load
from .options import PROGRAM, options
from .outcome import Outcome
from .permission import ask_to_write
from .plan import LoadError, Plan
from .progress import shown
from .report import as_json, write_report

_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Put the load on the server, print what was measured, and give the exit code."""
    # SIGTERM comes by way of Ctrl-C's signal, which a job in the background of a shell would ignore.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)
    plan, json, yes = options(arguments)
    outcome = Outcome()
    try:
        if not yes:
            ask_to_write(plan)
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(_watched(plan, outcome))
    except LoadError as error:
        return _give_up(outcome, str(error), error.exit_code)
    except KeyboardInterrupt:
        outcome.interrupted = True
        if outcome.began is None:
            return _give_up(outcome, "interrupted before the load began", _INTERRUPTED)
    write_report(plan, outcome)
    if json is not None:
        json.write_bytes(as_json(plan, outcome))
    if outcome.interrupted:
        return _INTERRUPTED
    return 1 if outcome.errors or outcome.left_behind else 0


async def _watched(plan: Plan, outcome: Outcome) -> None:
    async with shown(plan, outcome):
        await run_load(plan, outcome)


def _give_up(outcome: Outcome, reason: str, code: int) -> int:
    print(f"{PROGRAM}: error: {reason}", file=sys.stderr)
    for text in outcome.left_behind:
        print(f"{PROGRAM}: left behind: {text}", file=sys.stderr)
    return code


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    """Stop as Ctrl-C does: by way of all that has something to clear up."""
    signal.raise_signal(signal.SIGINT)
