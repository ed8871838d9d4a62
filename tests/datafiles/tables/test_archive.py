"""Archives of tables: labels are no paths, sizes are bounded, and what is ambiguous is refused."""

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from algomancy_data import DataClassification

from algomancy_api.datafiles import FileTooLarge, UnreadableFile
from algomancy_api.datafiles.tables.upload import ArchivedTables, TableFile
from algomancy_api.limits import Limits
from algomancy_api.serialization.datasets.archive import archive_pieces

from ...support import wiring
from ...support.tables import archived, parquet

MIB = 2**20
ONE = pd.DataFrame({"x": [1]})
TABLE = parquet(ONE)


def tables_of(folder: Path, content: bytes, limits: Limits | None = None) -> ArchivedTables:
    path = folder / "archive"
    path.write_bytes(content)
    file = TableFile("", path, "the archive", "zip")
    return ArchivedTables(wiring.Items, "key", [file], limits or Limits(), is_validated=False)


def read(folder: Path, content: bytes, limits: Limits | None = None) -> dict[str, Any]:
    tables = tables_of(folder, content, limits).read()
    assert sorted(path.name for path in folder.iterdir()) == ["archive"]
    return tables


@pytest.mark.parametrize(
    ("entry", "table"),
    [
        ("depots.parquet", "depots"), ("a/b/depots.parquet", "depots"), ("/etc/depots.parquet", "depots"),
        ("../../depots.parquet", "depots"), ("C:\\x\\depots.parquet", "depots"), ("данные 表.parquet", "данные 表"),
        ("book.Sheet.parquet", "book.Sheet"), ("UP.PARQUET", "UP"),
    ],
)  # fmt: skip
def test_the_name_of_an_entry_names_its_table_and_no_file(tmp_path: Path, entry: str, table: str) -> None:
    entries = {entry: TABLE, "__MACOSX/._depots.parquet": b"x", ".DS_Store": b"x", "a/": b""}
    assert [*read(tmp_path, archived(entries))] == [table]


def twice(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, TABLE)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr(name, TABLE)
    return file.getvalue()


def encrypted() -> bytes:
    """An entry that says of itself that it is encrypted."""
    content = bytearray(archived({"t.parquet": TABLE}))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + place] |= 1
    return bytes(content)


def lying() -> bytes:
    """An entry of 30 MiB whose size is one byte, it says."""
    content = archived({"t.parquet": b"\0" * 30 * MIB})
    size = struct.pack("<I", 30 * MIB)
    return content.replace(size, struct.pack("<I", 1))


def in_lzma() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("t.parquet", TABLE)
    return file.getvalue()


def metadata(**changes: Any) -> str:
    whole: dict[str, Any] = {
        "id": "1", "name": "key", "type": "master_data", "creation_datetime": "2026-01-02", "created_as": "text",
        "tables": ["t"], "files": ["t.parquet"],
    }  # fmt: skip
    return json.dumps(whole | changes)


REFUSED = {
    "nothing": (b"", "it is no ZIP archive"),
    "no archive": (b"PAR1" * 100, "it is no ZIP archive"),
    "cut off": (archived({"t.parquet": TABLE})[:-30], "it is no ZIP archive, or has been cut off"),
    "no tables": (archived({"a/": b""}), "it has no tables"),
    "two of a name": (twice("t.parquet"), "two files of one name"),
    "two of a name in folders": (archived({"a/t.parquet": TABLE, "b/t.parquet": TABLE}), "two files of one name"),
    "two of a table": (archived({"t.parquet": TABLE, "t.pq": TABLE}), "two files for one table"),
    "no table": (archived({"t.csv": b"x"}), "its entry 't.csv' is no table; supported are .parquet"),
    "encrypted": (encrypted(), "its entry 't.parquet' is encrypted"),
    "another method": (in_lzma(), "neither stored nor deflated"),
    "a size that is not true": (lying(), "Bad CRC-32|Error -3|cannot be read as Parquet"),
    "a table that is none": (archived({"t.parquet": b"x"}), "File 't.parquet' cannot be read as Parquet"),
    "metadata that are none": (archived({"t.parquet": TABLE, "metadata.json": b"{"}), "metadata.json is not that of a"),
    "metadata of another form": (archived({"metadata.json": b"{}"}), "missing required field"),
    "deep metadata": (archived({"metadata.json": b"[" * 100_000}), "metadata.json is not that of a dataset"),
    "other files": (archived({"metadata.json": metadata()}), "names other files than it has"),
    "a table twice": (
        archived({"t.parquet": TABLE, "metadata.json": metadata(tables=["t", "u"], files=["t.parquet"] * 2)}),
        "names a file twice",
    ),
    "fewer tables": (archived({"t.parquet": TABLE, "metadata.json": metadata(tables=[])}), "names other files"),
    "another type": (archived({"t.parquet": TABLE, "metadata.json": metadata(type="x")}), "the unknown type 'x'"),
    "no time": (archived({"t.parquet": TABLE, "metadata.json": metadata(created_as="time", creation_datetime="x")}),
                "the malformed time 'x'"),
    "a newer version": (archived({"t.parquet": TABLE, "metadata.json": metadata(version=2)}), "by a newer algomancy"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_with_an_archive_is_told(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(UnreadableFile, match=says):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (archived({"t.parquet": b"\0" * 30 * MIB}), "File 'the archive' unpacks to more than 1048576 bytes"),
        (archived({f"{number}.parquet": b"\0" * 100_000 for number in range(20)}), "unpacks to more than"),
        (archived({f"{number}.parquet": b"" for number in range(10_001)}), "more than 10000 entries"),
        (archived({"metadata.json": b" " * 17 * MIB}), "unpacks to more than"),
    ],
    ids=["one", "together", "entries", "metadata"],
)
def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(FileTooLarge, match=says):
        read(tmp_path, content, Limits(upload=MIB))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive"]


def test_under_its_own_key_a_dataset_keeps_its_id_and_a_copy_has_another(tmp_path: Path) -> None:
    source = wiring.Items(DataClassification.DERIVED_DATA, "key", creation_datetime="then")  # type: ignore[arg-type]
    for key in ("key", "other"):
        tables = tables_of(tmp_path, b"".join(archive_pieces(source, {"a/b": ONE, "": ONE, "A_b": ONE})))
        tables.key = key
        dataset: Any = tables.dataset(tables.read())
        assert [*dataset.tables] == ["a/b", "", "A_b"]
        assert (dataset.id == source.id) is (key == "key")
        assert (dataset.name, dataset._ds_type, dataset.creation_datetime) == (key, "derived_data", "then")
