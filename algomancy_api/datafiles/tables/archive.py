"""ZIP archives of table files: checked by their directory, then unpacked one file at a time.

Names in an archive are labels, and no paths on this machine. What an entry unpacks to is bounded twice: by the size
that the directory claims, and by `zipfile`, which unpacks no more than that.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

import msgspec

from ...serialization.datasets.archive import METADATA, VERSION, ArchiveMetadata
from ..errors import FileTooLarge, UnreadableFile
from .budget import Budget

#: Entries and bytes: of the directory of an archive.
_MOST_ENTRIES = 10_000
_MOST_DIRECTORY = 16 * 1024 * 1024

#: Bytes: the largest metadata.
_MOST_METADATA = 16 * 1024 * 1024

#: Bytes: unpacked at a time.
_BLOCK = 1024 * 1024

#: The flag of an encrypted entry.
_ENCRYPTED = 0x1

_metadata = msgspec.json.Decoder(ArchiveMetadata)


class Archive:
    """An archive of table files.

    Args:
        path: The archive.
        budget: Bounds what it unpacks to.

    Attributes:
        files: The entries with tables, by their names without folders.
        metadata: What it says of its dataset; None for one that this package has not made.

    Raises:
        FileTooLarge: It has too many entries, or they unpack to too much.
        UnreadableFile: It is malformed.
    """

    def __init__(self, path: Path, budget: Budget) -> None:
        self._path = path
        with _reading(path) as archive:
            entries = [entry for entry in archive.infolist() if not _is_ignored(entry.filename)]
            for entry in entries:
                _check(entry)
            if sum(entry.file_size for entry in entries) > budget.bytes_left:
                raise FileTooLarge(f"unpacks to more than {budget.bytes_left} bytes")
            self.files = {_base(entry.filename): entry for entry in entries}
            if len(self.files) != len(entries):
                raise UnreadableFile("it has two files of one name")
            described = self.files.pop(METADATA, None)
            self.metadata = None if described is None else _read_metadata(archive, described)

    def unpack(self, name: str, target: Path) -> None:
        """Write one file of the archive to another place.

        Raises:
            UnreadableFile: It is malformed, or larger than the archive says.
        """
        with _reading(self._path) as archive, archive.open(self.files[name]) as source, target.open("wb") as file:
            while block := source.read(_BLOCK):
                file.write(block)


@contextmanager
def _reading(path: Path) -> Iterator[ZipFile]:
    with path.open("rb") as file:
        _check_directory(file)
        try:
            with ZipFile(file) as archive:
                yield archive
        except (BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError) as error:
            raise UnreadableFile(str(error)) from error
        except Exception as error:
            if type(error).__module__ == "zlib":
                raise UnreadableFile(str(error)) from error
            raise


def _check_directory(file: BinaryIO) -> None:
    """Check the size of the directory, which `zipfile` reads whole."""
    find_end: Any = zipfile._EndRecData  # type: ignore[attr-defined]  # what `ZipFile` itself finds
    try:
        end = find_end(file)
    except OSError, BadZipFile:
        end = None
    if end is None:
        raise UnreadableFile("it is no ZIP archive, or has been cut off")
    entries, size = end[4], end[5]
    if entries > _MOST_ENTRIES or size > _MOST_DIRECTORY:
        raise FileTooLarge(f"has more than {_MOST_ENTRIES} entries")


def _check(entry: ZipInfo) -> None:
    if entry.flag_bits & _ENCRYPTED:
        raise UnreadableFile(f"its entry {entry.filename!r} is encrypted")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnreadableFile(f"its entry {entry.filename!r} is neither stored nor deflated")


def _is_ignored(name: str) -> bool:
    """Whether an entry is a folder, or one that a system has added for itself."""
    return name.endswith("/") or name.startswith("__MACOSX/") or _base(name).startswith(".")


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]


def _read_metadata(archive: ZipFile, entry: ZipInfo) -> ArchiveMetadata:
    if entry.file_size > _MOST_METADATA:
        raise FileTooLarge(f"has a {METADATA} of more than {_MOST_METADATA} bytes")
    try:
        metadata = _metadata.decode(archive.read(entry))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnreadableFile(f"its {METADATA} is not that of a dataset: {error}") from error
    if metadata.version > VERSION:
        raise UnreadableFile(f"its {METADATA} is of version {metadata.version}, written by a newer algomancy-api")
    return metadata
