"""The structure of documents, found without reading their parts."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from algomancy_api.framework.dataset_json import scanner
from algomancy_api.framework.dataset_json.scanner import Scanner

#: Texts that look like the structure around them.
texts = st.lists(st.sampled_from(['"', "\\", "},{", '},{"a":', "],[", ",", "ü", "a", " "]), max_size=4).map("".join)
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)
rows = st.lists(st.fixed_dictionaries({"a": values, "b": values}), max_size=12)
styles = st.sampled_from([{"indent": 2}, {"separators": (",", ":")}, {"indent": "\t", "ensure_ascii": False}, {}])


def scanned(document: bytes) -> dict[str, Any]:
    """An object whose arrays are read by their runs."""
    scan = Scanner(document)
    found: dict[str, Any] = {}
    for name in scan.members():
        if scan.is_array():
            found[name] = [item for start, end in scan.items() for item in json.loads(b"[%b]" % document[start:end])]
        else:
            found[name] = json.loads(scan.value())
    scan.end()
    return found


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(texts, st.one_of(rows, values)), styles, st.integers(1, 100))
@example({"x": [{"a": '},{"a":', "b": [{"a": 1}, {"a": 2}]}] * 3, "y": ["a,b", 1, 2]}, {}, 40)
def test_a_document_is_the_sum_of_its_runs(document: dict[str, Any], style: dict[str, Any], size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scanner, "_SHORTEST", size)
        patch.setattr(scanner, "_LONGEST", 2 * size)
        assert scanned(json.dumps(document, **style).encode()) == document


@pytest.mark.parametrize("items", ["1", "[1, 2]", '"a,b"', '{"a": 1}', '{"a": [{"a": 1}, {"a": 2}]}', '{"a": "},{"}'])
def test_a_long_array_is_found_in_runs_that_are_not_long(items: str) -> None:
    count = 2 * scanner._LONGEST // len(items)
    scan = Scanner(f"[{', '.join([items] * count)}]".encode())
    runs = scan.items()
    assert len(runs) > 2
    assert max(end - start for start, end in runs) < scanner._LONGEST + len(items) + 2


BROKEN = [
    "", "{", "}", "[]", "{1}", "{} {}", "{a: 1}", '{"a" 1}', '{"a": }', '{"a\\": 1}', '{"a": 1,}', '{"a": 1 "b": 2}',
    '{"a": {"b": 1}', '{"a": [1]', '{"a": [}', '{"a": [}]', '{"a": [{]}', '{"a": ["]}', '{"a": [1,]}', '{"a": [,1]}',
    '{"a": [1 2]}', '{"a": [1,,2]}', '{"a": [1}, 2]}', '{"a": [1, 2],}',
]  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        scanned(text.encode())
