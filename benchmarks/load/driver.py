"""Puts a load on a server: so many connections, each in its pace, for so long."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import accumulate

from .api import Api
from .client import Client, Failed
from .connection import connected
from .journeys import Journey, Polls, Reads, Runs, Uploads
from .outcome import Outcome
from .pace import AsAnswered, Even, Pace, TimeIsUp
from .place import Place, place_to_write
from .plan import Plan, UsageError
from .pool import allow_connections, connections
from .target import Target, discover


async def run_load(plan: Plan, outcome: Outcome | None = None) -> Outcome:
    """Put a load on a server, and clear up what was made for it, also when cancelled.

    Args:
        plan: The load.
        outcome: Where to measure it, for whoever wants to watch, or to have what came before a cancellation.

    Raises:
        UsageError: The server has not what the plan asks for.
        LoadError: The server does not answer, or not well, before the load begins.
    """
    outcome = Outcome() if outcome is None else outcome
    allow_connections(plan.connections)
    async with connected(plan) as http:
        api = Api(http, plan)
        target = await discover(api, plan)
        mix = _possible(plan, target, outcome)
        async with place_to_write(api, plan, target, outcome) as place:
            await _put(plan, api, mix, _journeys(target, place), outcome)
    return outcome


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The fastest event loop that is installed, for `asyncio.Runner`."""
    try:
        from uvloop import new_event_loop
    except ModuleNotFoundError:
        return None
    return new_event_loop


def _possible(plan: Plan, target: Target, outcome: Outcome) -> Mapping[str, float]:
    """The mix without what the server has nothing for."""
    if target.reads["status"]:
        return plan.mix
    mix = {kind: weight for kind, weight in plan.mix.items() if kind != "polls"}
    absent = f"session {target.name!r} has no scenario"
    if not mix:
        raise UsageError(f"there is nothing to poll: {absent}; create one, or choose another with --session")
    if "polls" in plan.mix:
        outcome.left_out.append(f"polls: {absent}")
    if "reads" in mix:
        outcome.left_out.append(f"reads of a scenario and of its status: {absent}")
    return mix


def _journeys(target: Target, place: Place) -> dict[str, Journey]:
    journeys: dict[str, Journey] = {
        "reads": Reads(target.reads),
        "polls": Polls(target.reads["status"]),
        "runs": Runs(place, target.dataset, target.algorithm),
    }
    if target.document is not None:
        journeys["uploads"] = Uploads(place, target.document)
    return journeys


async def _put(
    plan: Plan, api: Api, mix: Mapping[str, float], journeys: Mapping[str, Journey], outcome: Outcome
) -> None:
    chosen = [journeys[kind] for kind in mix]
    weights = list(accumulate(mix.values()))
    outcome.phase = "opening connections"
    async with connections(plan, api.health) as opened:
        outcome.phase = "loading"
        with outcome.measuring() as begin:
            async with asyncio.TaskGroup() as group:
                for number, http in enumerate(opened):
                    client = Client(http, _pace(plan, number, begin, outcome), outcome, plan.timeout)
                    group.create_task(_work(client, chosen, weights))
                # Where requests are far apart, the last one is answered well before the end.
                await asyncio.sleep(begin + plan.seconds - time.perf_counter())


def _pace(plan: Plan, number: int, begin: float, outcome: Outcome) -> Pace:
    end = begin + plan.seconds
    if plan.rate is None:
        return AsAnswered(end)
    return Even(begin + number / plan.rate, plan.connections / plan.rate, end, outcome.timer_delays)


async def _work(client: Client, journeys: list[Journey], weights: list[float]) -> None:
    """Take up one journey after the other until the time is up."""
    with suppress(TimeIsUp):
        while True:
            (journey,) = random.choices(journeys, cum_weights=weights)
            with suppress(Failed):
                await journey(client)
