"""Hostile table files: small ones that would become huge, and corrupt ones. None takes memory before it is refused."""

import random
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from algomancy_api.datafiles import FileTooLarge, UnreadableFile
from algomancy_api.limits import Limits
from algomancy_api.serialization.frames.timezones import zone_from_parts
from algomancy_api.serialization.parquet import parquet_pieces
from algomancy_api.serialization.untrusted import decoding_of_clients

from ...support.frames import assert_same_frame
from .test_conversion import in_arrow, in_parquet, read_bytes

MIB = 2**20

#: A hundredth of the default.
SMALL = Limits(upload=8 * MIB, cells=50_000)


def repeated(value: Any, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), pa.array([value]))


def compressed(table: pa.Table, codec: str) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=codec)) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def own(frame: pd.DataFrame) -> bytes:
    return b"".join(parquet_pieces(frame))


def level_of_long_values() -> pd.DataFrame:
    """An index whose level is a compressed stream within the description."""
    values = [b"a" * MIB + bytes([number]) for number in range(20)]
    return pd.DataFrame({"x": range(20)}, index=pd.MultiIndex.from_arrays([values]))


TEXTS = pa.schema([("x", pa.string())])
BOMBS: dict[str, tuple[bytes, str]] = {
    "one text for all rows": (in_parquet(pa.table({"x": repeated("a" * 100_000, 100_000)})), "8388608 bytes"),
    "one text for all rows, read as texts": (
        in_parquet(pa.Table.from_pylist([{"x": "a" * 100_000}] * 100, TEXTS)), "8388608 bytes",
    ),
    "texts that repeat the one before": (
        in_parquet(pa.Table.from_pylist([{"x": "a" * 100_000}] * 100, TEXTS), use_dictionary=False,
                   column_encoding={"x": "DELTA_BYTE_ARRAY"}), "8388608 bytes",
    ),
    "texts within lists": (
        in_parquet(pa.table({"x": pa.array([["a" * 100_000] * 100])})), "8388608 bytes",
    ),
    "a page that unpacks": (in_parquet(pa.table({"x": [b"\0" * 9 * MIB]}), compression="zstd"), "8388608 bytes"),
    "bytes of one length": (in_parquet(pa.table({"x": pa.array([b"a" * 10_000] * 1000, pa.binary(10_000))})), "bytes"),
    "many rows": (in_parquet(pa.table({"x": np.zeros(500_000)})), "more than 400000 cells"),
    "many nulls": (in_parquet(pa.table({"x": pa.nulls(500_000)})), "more than 400000 cells"),
    "many nulls in a list": (in_parquet(pa.table({"x": pa.array([[None] * 500_000], pa.list_(pa.int8()))})), "cells"),
    "many columns": (in_parquet(pa.table({str(number): [1] for number in range(17_000)})), "16384 columns"),
    "an index without end": (own(pd.DataFrame(index=pd.RangeIndex(10**12))), "a table of 1000000000000 rows"),
    "a column of one value": (
        own(pd.DataFrame({"x": pd.arrays.SparseArray(np.zeros(500_000), fill_value=0)})), "a table of 500000 rows",
    ),
    "a level within the metadata": (own(level_of_long_values()), "8388608 bytes"),
    "a packed column": (
        own(pd.DataFrame({"x": pd.arrays.ArrowExtensionArray(pa.array([["a" * MIB] * 10]))})), "bytes",
    ),
    "arrow: a buffer that unpacks": (compressed(pa.table({"x": [b"\0" * 9 * MIB]}), "zstd"), "8388608 bytes"),
    "arrow: with lz4": (compressed(pa.table({"x": [b"\0" * 9 * MIB]}), "lz4"), "8388608 bytes"),
    "arrow: many nulls": (in_arrow(pa.table({"x": pa.nulls(500_000)})), "more than 400000 cells"),
    "arrow: a file of many nulls": (in_arrow(pa.table({"x": pa.nulls(500_000)}), pa.ipc.new_file), "400000 cells"),
    "arrow: views of one text": (
        in_arrow(pa.table({"x": repeated("a" * 100_000, 100).cast(pa.string()).cast(pa.string_view())})), "bytes",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "says"), BOMBS.values(), ids=BOMBS.keys())
def test_a_small_file_that_becomes_huge_is_refused(tmp_path: Path, content: bytes, says: str) -> None:
    name = "t.parquet" if content.startswith(b"PAR1") else "t.arrow"
    before = pa.total_allocated_bytes()
    pool = pa.default_memory_pool()
    with pytest.raises((FileTooLarge, UnreadableFile), match=f"File '{name}' .*{says}"):
        read_bytes(tmp_path, content, name, SMALL)
    assert pa.total_allocated_bytes() <= before + MIB
    assert pool.bytes_allocated() <= before + MIB


def test_a_text_for_all_rows_is_read_if_it_is_short(tmp_path: Path) -> None:
    texts = pd.DataFrame({"x": ["abc", None] * 10_000})
    assert_same_frame(read_bytes(tmp_path, in_parquet(pa.table({"x": pa.array(texts["x"])})), limits=SMALL), texts)


def test_the_size_that_a_buffer_claims_counts(tmp_path: Path) -> None:
    content = compressed(pa.table({"x": [b"\0" * MIB]}), "zstd")
    place = content.rindex(MIB.to_bytes(8, "little"))
    claimed = content[:place] + (2**40).to_bytes(8, "little") + content[place + 8 :]
    with pytest.raises(FileTooLarge, match="8388608 bytes"):
        read_bytes(tmp_path, claimed, "t.arrow", SMALL)


VARIED = pa.table({
    "i": [1, None, 3] * 50, "s": ["a", None, "ü" * 20] * 50, "l": [[1], None, []] * 50,
    "d": pa.array(["x", "y", None] * 50).dictionary_encode(),
    "t": pa.array([0, 1, None] * 50, pa.timestamp("us", "Europe/Paris")),
})  # fmt: skip
CONTENTS = {
    "t.parquet": in_parquet(VARIED),
    "own.parquet": own(VARIED.to_pandas().set_index("s")),
    "t.arrow": in_arrow(VARIED),
    "t.feather": in_arrow(VARIED, pa.ipc.new_file),
    "lz4.arrow": compressed(VARIED, "lz4"),
}


@pytest.mark.parametrize(("name", "content"), CONTENTS.items(), ids=CONTENTS.keys())
def test_a_truncated_file_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    lengths = random.Random(1).sample(range(len(content)), 40)  # noqa: S311
    for length in [*lengths, *range(len(content) - 12, len(content))]:
        with pytest.raises(UnreadableFile, match=f"File '{name}' cannot be read as"):
            read_bytes(tmp_path, content[:length], name)


@pytest.mark.parametrize(("name", "content"), CONTENTS.items(), ids=CONTENTS.keys())
def test_a_corrupt_file_is_an_error_or_a_table(tmp_path: Path, name: str, content: bytes) -> None:
    pick = random.Random(2)  # noqa: S311
    for _ in range(120):
        corrupt = bytearray(content)
        corrupt[pick.randrange(len(content))] ^= 1 << pick.randrange(8)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                assert isinstance(read_bytes(tmp_path, bytes(corrupt), name), pd.DataFrame)
        except (UnreadableFile, FileTooLarge) as error:
            assert name in str(error)  # noqa: PT017


@pytest.mark.parametrize("name", ["t.parquet", "t.arrow", "t.feather"])
@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"PAR1", b"PAR1PAR1", b"ARROW1", b"ARROW1\0\0ARROW1", b"\xff" * 8, b"PAR1" * 50, b"\xff" * 400],
)
def test_a_wrong_magic_word_is_an_error(tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(UnreadableFile, match=f"File '{name}' cannot be read as"):
        read_bytes(tmp_path, content, name)


def test_a_footer_of_too_many_parts_is_not_read(tmp_path: Path) -> None:
    """Three bytes of a footer become hundreds of memory."""
    columns = b"\x29\xfc\xff\xff\x7f" + b"\x00" * 3_000_000 + b"\x00"
    footer = columns + len(columns).to_bytes(4, "little")
    with pytest.raises(UnreadableFile, match="its header has too many parts"):
        read_bytes(tmp_path, b"PAR1" + footer + b"PAR1")


def test_a_file_without_all_of_its_rows_is_an_error(tmp_path: Path) -> None:
    table = pa.table({"x": range(10)})
    content = in_arrow(table)
    end = content[-8:]
    assert end == b"\xff\xff\xff\xff\0\0\0\0"
    with pytest.raises(UnreadableFile, match="its end is missing; has it been cut off"):
        read_bytes(tmp_path, content[:-8], "t.arrow")


def test_encrypted_parquet_is_an_error(tmp_path: Path) -> None:
    content = in_parquet(pa.table({"x": [1]}))
    with pytest.raises(UnreadableFile, match="does not begin as a Parquet file does"):
        read_bytes(tmp_path, b"PARE" + content[4:-4] + b"PARE")


def test_a_time_zone_of_a_client_names_no_file(tmp_path: Path) -> None:
    for name in (str(tmp_path), "../../etc/passwd"):
        with decoding_of_clients(lambda _: None), pytest.raises(ValueError, match="leaves its folder"):
            zone_from_parts(["dateutil.gettz", name])
    with decoding_of_clients(lambda _: None):
        assert zone_from_parts(["dateutil.gettz", "Europe/Paris"]) is not None


def test_row_groups_are_all_read(tmp_path: Path) -> None:
    file = tmp_path / "t.parquet"
    table = pa.table({"x": range(1000), "y": ["a", "b"] * 500})
    pq.write_table(table, file, row_group_size=7)
    assert_same_frame(read_bytes(tmp_path, file.read_bytes()), table.to_pandas())
