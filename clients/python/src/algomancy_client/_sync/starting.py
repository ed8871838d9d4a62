# Generated from _async by `make client`: change that, and run it again.
"""Creates scenarios and starts them: in one request, or one by one on an old server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from ..errors import AlgomancyError, Unsupported
from ..wire.answers import AlgorithmOfSummary, Created, Summary
from ..wire.faults import read
from .calls import Calls
from .scenario import Scenario

T = TypeVar("T")

#: Scenarios: the most that one request creates, starts or deletes.
MOST_AT_ONCE = 1_000


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
    try:
        if len(bodies) <= MOST_AT_ONCE:
            return _at_once(calls, bodies, labels, run=True)
        return _by_parts(calls, bodies, labels)
    except Unsupported:
        return _one_by_one(calls, bodies)


def _at_once(calls: Calls, bodies: Sequence[dict[str, Any]], labels: dict[str, str], *, run: bool) -> list[Scenario]:
    body = {"scenarios": bodies, "label": labels, "run": run}
    response = calls.send("POST", "scenarios", "batch", body=body, feature="way to create several scenarios")
    return [Scenario(calls, summary) for summary in read(response, list[Summary])]


def _by_parts(calls: Calls, bodies: Sequence[dict[str, Any]], labels: dict[str, str]) -> list[Scenario]:
    """The same of more than one request takes. None runs before all are there; if one is refused, all are deleted."""
    scenarios: list[Scenario] = []
    try:
        for part in _parts(bodies):
            scenarios += _at_once(calls, part, labels, run=False)
    except BaseException:
        for made in _parts(scenarios):
            with suppress(AlgomancyError):
                calls.change("delete", [scenario.id for scenario in made])
        raise
    for made in _parts(scenarios):
        queued = calls.run([scenario.id for scenario in made])
        for scenario in made:
            if scenario.id in queued:
                scenario._summary.status = "queued"
    return scenarios


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(items), MOST_AT_ONCE):
        yield items[start : start + MOST_AT_ONCE]


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
