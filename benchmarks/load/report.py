"""An outcome as lines for people, and as JSON for programs."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from rich.console import Console
from rich.table import Table

from .outcome import Figures, Outcome, Step, percentile
from .plan import KINDS, Plan

#: From such a share of a core on, it may be this program that was slow, and not the server.
_BUSY = 0.9

#: From so late on, in seconds, requests were not evenly spaced any more.
_LATE = 0.02

#: Below such a share of it, the rate that was asked for was not reached.
_REACHED = 0.98

_COLUMNS = ("requests", "per s", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors")

#: An error that more steps have met is shown with their kinds alone.
_SHOWN_STEPS = 2

#: How wide the table may be where there is no terminal.
_WIDE = 120


def write_report(plan: Plan, outcome: Outcome) -> None:
    """Print the figures, the errors, and what has to be known about them."""
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console = Console(highlight=False, markup=False, width=_WIDE)
    console.print(_heading(plan), soft_wrap=True)
    console.print()
    console.print(_table(outcome))
    for lines in filter(None, (_errors(outcome), notes(plan, outcome))):
        console.print()
        console.print("\n".join(lines), soft_wrap=True)


def as_json(plan: Plan, outcome: Outcome) -> bytes:
    """The same for programs; the token is left out."""
    kinds = {
        kind: msgspec.to_builtins(figures) | {"steps": outcome.by_step(kind)}
        for kind, figures in outcome.by_kind().items()
    }
    document = {
        "plan": {name: value for name, value in vars(plan).items() if name != "token"},
        "finished_at": datetime.now(UTC),
        "seconds": outcome.elapsed,
        "interrupted": outcome.interrupted,
        "total": outcome.total(),
        "kinds": kinds,
        "errors": [
            {"kind": step.kind, "step": step.name, "error": error, "count": count}
            for step, series in outcome.steps.items()
            for error, count in series.errors.most_common()
        ],
        "notes": notes(plan, outcome),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def _heading(plan: Plan) -> str:
    mix = ",".join(f"{kind}={weight:g}" for kind, weight in plan.mix.items())
    rate = "as fast as they are answered" if plan.rate is None else f"{plan.rate:,g} per second"
    return f"{plan.url}: {mix} over {plan.connections:,} connections for {plan.seconds:g} s, {rate}"


def _table(outcome: Outcome) -> Table:
    """A line for each kind of the mix, for each of its steps, and for all."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("")
    for column in _COLUMNS:
        table.add_column(column, justify="right")
    for kind, figures in outcome.by_kind().items():
        table.add_row(kind, *_cells(figures), style="bold")
        steps = outcome.by_step(kind)
        for name in steps if len(steps) > 1 else ():
            table.add_row(f"  {name}", *_cells(steps[name]))
    table.add_row("total", *_cells(outcome.total()), style="bold")
    return table


def _cells(figures: Figures) -> list[str]:
    latencies = (figures.p50_ms, figures.p90_ms, figures.p99_ms, figures.max_ms)
    counts = f"{figures.requests:,}", f"{figures.per_second:,.1f}"
    return [*counts, *map(_milliseconds, latencies), f"{figures.errors:,}"]


def _milliseconds(latency: float | None) -> str:
    if latency is None:
        return "-"
    return f"{latency:,.{0 if latency >= 100 else 1 if latency >= 10 else 2}f}"


def _errors(outcome: Outcome) -> list[str]:
    """Each different error with its number and where it was met, the most frequent first."""
    counts: Counter[str] = Counter()
    steps: defaultdict[str, list[Step]] = defaultdict(list)
    for step, series in outcome.steps.items():
        counts += series.errors
        for error in series.errors:
            steps[error].append(step)
    return [f"{count:,} x {error} ({_places(steps[error])})" for error, count in counts.most_common()]


def _places(steps: list[Step]) -> str:
    """Some steps, or their kinds if they are many."""
    if len(steps) <= _SHOWN_STEPS:
        return ", ".join(f"{step.kind}: {step.name}" for step in steps)
    met = {step.kind for step in steps}
    return ", ".join(kind for kind in KINDS if kind in met)


def notes(plan: Plan, outcome: Outcome) -> list[str]:
    """What has to be known to read the figures right, and what is left to do."""
    return [*_notes(plan, outcome)]


def _notes(plan: Plan, outcome: Outcome) -> Iterator[str]:
    if outcome.interrupted and outcome.elapsed < plan.seconds:
        yield f"interrupted after {outcome.elapsed:.1f} s of {plan.seconds:g} s"
    for text in outcome.left_out:
        yield f"left out: {text}"
    due = (plan.rate or 0.0) * plan.seconds
    if outcome.requests < due * _REACHED and not outcome.interrupted:
        yield f"not reached: of {due:,.0f} requests that were due {outcome.requests:,} were sent, many of them late"
    if outcome.processor > _BUSY:
        yield f"this program used {outcome.processor:.0%} of a core: it may have been slower than the server"
    if delays := sorted(outcome.timer_delays):
        late = percentile(delays, 0.99)
        if late > _LATE:
            yield f"this program was late itself, by up to {late * 1000:,.0f} ms (p99): the machine is too busy"
    for text in outcome.left_behind:
        yield f"left behind: {text}"
