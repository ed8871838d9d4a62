"""The natural JSON forms of types of libraries that this package does not import: polars, pyarrow and scipy.sparse.

A value of such a type exists only if its library was imported, so its classes are looked up among the imported modules.
"""

import sys
from collections.abc import Callable
from operator import methodcaller
from typing import Any


def _coordinates(matrix: Any) -> dict[str, object]:  # noqa: ANN401 - of a library that is not imported here
    """A sparse array as scipy makes it again: ``coo_array((data, coords), shape=shape)``. As a list it may be huge."""
    entries = matrix.tocoo()
    coords = getattr(entries, "coords", None) or (entries.row, entries.col)  # of one dimension, too; since scipy 1.13
    return {"shape": list(entries.shape), "coords": list(coords), "data": entries.data}


_rows = methodcaller("to_dicts")
_items = methodcaller("to_list")
_python = methodcaller("to_pylist")

#: By module and class, subclasses included: a function to a value that msgspec encodes, or that has a natural form.
_FORMS: dict[tuple[str, str], Callable[[Any], object]] = {
    ("polars", "DataFrame"): _rows,
    ("polars", "Series"): _items,
    ("pyarrow", "Table"): _python,
    ("pyarrow", "RecordBatch"): _python,
    ("pyarrow", "ChunkedArray"): _python,
    ("pyarrow", "Array"): _python,
    ("pyarrow", "Scalar"): methodcaller("as_py"),
    ("scipy.sparse", "sparray"): _coordinates,
    ("scipy.sparse", "spmatrix"): _coordinates,
}


def library_form(kind: type) -> Callable[[Any], object] | None:
    """The function to the natural form of a library's type; None for any other type."""
    for (module, name), form in _FORMS.items():
        library = getattr(sys.modules.get(module), name, None)
        if isinstance(library, type) and issubclass(kind, library):
            return form
    return None
