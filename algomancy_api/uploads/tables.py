"""The tables of a request, received to disk: a form with a file for each, or one ZIP archive."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from algomancy_data import BaseDataSource
from starlette.exceptions import HTTPException
from starlette.requests import Request

from ..datafiles.tables import TABLE_EXTENSIONS, ArchivedTables, TableFile, UploadedTables, supported_extensions
from ..errors import Invalid, Malformed
from ..limits import Limits
from .receive import UploadedFile, blocks, raising_storage_full, received_form, upload_folder

_ZIP = "application/zip"
_FORM = "multipart/form-data"


@dataclass
class TableUpload:
    """The files of a request, and whether they are one archive."""

    files: list[TableFile]
    is_archive: bool = False

    def unread_tables(
        self, kind: type[BaseDataSource], key: str, limits: Limits, *, is_validated: bool
    ) -> UploadedTables:
        """The tables, not read yet: they are read where an ETL would run.

        Args:
            kind: The class of their dataset.
            key: Its key.
            limits: The limits of their content.
            is_validated: Whether the validators of the ETL see them.
        """
        made = ArchivedTables if self.is_archive else UploadedTables
        return made(kind, key, self.files, limits, is_validated=is_validated)


@asynccontextmanager
async def received_tables(request: Request) -> AsyncIterator[TableUpload]:
    """The tables of a request, in a private folder that is removed afterwards, also after an error.

    Raises:
        HTTPException: The body is neither a form nor an archive.
        Malformed: The body is empty, or a form that is malformed or has no file.
        Invalid: A file has no name, an unsupported extension, or the name of another table.
        TooLarge: There are too many files.
    """
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in (_ZIP, _FORM):
        raise HTTPException(415, f"The body must be {_FORM} with a file for each table, or {_ZIP}")
    async with upload_folder(request) as folder:
        if content_type == _ZIP:
            yield TableUpload([await _received_archive(request, folder)], is_archive=True)
        else:
            form = await received_form(request, folder, "with a file for each table")
            yield TableUpload(_tables([UploadedFile(file.path, file.name) for file in form.files]))


async def _received_archive(request: Request, folder: Path) -> TableFile:
    path = folder / "archive"
    with raising_storage_full():
        async for block in blocks(request):
            await anyio.to_thread.run_sync(_append, path, block)
    if not path.stat().st_size:
        raise Malformed("The body is empty")
    return TableFile("", path, "the archive", "zip")


def _append(path: Path, block: bytes) -> None:
    with path.open("ab") as file:
        file.write(block)


def _tables(files: list[UploadedFile]) -> list[TableFile]:
    if not files:
        raise Malformed("The form has no file; send one for each table")
    for file in files:
        if not file.name:
            raise Invalid("Each part must include a file name, which names its table")
        if file.extension not in TABLE_EXTENSIONS or not file.logical_name:
            raise Invalid(
                f"File {file.name!r} has an unsupported extension; supported are {supported_extensions()}, and CSV, "
                "JSON and XLSX files go to POST …/etl"
            )
    for name, count in Counter(file.logical_name for file in files).items():
        if count > 1:
            raise Invalid(f"{count} files have the table name {name!r}: each needs its own")
    return [TableFile(file.logical_name, file.path, file.name, file.extension) for file in files]
