"""The nesting depth of a JSON text."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.serialization.json_depth import nests_deeper

NAMES = st.text(alphabet='[]{}"\\a', max_size=4)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='[]{}"\\ab,:é'),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet='[]{}"\\a', max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)


def depth(value: Any) -> int:
    if not isinstance(value, list | dict):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


@given(VALUES, st.booleans())
def test_it_is_as_deep_as_it_is_deep(value: Any, escapes: bool) -> None:
    text = json.dumps(value, ensure_ascii=escapes).encode()
    assert not nests_deeper(text, depth(value))
    if depth(value):
        assert nests_deeper(text, depth(value) - 1)


@pytest.mark.parametrize("text", [b'"' + b"\\" * 1_000_001, b'{"' * 500_000, b'["' + b"a" * 1_000_000])
def test_a_text_that_never_closes_costs_one_pass(text: bytes) -> None:
    start = time.thread_time()
    nests_deeper(text, 0)
    assert time.thread_time() - start < 10  # a search that goes back takes hours
