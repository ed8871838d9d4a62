# Generated from _async by `make client`: change that, and run it again.
"""Creates scenarios and starts them: in one request, or one by one on an old server."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ..errors import AlgomancyError, Unsupported
from ..wire.answers import AlgorithmOfSummary, Created, Summary
from ..wire.faults import read
from .calls import Calls
from .scenario import Scenario


def created(calls: Calls, body: dict[str, Any], *, run: bool) -> Scenario:
    """A new scenario, which is queued if ``run`` is true."""
    response = calls.send("POST", "scenarios", body={**body, "run": True} if run else body)
    made = read(response, Created)
    scenario = Scenario(calls, _summary(body, made))
    if run and made.status == "created":  # an old server has passed over `run`
        scenario.start()
    return scenario


def all_created(calls: Calls, bodies: list[dict[str, Any]], labels: dict[str, str]) -> list[Scenario]:
    """New scenarios, all or none, which are queued."""
    body = {"scenarios": bodies, "label": labels, "run": True}
    try:
        response = calls.send("POST", "scenarios", "batch", body=body, feature="way to create several scenarios")
    except Unsupported:
        return _one_by_one(calls, bodies)
    return [Scenario(calls, summary) for summary in read(response, list[Summary])]


def _one_by_one(calls: Calls, bodies: list[dict[str, Any]]) -> list[Scenario]:
    """The same on an old server, which has no labels. If one cannot be created, those before it are deleted."""
    scenarios: list[Scenario] = []
    try:
        for body in bodies:
            scenarios.append(created(calls, body, run=False))  # noqa: PERF401 - those so far are needed below
    except BaseException:
        for scenario in scenarios:
            with suppress(AlgomancyError):
                scenario.delete()
        raise
    for scenario in scenarios:
        scenario.start()
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
