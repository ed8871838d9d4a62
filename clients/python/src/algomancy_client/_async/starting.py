"""Creates scenarios and starts them: in one request, or one by one on an old server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from ..errors import AlgomancyError, Unsupported
from ..wire.answers import AlgorithmOfSummary, Created, Summary
from ..wire.faults import read
from .calls import AsyncCalls
from .scenario import AsyncScenario

T = TypeVar("T")

#: Scenarios: the most that one request creates, starts or deletes.
MOST_AT_ONCE = 1_000


async def created(calls: AsyncCalls, body: dict[str, Any], *, run: bool) -> AsyncScenario:
    """A new scenario, which is queued if ``run`` is true."""
    response = await calls.send("POST", "scenarios", body={**body, "run": True} if run else body)
    made = read(response, Created)
    scenario = AsyncScenario(calls, _summary(body, made))
    if run and made.status == "created":  # an old server has passed over `run`
        await scenario.start()
    return scenario


async def all_created(calls: AsyncCalls, bodies: list[dict[str, Any]], labels: dict[str, str]) -> list[AsyncScenario]:
    """New scenarios, all or none, which are queued."""
    try:
        if len(bodies) <= MOST_AT_ONCE:
            return await _at_once(calls, bodies, labels, run=True)
        return await _by_parts(calls, bodies, labels)
    except Unsupported:
        return await _one_by_one(calls, bodies)


async def _at_once(
    calls: AsyncCalls, bodies: Sequence[dict[str, Any]], labels: dict[str, str], *, run: bool
) -> list[AsyncScenario]:
    body = {"scenarios": bodies, "label": labels, "run": run}
    response = await calls.send("POST", "scenarios", "batch", body=body, feature="way to create several scenarios")
    return [AsyncScenario(calls, summary) for summary in read(response, list[Summary])]


async def _by_parts(calls: AsyncCalls, bodies: Sequence[dict[str, Any]], labels: dict[str, str]) -> list[AsyncScenario]:
    """The same of more than one request takes. None runs before all are there; if one is refused, all are deleted."""
    scenarios: list[AsyncScenario] = []
    try:
        for part in _parts(bodies):
            scenarios += await _at_once(calls, part, labels, run=False)
    except BaseException:
        for made in _parts(scenarios):
            with suppress(AlgomancyError):
                await calls.change("delete", [scenario.id for scenario in made])
        raise
    for made in _parts(scenarios):
        queued = await calls.run([scenario.id for scenario in made])
        for scenario in made:
            if scenario.id in queued:
                scenario._summary.status = "queued"
    return scenarios


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), MOST_AT_ONCE):
        yield items[start : start + MOST_AT_ONCE]


async def _one_by_one(calls: AsyncCalls, bodies: list[dict[str, Any]]) -> list[AsyncScenario]:
    """The same on an old server, which has no labels. If one cannot be created, those before it are deleted."""
    scenarios: list[AsyncScenario] = []
    try:
        for body in bodies:
            scenarios.append(await created(calls, body, run=False))  # noqa: PERF401 - those so far are needed below
    except BaseException:
        for scenario in scenarios:
            with suppress(AlgomancyError):
                await scenario.delete()
        raise
    for scenario in scenarios:
        await scenario.start()
    return scenarios


def _summary(body: dict[str, Any], made: Created) -> Summary:
    """What is known of a new scenario: what it was made of, and what the server says."""
    return Summary(
        made.id,
        made.tag,
        AlgorithmOfSummary(body["algo_name"], body["algo_params"]),
        body["dataset_key"],
        body.get("data_params", {}),
        made.status,
        kpis=made.kpis,
        labels=body.get("labels", {}),
        note=body.get("note", ""),
    )
