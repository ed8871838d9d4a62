"""Arrays of other packages, kept if Arrow gives them back as they were."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pandas.api.extensions import ExtensionArray, ExtensionDtype, register_extension_dtype

from algomancy_api.serialization.frames import Unkeepable

from ...support.frames import assert_kept, written


class Amounts(ExtensionArray):
    def __init__(self, cents: Any, dtype: Any) -> None:
        self.cents = np.asarray(cents, "i8")
        self._dtype = dtype

    @property
    def dtype(self) -> Any:
        return self._dtype

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> Any:
        return cls(scalars, dtype)

    def __len__(self) -> int:
        return len(self.cents)

    def __getitem__(self, item: Any) -> Any:
        return type(self)(self.cents[item], self._dtype) if np.ndim(self.cents[item]) else self.cents[item]

    def isna(self) -> Any:
        return np.zeros(len(self), bool)

    def copy(self) -> Any:
        return type(self)(self.cents.copy(), self._dtype)

    def equals(self, other: object) -> bool:
        return isinstance(other, Amounts) and self.cents.tolist() == other.cents.tolist()

    def __arrow_array__(self) -> pa.Array:
        return pa.array(self.cents)


class Currency(ExtensionDtype):
    type = int
    _metadata = ("currency",)

    def __init__(self, currency: str) -> None:
        self.currency = currency

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"amount[{self.currency}]"

    def construct_array_type(self) -> Any:
        return Amounts


@register_extension_dtype
class Kept(Currency):
    @classmethod
    def construct_from_string(cls, string: str) -> Any:
        if string.startswith("amount["):
            return cls(string[7:-1])
        raise TypeError(string)

    def __from_arrow__(self, array: pa.ChunkedArray) -> Any:
        return Amounts(array.to_numpy(), self)


class Unregistered(Kept):
    @property
    def name(self) -> str:  # type: ignore[override]
        return f"other[{self.currency}]"


@register_extension_dtype
class Lossy(Currency):
    @property
    def name(self) -> str:  # type: ignore[override]
        return f"lossy[{self.currency}]"

    @classmethod
    def construct_from_string(cls, string: str) -> Any:
        if string.startswith("lossy["):
            return cls(string[6:-1])
        raise TypeError(string)

    def __from_arrow__(self, array: pa.ChunkedArray) -> Any:
        return Amounts(array.to_numpy() // 100 * 100, self)


def frame(dtype: Any) -> pd.DataFrame:
    return pd.DataFrame({"paid": Amounts([150, 2], dtype)})


def test_a_registered_dtype_with_a_form_in_arrow_comes_back() -> None:
    assert_kept(frame(Kept("EUR")))


@pytest.mark.parametrize(
    ("dtype", "reason"),
    [
        (Currency("EUR"), "which has no form in Arrow"),
        (Unregistered("EUR"), r"other\[EUR\]"),
        (Lossy("EUR"), "does not give back as it was"),
    ],
    ids=["no form", "not registered", "lossy"],
)
def test_any_other_is_refused_by_its_column(dtype: Any, reason: str) -> None:
    with pytest.raises(Unkeepable, match=f"column 'paid': cannot keep dtype .*{reason}"):
        written(frame(dtype))


def test_an_extension_of_arrow_that_pyarrow_does_not_know_when_reading_is_refused() -> None:
    class Label(pa.ExtensionType):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__(pa.string(), "tests.label")

        def __arrow_ext_serialize__(self) -> bytes:
            return b""

    array = pa.ExtensionArray.from_storage(Label(), pa.array(["a"]))
    labels = pd.arrays.ArrowExtensionArray(pa.chunked_array([array]))
    with pytest.raises(Unkeepable, match=r"column 'a': .*not registered with pyarrow"):
        written(pd.DataFrame({"a": labels}))
