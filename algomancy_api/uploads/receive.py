"""The upload of a request: received to disk, checked, and handed to the ETL as the framework's Files."""

import shutil
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
from algomancy_data import File
from starlette.requests import Request

from ..datafiles import EXTENSIONS, DataFile
from ..errors import Invalid, Malformed, TooLarge
from ..framework import StorageFull, is_full
from ..limits import Limits
from .multipart import FormTooLarge, MalformedForm, MultipartForm
from .temp_folder import UploadsFolder

#: Bytes: received before a worker thread parses and writes them.
_BLOCK = 1024 * 1024


@dataclass
class UploadedFile:
    """A file of an upload: its path on disk, and its file name from the client."""

    path: Path
    name: str

    @property
    def logical_name(self) -> str:
        """The client's file name without folders and extension: a label, never a path on this machine."""
        return self._base.rpartition(".")[0]

    @property
    def extension(self) -> str:
        """The text after the last dot, in lower case."""
        return self._base.rpartition(".")[2].lower()

    @property
    def _base(self) -> str:
        return self.name.replace("\\", "/").rpartition("/")[2]


@dataclass
class Upload:
    """The key of the new dataset, and the files for it."""

    dataset_name: str
    files: list[UploadedFile]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.path.stat().st_size for file in self.files)

    def unread_files(self, limits: Limits) -> dict[str, File]:
        """The framework's Files by logical name, not read yet: the ETL reads them where it runs.

        Args:
            limits: The limits of each file's content.
        """
        return {
            file.logical_name: DataFile(file.logical_name, file.path, file.name, file.extension, limits)
            for file in self.files
        }


@asynccontextmanager
async def received_upload(request: Request) -> AsyncIterator[Upload]:
    """The upload of a request, in a private folder that is removed afterwards, also after an error.

    Raises:
        Malformed: The body is not a multipart form, or a field is missing or empty.
        Invalid: A file has no name, an unsupported extension, or the logical name of another file.
        TooLarge: There are too many files or fields.
    """
    async with upload_folder(request) as folder:
        yield _checked(await received_form(request, folder, "with dataset_name and files"))


@asynccontextmanager
async def upload_folder(request: Request) -> AsyncIterator[Path]:
    """A private folder for the upload of a request, which is removed afterwards, also after an error."""
    uploads: UploadsFolder = request.app.state.uploads_folder
    folder = await anyio.to_thread.run_sync(_new_folder, uploads)
    try:
        yield folder
    finally:
        await _remove(folder)


def _new_folder(uploads: UploadsFolder) -> Path:
    with raising_storage_full():
        return uploads.new()


@contextmanager
def raising_storage_full() -> Iterator[None]:
    """Raise `StorageFull` for a write that fails because the disk is full."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull("The server's folder for uploads is full") from error
        raise


async def _remove(folder: Path) -> None:
    try:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(shutil.rmtree, folder, True)
    finally:
        # A stopping server cancels its requests, and a cancelled task cannot await the thread.
        shutil.rmtree(folder, ignore_errors=True)


async def received_form(request: Request, folder: Path, parts: str) -> MultipartForm:
    """Read a whole form; a worker thread parses and writes it.

    Args:
        request: The request.
        folder: The folder for its files.
        parts: The parts that it should have, for the error about one that is malformed.

    Raises:
        Malformed: The body is not a multipart form.
        TooLarge: There are too many files or fields.
    """
    limits: Limits = request.app.state.config.limits
    try:
        form = MultipartForm(folder, request.headers.get("content-type", ""), limits.files, limits.fields)
        with raising_storage_full(), closing(form):
            async for block in blocks(request):
                await anyio.to_thread.run_sync(form.write, block)
            form.finish()
    except MalformedForm as error:
        raise Malformed(f"The body is not a multipart form {parts}: {error}") from error
    except FormTooLarge as error:
        raise TooLarge(str(error)) from error
    return form


async def blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks that are worth a switch to a worker thread."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size >= _BLOCK:
            yield b"".join(chunks)
            chunks, size = [], 0
    yield b"".join(chunks)


def _checked(form: MultipartForm) -> Upload:
    dataset_name = form.fields.get("dataset_name")
    if not dataset_name:
        raise Malformed("Field 'dataset_name' is missing or empty")
    files = [UploadedFile(file.path, file.name) for file in form.files if file.field == "files"]
    if not files:
        raise Malformed("Field 'files' is missing or has no file")
    for file in files:
        _check_name(file)
    logical_names = Counter(file.logical_name for file in files)
    for name, count in logical_names.items():
        if count > 1:
            raise Invalid(f"{count} files have the logical name {name!r}: each needs its own")
    return Upload(dataset_name, files)


def _check_name(file: UploadedFile) -> None:
    if not file.name:
        raise Invalid("Each upload must include a file name")
    if file.extension not in EXTENSIONS or not file.logical_name:
        supported = ", ".join(f".{extension}" for extension in EXTENSIONS)
        raise Invalid(f"File {file.name!r} has an unsupported extension; supported are {supported}")
