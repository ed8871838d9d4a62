"""The facts of a run that tell runs apart, read without its parameters and KPIs."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from .record import OUTCOMES, RunRecord


class RunFacts(Struct, frozen=True, kw_only=True, gc=False):
    """What a run took, and how it ended: some fields of its record."""

    number: Annotated[
        int | None, Meta(description="The number of the run, from 1 for each scenario; null without a history.")
    ] = None
    outcome: (
        Annotated[
            str,
            Meta(
                description="How it has ended; null before.",
                extra_json_schema={"enum": list(OUTCOMES)},
            ),
        ]
        | None
    ) = None
    started: Annotated[datetime | None, Meta(description="When it began, in UTC; null if it has not.")] = None
    ended: Annotated[datetime | None, Meta(description="When it ended, in UTC; null while it waits or runs.")] = None
    seconds: Annotated[float | None, Meta(description="From its beginning to its end.")] = None
    cpu_seconds: Annotated[float | None, Meta(description="Processor time, if it is known.")] = None
    peak_memory: Annotated[int | None, Meta(description="Bytes: its largest memory, if it is known.")] = None
    engine: Annotated[str | None, Meta(description="The engine; null without a history.")] = None
    seed: Annotated[int | None, Meta(description="The seed of its random numbers, if it is known.")] = None


_FIELDS = RunFacts.__struct_fields__
_values = attrgetter(*_FIELDS)

#: Reads the facts from the JSON of a record, and passes over the rest.
FACTS = msgspec.json.Decoder(RunFacts)


def facts_of(record: RunRecord) -> RunFacts:
    """The facts in a record."""
    return RunFacts(**dict(zip(_FIELDS, _values(record), strict=True)))


class EndedFacts:
    """The facts of last runs that have ended, read once: they change only with the number of the last run.

    Args:
        most: Scenarios: how many are kept, those that were asked for last. Each takes half a kilobyte.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, RunFacts] = OrderedDict()

    def of(
        self,
        scenario_ids: list[str],
        numbers: Mapping[str, int],
        read: Callable[[list[str]], dict[str, RunFacts]],
    ) -> dict[str, RunFacts]:
        """The facts of the last run of each scenario that has ended.

        Args:
            scenario_ids: The scenarios.
            numbers: The number of the last run of each scenario that has one.
            read: Reads the facts of the last runs of scenarios that have ended.
        """
        kept = self._kept
        known = {key: facts for key in scenario_ids if (facts := kept.get(key)) and facts.number == numbers.get(key)}
        found = read([key for key in scenario_ids if key in numbers and key not in known])
        with self._lock:
            if 2 * len(kept) > self._most:  # with less, it takes long until one is dropped
                for key in known:
                    if key in kept:
                        kept.move_to_end(key)
            kept.update((key, facts) for key, facts in found.items() if facts.number == numbers.get(key))
            while len(kept) > self._most:
                kept.popitem(last=False)
        return known | found
