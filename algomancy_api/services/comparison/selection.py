"""Which scenarios a request compares."""

import reprlib
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from starlette.datastructures import QueryParams

from ...errors import Malformed, NotFound
from ...framework import ApiScenarioManager
from ...listing.filters import tests_of
from ...listing.pages import matching
from ...listing.query import texts_of
from ...schemas import ComparisonSelection
from ...schemas.comparison import MOST_COMPARED

#: Scenarios: named in the error about those that do not exist.
_NAMED = 20

#: Shortens long ids and tags in that error.
_names = reprlib.Repr(maxstring=80)

_DIFFERENCES = "differences"

#: How the parameters of a comparison begin in a query; `tag~=` is a condition.
_PARAMETERS = ("ids=", "tag=", "baseline=", "only=")


class Selection(NamedTuple):
    """What a request compares.

    Attributes:
        ids: The ids of scenarios.
        tags: The tags of further ones.
        conditions: What further ones pass, as in the query of a list; none for no further ones.
        baseline: The id or the tag of the baseline; None for the first scenario.
        only_differences: Whether to leave out what is the same for all of them.
    """

    ids: Sequence[str] = ()
    tags: Sequence[str] = ()
    conditions: Sequence[str] = ()
    baseline: str | None = None
    only_differences: bool = False

    @classmethod
    def of_body(cls, body: ComparisonSelection) -> Selection:
        """The selection of a request's body."""
        return cls(body.ids or (), body.tags or (), body.filter or (), body.baseline, body.only == _DIFFERENCES)


def wanted_in(query_string: str) -> Selection:
    """The selection of a query string: what is no parameter of a comparison is a condition.

    Raises:
        Malformed: A parameter has a value that it cannot have.
    """
    query = QueryParams(query_string)
    conditions = [text for text in texts_of(query_string) if not text.startswith(_PARAMETERS)]
    ids = [part.strip() for text in query.getlist("ids") for part in text.split(",") if part.strip()]
    baseline, only = _single(query, "baseline"), _single(query, "only")
    if only not in (None, _DIFFERENCES):
        raise Malformed(f"only must be {_DIFFERENCES!r}; got {_names.repr(only)}")
    return Selection(ids, query.getlist("tag"), conditions, baseline, only == _DIFFERENCES)


def ids_of(manager: ApiScenarioManager, selection: Selection) -> list[str]:
    """The ids of the scenarios that a selection means, each once, in its order.

    Those that pass its conditions come last, in the order of their creation.

    Raises:
        Malformed: The selection names no scenario, or a condition has no meaning.
        NotFound: There are no scenarios with some of its ids or tags; the error names them.
    """
    if not selection.ids and not selection.tags and not selection.conditions:
        raise Malformed(
            "Name the scenarios to compare: with ids, with tags, or with conditions such as status=complete"
        )
    by_tag = {tag: manager.id_of(tag) for tag in selection.tags}
    missing = _unknown(manager, selection.ids) + [tag for tag, scenario_id in by_tag.items() if scenario_id is None]
    if missing:
        raise _not_found(missing)
    passing = _passing(manager, selection.conditions) if selection.conditions else []
    ids = list(dict.fromkeys(chain(selection.ids, filter(None, by_tag.values()), passing)))
    if not ids:
        raise Malformed("No scenario passes the conditions")
    return ids


def _unknown(manager: ApiScenarioManager, ids: Sequence[str]) -> list[str]:
    """Those of some ids that no scenario has."""
    once = list(dict.fromkeys(ids))
    return [each for each, source in zip(once, manager.sources_of(once), strict=True) if source is None]


def _passing(manager: ApiScenarioManager, conditions: Sequence[str]) -> list[str]:
    tests = tests_of(conditions, manager.available_kpis)
    return [row.place.id for row in matching(manager, tests)]


def with_baseline(manager: ApiScenarioManager, ids: list[str], baseline: str | None) -> tuple[list[str], int]:
    """The ids of all scenarios of a comparison, and the position of the baseline, which comes first if it is not one.

    Args:
        manager: The session's manager.
        ids: The ids that the request names.
        baseline: The id or the tag of the baseline; None for the first scenario.

    Raises:
        Malformed: They are too many.
        NotFound: There is no such baseline.
    """
    if baseline is None:
        position = 0
    else:
        baseline_id = _known(manager, baseline) or manager.id_of(baseline)
        if baseline_id is None:
            raise _not_found([baseline])
        ids = ids if baseline_id in ids else [baseline_id, *ids]
        position = ids.index(baseline_id)
    if len(ids) > MOST_COMPARED:
        raise Malformed(f"At most {MOST_COMPARED:,} scenarios can be compared at once; the request has {len(ids):,}")
    return ids, position


def _known(manager: ApiScenarioManager, scenario_id: str) -> str | None:
    return None if manager.tag_of(scenario_id) is None else scenario_id


def _not_found(names: Sequence[str]) -> NotFound:
    kind = "Scenario" if len(names) == 1 else "Scenarios"
    shown = [_names.repr(name)[1:-1] for name in names[:_NAMED]]
    return NotFound(
        kind,
        "', '".join(shown) if len(names) <= _NAMED else "', '".join([*shown, f"… and {len(names) - _NAMED:,} more"]),
    )


def _single(query: QueryParams, name: str) -> str | None:
    values = query.getlist(name)
    if len(values) > 1:
        raise Malformed(f"{name} may be given once; got {len(values)} values")
    return values[0] if values else None
