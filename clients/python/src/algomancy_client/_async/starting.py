"""Creates scenarios and starts them: in one request, or one by one on an old server."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..errors import AlgomancyError, Unsupported
from ..wire.answers import AlgorithmOfSummary, Created, Summary
from ..wire.faults import read
from .calls import AsyncCalls
from .scenario import AsyncScenario


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
    body = {"scenarios": bodies, "label": labels, "run": True}
    try:
        response = await calls.send("POST", "scenarios", "batch", body=body, feature="way to create several scenarios")
    except Unsupported:
        return await _one_by_one(calls, bodies)
    return [AsyncScenario(calls, summary) for summary in read(response, list[Summary])]


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
