"""The tables of an upload, read where the ETL would run, and their dataset."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from errno import EINVAL
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
from algomancy_data import BaseDataSource, DataClassification

from ...extraction import ReadyTables
from ...limits import Limits
from ...serialization.datasets.archive import ArchiveMetadata
from ..errors import FileTooLarge, UnreadableFile
from .archive import Archive
from .arrow import ArrowTable
from .budget import Budget
from .conversion import TableSource, frame_of
from .parquet import ParquetTable

#: Readers of table files by extension.
TABLE_EXTENSIONS: dict[str, Callable[[Path, Budget], TableSource]] = {
    **dict.fromkeys(("parquet", "pq"), ParquetTable),
    **dict.fromkeys(("arrow", "arrows", "feather", "ipc"), ArrowTable),
}


class TableFile(NamedTuple):
    """A table file: the name of its table, its path on disk, its file name from the client, and its extension."""

    name: str
    path: Path
    label: str
    extension: str


class UploadedTables(ReadyTables):
    """The tables of files.

    Args:
        kind: The class of the dataset.
        key: Its key.
        files: The files.
        limits: The limits of their content.
        is_validated: Whether the validators of the ETL see the tables.
    """

    def __init__(
        self, kind: type[BaseDataSource], key: str, files: Sequence[TableFile], limits: Limits, *, is_validated: bool
    ) -> None:
        super().__init__(is_validated=is_validated)
        self.kind = kind
        self.key = key
        self.files = files
        self.limits = limits

    def read(self) -> dict[str, pd.DataFrame]:
        """The tables by name.

        Raises:
            FileTooLarge: They take more than the limits allow.
            UnreadableFile: A file is malformed, or has what cannot be kept.
        """
        budget = Budget(sum(file.path.stat().st_size for file in self.files), self.limits)
        return {file.name: _table(file, budget) for file in self.files}

    def dataset(self, tables: Any) -> BaseDataSource:  # noqa: ANN401 - tables by name
        """The dataset of the tables, with a new id."""
        return self._dataset(tables, ds_type=DataClassification.MASTER_DATA)

    def _dataset(self, tables: Any, **keywords: Any) -> BaseDataSource:  # noqa: ANN401
        source: Any = self.kind(name=self.key, **keywords)
        if not hasattr(source, "from_sql_tables"):
            raise UnreadableFile(f"{self.kind.__name__}, the class of datasets of this server, takes no tables")
        source.from_sql_tables(dict(tables))
        dataset: BaseDataSource = source
        return dataset


class ArchivedTables(UploadedTables):
    """The tables of an archive. One that this package has made is the same dataset again."""

    metadata: ArchiveMetadata | None = None

    def read(self) -> dict[str, pd.DataFrame]:
        """The tables by name.

        Raises:
            FileTooLarge: They take more than the limits allow.
            UnreadableFile: A file is malformed, or has what cannot be kept.
        """
        (upload,) = self.files
        budget = Budget(upload.path.stat().st_size, self.limits)
        with _named(upload.label, "ZIP"):
            archive = Archive(upload.path, budget)
            names = _names(archive)
        self.metadata = archive.metadata
        tables = {}
        unpacked = upload.path.with_name("table")
        for entry, name in names.items():
            with _named(upload.label, "ZIP"):
                archive.unpack(entry, unpacked)
            tables[name] = _table(TableFile(name, unpacked, entry, _extension(entry)), budget)
            unpacked.unlink()
        return tables

    def dataset(self, tables: Any) -> BaseDataSource:  # noqa: ANN401 - tables by name
        """The dataset of the archive: with its id under its own key, else a copy of it with a new one."""
        metadata = self.metadata
        if metadata is None:
            return super().dataset(tables)
        return self._dataset(
            tables,
            ds_type=DataClassification(metadata.type),
            ds_id=metadata.id if metadata.name == self.key else None,
            creation_datetime=_created(metadata),
        )


def _table(file: TableFile, budget: Budget) -> pd.DataFrame:
    read = TABLE_EXTENSIONS[file.extension]
    with _named(file.label, "Parquet" if read is ParquetTable else "Arrow"):
        return frame_of(read(file.path, budget), budget)


@contextmanager
def _named(label: str, form: str) -> Iterator[None]:
    """Let errors about the content of a file name it, as the client does."""
    try:
        yield
    except pa.ArrowMemoryError as error:
        raise MemoryError(str(error)) from error
    except MemoryError:
        raise
    except FileTooLarge as error:
        raise FileTooLarge(f"File {label!r} {error}") from error
    except Exception as error:  # pyarrow and pandas raise errors of any kind
        # Places in a file that it cannot have are the client's fault, all else is one of the machine.
        if isinstance(error, OSError) and error.errno not in (None, EINVAL):
            raise
        raise UnreadableFile(f"File {label!r} cannot be read as {form}: {error}") from error


def _names(archive: Archive) -> dict[str, str]:
    """The names of the tables by entry of the archive, in the order of the dataset."""
    for name in archive.files:
        if _extension(name) not in TABLE_EXTENSIONS:
            raise UnreadableFile(f"its entry {name!r} is no table; supported are {supported_extensions()}")
    metadata = archive.metadata
    if metadata is None:
        names = {name: name.rpartition(".")[0] for name in archive.files}
    else:
        _check_metadata(metadata, archive)
        names = dict(zip(metadata.files, metadata.tables, strict=True))
    if not names and metadata is None:
        raise UnreadableFile("it has no tables")
    if len(set(names.values())) != len(names):
        raise UnreadableFile("it has two files for one table")
    return names


def _check_metadata(metadata: ArchiveMetadata, archive: Archive) -> None:
    if len(metadata.files) != len(metadata.tables) or set(metadata.files) != set(archive.files):
        raise UnreadableFile("its metadata.json names other files than it has")
    if len(set(metadata.files)) != len(metadata.files):
        raise UnreadableFile("its metadata.json names a file twice")
    if metadata.type not in [*DataClassification]:
        raise UnreadableFile(f"its metadata.json has the unknown type {metadata.type!r}")
    if metadata.created_as == "time":
        _created(metadata)


def _created(metadata: ArchiveMetadata) -> Any:  # noqa: ANN401 - a text after `from_json`
    if metadata.created_as == "text":
        return metadata.creation_datetime
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(metadata.creation_datetime)
    raise UnreadableFile(f"its metadata.json has the malformed time {metadata.creation_datetime!r}")


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower()


def supported_extensions() -> str:
    """The extensions of table files, for a message."""
    return ", ".join(f".{extension}" for extension in TABLE_EXTENSIONS)
