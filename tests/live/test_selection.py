"""Which scenarios a query means."""

import pytest
from starlette.datastructures import QueryParams

from algomancy_api.errors import Malformed
from algomancy_api.live.selection import MOST_IDS, WHOLE, Selection, wanted_selection

from .managers import Manager


@pytest.mark.parametrize(
    ("query", "selection"),
    [
        ("", WHOLE),
        ("wait=3&cursor=x", WHOLE),
        ("ids=a,b,a", Selection(frozenset("ab"))),
        ("ids=a&ids=b, c,", Selection(frozenset("abc"))),
        ("ids=", Selection(frozenset())),
        ("label=sweep:s1", Selection(labels=frozenset({"sweep:s1"}))),
        ("label=b&label=a&label=b", Selection(labels=frozenset({"a", "b"}))),
    ],
)
def test_a_query_means_some_scenarios_or_all(query: str, selection: Selection) -> None:
    assert wanted_selection(QueryParams(query)) == selection


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("ids=a&label=b", "either ids or label"),
        ("ids=&label=b", "either ids or label"),
        ("ids=" + ",".join(map(str, range(MOST_IDS + 1))), "At most 1,000 scenarios"),
        ("&".join(f"label={number}" for number in range(51)), "At most 50 labels"),
    ],
)
def test_what_has_no_meaning_is_refused(query: str, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        wanted_selection(QueryParams(query))


@pytest.mark.parametrize(
    ("query", "selected"),
    [
        ("", "abc"),
        ("ids=", ""),
        ("ids=b,c,x", "bc"),
        ("label=kind", "ab"),
        ("label=kind:one", "a"),
        ("label=kind:", "b"),
        ("label=kind&label=own:a:b", "a"),
        ("label=", ""),
        ("label=none", ""),
    ],
)
def test_some_scenarios_are_selected(query: str, selected: str) -> None:
    manager = Manager()
    manager.put("a", ("created", 0.0), {"kind": "one", "own": "a:b"})
    manager.put("b", ("created", 0.0), {"kind": ""})
    manager.put("c", ("created", 0.0))
    selection = wanted_selection(QueryParams(query))
    assert {each for each in selection.of(manager) if manager.position(each)} == set(selected)  # type: ignore[arg-type]
    assert [each for each in "abc" if selection.has(manager, each)] == list(selected)  # type: ignore[arg-type]
