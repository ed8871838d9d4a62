"""A table in Arrow's IPC format as a DataFrame, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..extras import needed

if TYPE_CHECKING:
    import pandas as pd


def frame_of(stream: bytes) -> pd.DataFrame:
    """The DataFrame of a stream: with its index, and with every type that this pandas has.

    Raises:
        MissingExtra: pandas or pyarrow is not installed.
    """
    needed("pandas", "arrow")
    pa = needed("pyarrow", "arrow")
    with pa.ipc.open_stream(pa.py_buffer(stream)) as reader:
        return reader.read_pandas()  # type: ignore[no-any-return, unused-ignore]


def stream_of(frame: pd.DataFrame) -> bytes:
    """The stream of a DataFrame.

    Raises:
        MissingExtra: pandas or pyarrow is not installed.
    """
    pa = needed("pyarrow", "arrow")
    table = pa.Table.from_pandas(frame)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return, unused-ignore]
