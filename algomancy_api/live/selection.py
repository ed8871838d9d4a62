"""Which scenarios of a session a client watches."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from starlette.datastructures import QueryParams

from ..errors import Malformed
from ..framework import ApiScenarioManager
from ..listing.filters import MOST_CONDITIONS, label_test

#: Scenarios: named in one request.
MOST_IDS = 1_000

_test = lru_cache(label_test)


class Selection(NamedTuple):
    """The scenarios of some ids, or those that have some labels. Equal ones are watched once.

    Attributes:
        ids: The ids; None for no ids.
        labels: The labels, each as a name or as `name:text`. None means all scenarios.
    """

    ids: frozenset[str] | None = None
    labels: frozenset[str] = frozenset()

    @property
    def is_whole(self) -> bool:
        """Whether it is the whole session, whatever its scenarios are."""
        return self.ids is None and not self.labels

    def has(self, manager: ApiScenarioManager, scenario_id: str) -> bool:
        """Whether a scenario is selected, if it exists."""
        if self.ids is not None:
            return scenario_id in self.ids
        if not self.labels:
            return True
        labels = manager.annotations_of(scenario_id).labels
        return all(_test(text)(labels) for text in self.labels)

    def of(self, manager: ApiScenarioManager) -> Iterable[str]:
        """The ids of the selected scenarios, some of which may not exist."""
        if self.ids is not None:
            return self.ids
        ids = manager.scenario_ids()
        return [scenario_id for scenario_id in ids if self.has(manager, scenario_id)] if self.labels else ids


#: All scenarios.
WHOLE = Selection()


def wanted_selection(query: QueryParams) -> Selection:
    """The scenarios that a query asks for, with `ids` or `label`.

    Raises:
        Malformed: It has both, or too much of one.
    """
    labels, lists = query.getlist("label"), query.getlist("ids")
    ids = frozenset(part.strip() for text in lists for part in text.split(",") if part.strip()) if lists else None
    if ids is not None and labels:
        raise Malformed("The query has either ids or label")
    if ids is not None and len(ids) > MOST_IDS:
        raise Malformed(f"At most {MOST_IDS:,} scenarios can be watched by their ids; the request has {len(ids):,}")
    if len(labels) > MOST_CONDITIONS:
        raise Malformed(f"At most {MOST_CONDITIONS} labels can be given; the request has {len(labels)}")
    return Selection(ids, frozenset(labels))
