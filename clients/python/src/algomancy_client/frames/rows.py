"""A DataFrame of rows that this package has made, such as the KPIs of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..extras import needed

if TYPE_CHECKING:
    import pandas as pd


def frame_of(rows: Sequence[Mapping[str, object]], index: str) -> pd.DataFrame:
    """The DataFrame of rows, one of whose members is its index.

    Columns of booleans with missing values are of pandas' own type for them; without, they would be objects.

    Raises:
        MissingExtra: pandas is not installed.
    """
    pd = needed("pandas", "pandas")
    names = list(dict.fromkeys([index, *(name for row in rows for name in row)]))
    frame = pd.DataFrame([[row.get(name) for name in names] for row in rows], columns=names).set_index(index)
    for name in names[1:]:
        kinds = {type(row.get(name)) for row in rows}
        if bool in kinds and kinds <= {bool, type(None)}:
            frame[name] = frame[name].astype("boolean")
    return frame  # type: ignore[no-any-return, unused-ignore]
