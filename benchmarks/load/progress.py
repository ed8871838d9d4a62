"""A bar for people who wait at a terminal."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from .outcome import Outcome
from .plan import Plan

#: How often it is drawn, in seconds; each time takes some milliseconds from the load.
_INTERVAL = 0.25

_WIDTH = 20


@asynccontextmanager
async def shown(plan: Plan, outcome: Outcome) -> AsyncIterator[None]:
    """How far a load has come, if standard error is a terminal."""
    if not sys.stderr.isatty():
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(_WIDTH), TextColumn("{task.fields[counts]}"))
    with Progress(*columns, console=Console(stderr=True), auto_refresh=False, transient=True) as progress:
        drawing = asyncio.create_task(_draw(progress, plan, outcome))
        try:
            yield
        finally:
            drawing.cancel()


async def _draw(progress: Progress, plan: Plan, outcome: Outcome) -> None:
    bar = progress.add_task(outcome.phase, total=None, counts="")
    while True:
        if outcome.began is not None:
            progress.update(bar, total=plan.seconds, completed=min(outcome.elapsed, plan.seconds))
        progress.update(bar, description=outcome.phase, counts=_counts(plan, outcome), refresh=True)
        await asyncio.sleep(_INTERVAL)


def _counts(plan: Plan, outcome: Outcome) -> str:
    if outcome.began is None or outcome.ended is not None:
        return ""
    elapsed, left = outcome.elapsed, max(0.0, plan.seconds - outcome.elapsed)
    return f"{elapsed:.0f} s, {left:.0f} s left  {outcome.requests:,} requests  {outcome.errors:,} errors"
