"""The check of a value finds what its encoder refuses, and nothing else."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api.serialization.encodable import check_encodable
from algomancy_api.serialization.json_encoder import UnencodableValue, encode


class Odd:
    """A value without a natural form."""


#: Lists and objects, short and longer than a batch, with an odd value somewhere or not.
trees = st.recursive(
    st.sampled_from([1, None, "x", 0.5, float("nan"), Odd(), 1j]),
    lambda children: (
        st.lists(children, max_size=7)
        | st.dictionaries(st.sampled_from(["a", "b", "c", "d", "e", 1]), children)
        | st.tuples(children, children)
        | children.map(lambda child: pd.DataFrame({"x": [1] * 3, "y": pd.Series([None, None, child], dtype=object)}))
        | children.map(lambda child: pd.Series([1, child], dtype=object))
    ),
    max_leaves=20,
)


def error_of(function: Any, value: object) -> str | None:
    try:
        function(value)
    except UnencodableValue as error:
        return str(error)
    return None


@given(trees)
def test_it_raises_what_the_encoder_raises(value: Any) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for name, least in (("_AT_ONCE", 3), ("_FEW", 2), ("_LEVELS", 3)):
            patched.setattr(f"algomancy_api.serialization.encodable.{name}", least)
        assert error_of(check_encodable, value) == error_of(encode, value)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"rows": [{"x": 1}] * 2_000 + [{"x": 1j}]}, r"complex has no natural JSON form, at \['rows'\]\[2000\]\['x'\]"),
        ({"z": np.array([1j])}, r"complex has no natural JSON form, at \['z'\]"),
        ({"f": pd.DataFrame({"z": [1j]})}, r"complex has no natural JSON form, at \['f'\]"),
        ({"c": pd.Series([Odd()]).astype("category")}, r"Odd has no natural JSON form, at \['c'\]"),
        ({(Odd(),): 1}, "Odd has no natural JSON form"),
    ],
)
def test_the_message_has_the_path(value: Any, path: str) -> None:
    with pytest.raises(UnencodableValue, match=path):
        check_encodable(value)


def test_a_sparse_matrix_that_is_a_dict_is_refused() -> None:
    sparse: Any = pytest.importorskip("scipy.sparse")
    for suffix in ("array", "matrix"):
        with pytest.raises(UnencodableValue, match="empty object"):
            check_encodable({"x": getattr(sparse, f"dok_{suffix}")([[1]])})
