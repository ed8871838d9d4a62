"""A multipart upload, to files on disk, to the framework's File objects."""

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

#: How many received bytes are gathered before a worker thread parses and writes them.
_WRITE_AT_ONCE = 1024 * 1024


@dataclass
class UploadedFile:
    """A file of an upload: where it lies, and what its sender calls it."""

    path: Path
    name: str

    @property
    def logical_name(self) -> str:
        """The sender's name without folders and extension: a label, and never a place on this machine."""
        return self._base.rpartition(".")[0]

    @property
    def extension(self) -> str:
        """What stands behind the last dot, in lower case."""
        return self._base.rpartition(".")[2].lower()

    @property
    def _base(self) -> str:
        return self.name.replace("\\", "/").rpartition("/")[2]


@dataclass
class Upload:
    """What a client sent: the key of the dataset to be, and its files."""

    dataset_name: str
    files: list[UploadedFile]

    def unread_files(self, limits: Limits) -> dict[str, File]:
        """The framework's File of each, by logical name, to be read where the ETL runs.

        Args:
            limits: What each may unfold to.
        """
        return {
            file.logical_name: DataFile(file.logical_name, file.path, file.name, file.extension, limits)
            for file in self.files
        }


@asynccontextmanager
async def received_upload(request: Request) -> AsyncIterator[Upload]:
    """A request's upload, in a private folder that is gone afterwards, whatever happens.

    Raises:
        Malformed: The body is no multipart form, or a field is missing or empty.
        Invalid: A file has no name, an unsupported extension, or the logical name of another.
        TooLarge: There are too many files or fields.
    """
    uploads: UploadsFolder = request.app.state.uploads_folder
    folder = await anyio.to_thread.run_sync(_new_folder, uploads)
    try:
        limits: Limits = request.app.state.config.limits
        yield _checked(await _received_form(request, folder, limits))
    finally:
        await _remove(folder)


def _new_folder(uploads: UploadsFolder) -> Path:
    with _space_needed():
        return uploads.new()


@contextmanager
def _space_needed() -> Iterator[None]:
    """What is written here fails with `StorageFull` where there is no space left."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise StorageFull("There is no space left in the server's folder for uploads") from error
        raise


async def _remove(folder: Path) -> None:
    try:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(shutil.rmtree, folder, True)
    finally:
        # A server that stops cancels its requests, and those await nothing more.
        shutil.rmtree(folder, ignore_errors=True)


async def _received_form(request: Request, folder: Path, limits: Limits) -> MultipartForm:
    """Read the body to its end; parsing and writing happen on a worker thread."""
    try:
        form = MultipartForm(folder, request.headers.get("content-type", ""), limits.files, limits.fields)
        with _space_needed(), closing(form):
            async for block in _blocks(request):
                await anyio.to_thread.run_sync(form.write, block)
            form.finish()
    except MalformedForm as error:
        raise Malformed(f"The body is not a multipart form with dataset_name and files: {error}") from error
    except FormTooLarge as error:
        raise TooLarge(str(error)) from error
    return form


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks large enough to be worth a worker thread."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size >= _WRITE_AT_ONCE:
            yield b"".join(chunks)
            chunks, size = [], 0
    yield b"".join(chunks)


def _checked(form: MultipartForm) -> Upload:
    dataset_name = form.fields.get("dataset_name")
    if not dataset_name:
        raise Malformed("Field 'dataset_name' is missing or empty")
    files = [UploadedFile(file.path, file.name) for file in form.files if file.field == "files"]
    if not files:
        raise Malformed("Field 'files' is missing or holds no file")
    for file in files:
        _check_name(file)
    logical_names = Counter(file.logical_name for file in files)
    for name, count in logical_names.items():
        if count > 1:
            raise Invalid(f"{count} files have the logical name '{name}': each needs its own")
    return Upload(dataset_name, files)


def _check_name(file: UploadedFile) -> None:
    if not file.name:
        raise Invalid("Each upload must include a file name")
    if file.extension not in EXTENSIONS or not file.logical_name:
        supported = ", ".join(f".{extension}" for extension in EXTENSIONS)
        raise Invalid(f"File '{file.name}' has an unsupported extension; supported are {supported}")
