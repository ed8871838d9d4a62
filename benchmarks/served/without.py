"""Plain substitutes for the optimisations of the package, which `benchmarks.measures` compares.

Each function replaces one optimisation in this process, before the app is built.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import anyio.to_thread
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette_compress import CompressMiddleware

from algomancy_api import application, middleware
from algomancy_api.concurrency.loop_or_thread import CallTimings
from algomancy_api.http.responses import EncodedJSONResponse
from algomancy_api.http.router import ApiRouter
from algomancy_api.routes import datasets
from algomancy_api.serialization.json_encoder import encode
from algomancy_api.services.sessions import Sessions
from algomancy_api.uploads.receive import Upload, UploadedFile


def _every_call_on_a_thread() -> None:
    CallTimings.are_quick = lambda *_, **__: False  # type: ignore[method-assign]


def _routes_tried_in_turn() -> None:
    def router(own: Any, others: Any, lifespan: Any, last: Any) -> ApiRouter:  # noqa: ANN401
        return ApiRouter([], [*own, *others], lifespan, last)

    vars(application)["ApiRouter"] = router


def _documents_made_for_each_request() -> None:
    def document(sessions: Sessions, _name: str, make: Callable[[Any], object]) -> bytes:
        return encode(make(sessions.list()))

    Sessions.document = document  # type: ignore[method-assign,assignment]


def _responses_of_starlette() -> None:
    def initialise(response: Any, body: bytes, status_code: int = 200, headers: Any = (), _digest: Any = None) -> None:  # noqa: ANN401
        texts = {name.decode(): value.decode() for name, value in headers}
        Response.__init__(response, body, status_code, texts, "application/json")

    EncodedJSONResponse.__init__ = initialise  # type: ignore[method-assign,assignment]
    EncodedJSONResponse.__call__ = Response.__call__  # type: ignore[method-assign,assignment]
    vars(application)["ExceptionLayer"] = ExceptionMiddleware


def _datasets_of_the_framework() -> None:
    vars(datasets)["is_streamed"] = lambda _dataset: False


def _compression_of_a_library() -> None:
    vars(middleware)["ContentEncoding"] = CompressMiddleware


def _copy(file: Any, path: Path) -> None:  # noqa: ANN401 - an UploadFile
    with path.open("wb") as target:
        shutil.copyfileobj(file.file, target)


def _forms_of_starlette() -> None:
    @asynccontextmanager
    async def received(request: Request) -> AsyncIterator[Upload]:
        with TemporaryDirectory() as folder:
            async with request.form() as form:
                files = []
                for number, file in enumerate(form.getlist("files")):
                    path = Path(folder) / str(number)
                    await anyio.to_thread.run_sync(_copy, file, path)
                    files.append(UploadedFile(path, getattr(file, "filename", "") or ""))
                yield Upload(str(form["dataset_name"]), files)

    vars(datasets)["received_upload"] = received


#: The functions by the name of the optimisation.
PLAIN: dict[str, Callable[[], None]] = {
    "loop_or_thread": _every_call_on_a_thread,
    "router": _routes_tried_in_turn,
    "documents": _documents_made_for_each_request,
    "responses": _responses_of_starlette,
    "columns": _datasets_of_the_framework,
    "compression": _compression_of_a_library,
    "multipart": _forms_of_starlette,
}
