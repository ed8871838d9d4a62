"""Values of polars, pyarrow and scipy.sparse have natural JSON forms, without an import of these libraries."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from algomancy_api.serialization.json_encoder import UnencodableValue, encode

TABLE = pa.table({"a": [1, None], "when": [date(2026, 1, 2), None], "price": [Decimal("1.50"), None]})
ROWS = b'[{"a":1,"when":"2026-01-02","price":"1.50"},{"a":null,"when":null,"price":null}]'


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (TABLE, ROWS),
        (TABLE.to_batches()[0], ROWS),
        (TABLE["a"], b"[1,null]"),
        (pa.array([[1.5, float("nan")], None]), b"[[1.5,null],null]"),
        (pa.scalar(7), b"7"),
        (pa.scalar({"x": None}), b'{"x":null}'),
        ({pa.scalar("key"): pa.scalar(None)}, b'{"key":null}'),
    ],
)
def test_values_of_pyarrow(value: Any, form: bytes) -> None:
    assert encode(value) == form


def test_values_of_polars() -> None:
    polars: Any = pytest.importorskip("polars")
    frame = polars.DataFrame({"a": [1, None], "when": [date(2026, 1, 2), None], "x": [float("nan"), 0.5]})
    rows = b'[{"a":1,"when":"2026-01-02","x":null},{"a":null,"when":null,"x":0.5}]'
    assert encode({"frame": frame}) == b'{"frame":%b}' % rows
    assert encode(frame["a"]) == b"[1,null]"
    with pytest.raises(UnencodableValue, match=r"polars.*LazyFrame has no natural JSON form, at \['x'\]\['lazy'\]"):
        encode({"x": {"lazy": frame.lazy()}})


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "lil", "dia", "bsr"])
@pytest.mark.parametrize("suffix", ["array", "matrix"])
def test_sparse_matrices(kind: str, suffix: str) -> None:
    sparse: Any = pytest.importorskip("scipy.sparse")
    matrix = getattr(sparse, f"{kind}_{suffix}")([[0, 1.5, 0], [0, 0, 0]])
    assert encode(matrix) == b'{"shape":[2,3],"coords":[[0],[1]],"data":[1.5]}'


def test_a_sparse_vector() -> None:
    sparse: Any = pytest.importorskip("scipy.sparse")
    assert encode(sparse.coo_array([0, 2, 0])) == b'{"shape":[3],"coords":[[1]],"data":[2]}'


def test_no_library_is_imported_for_the_forms() -> None:
    code = (
        "import sys; from algomancy_api.serialization.json_encoder import encode; encode([{1, 2}]); "
        "print(sorted({'polars', 'scipy'} & sys.modules.keys()))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert found.stdout == "[]\n"
