"""Datasets: list, download, describe, delete, derive, add, upload."""

from collections.abc import AsyncGenerator

from msgspec.json import Decoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import Invalid
from ..http.conditional import conditional
from ..http.negotiation import accepted_messagepack
from ..http.paths import path_name
from ..http.request_body import decode, refuse_without_preflight
from ..http.responses import VARY, EncodedJSONResponse, json_response, no_content
from ..http.streaming import StreamResponse
from ..middleware.audit_log import note_new_name
from ..middleware.content_encoding import accepted_coding, compressed_pieces
from ..openapi.operation import UNCHANGED, operation
from ..schemas import DatasetKeys, DeriveDataset, EtlOutcome, Upload, ValidationMessage
from ..schemas.domain import Dataset, ParameterSet
from ..serialization.datasets.stream import JSON, MESSAGEPACK, dataset_pieces, is_streamed, own_document
from ..services.dependencies import check_session_is, open_stream, session_of
from ..uploads.receive import received_upload

TAGS = ("data",)

_DERIVE = Decoder(DeriveDataset)

_DATASET = {
    "metadata": {"id": "1", "name": "Depots", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"},
    "tables": {"depots": {"data": [{"id": 1, "open": True}], "columns": ["id", "open"], "index": [0]}},
}

_UPLOAD = {"dataset_name": "Depots", "files": ["id;open\n1;True\n"]}


@operation("List the datasets", returns={200: DatasetKeys}, errors=(404,), tags=TAGS)
async def list_datasets(request: Request) -> Response:
    """The keys of the datasets."""
    return json_response(session_of(request).datasets())


@operation("Download a dataset", returns={200: Dataset}, errors=(404,), tags=TAGS)
async def get_dataset(request: Request) -> Response:
    """A dataset with all its tables. Large ones are streamed."""
    session = session_of(request)
    dataset = await session.dataset(path_name(request, "data_key"))
    if not is_streamed(dataset):
        return EncodedJSONResponse(await session.workers.run(own_document, dataset))
    packed_type = accepted_messagepack(request.scope)
    coding = accepted_coding(request.scope)

    async def begin() -> AsyncGenerator[bytes]:
        pieces = dataset_pieces(dataset, MESSAGEPACK if packed_type else JSON)
        return await session.workers.started(compressed_pieces(pieces, coding) if coding else pieces)

    headers = {"vary": VARY} | ({"content-encoding": coding} if coding else {})
    return StreamResponse(begin, open_stream(request), packed_type or "application/json", headers)


@operation("Describe a dataset's parameters", returns={200: ParameterSet, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def get_dataset_parameters(request: Request) -> Response:
    """The parameters of a dataset, as descriptors for a form."""
    key = path_name(request, "data_key")
    return await conditional(request, await session_of(request).dataset_parameters(key))


@operation("Delete a dataset", returns={204: "The dataset is deleted."}, errors=(404, 409), tags=TAGS)
async def delete_dataset(request: Request) -> Response:
    """Delete a dataset that no scenario uses."""
    await session_of(request).delete_dataset(path_name(request, "data_key"))
    return no_content()


@operation(
    "Derive a dataset",
    body=DeriveDataset,
    example={"new_key": "Master data, changed"},
    returns={201: DatasetKeys},
    errors=(400, 404, 409, 415, 422),
    tags=TAGS,
)
async def derive_dataset(request: Request) -> Response:
    """Derive a dataset from another, under a new key."""
    session = session_of(request)
    body = await decode(request, _DERIVE)
    check_session_is(session, request)
    note_new_name(request, body.new_key)
    return json_response(await session.derive_dataset(path_name(request, "data_key"), body.new_key), 201)


@operation(
    "Add a dataset from JSON",
    body=Dataset,
    example=_DATASET,
    returns={201: DatasetKeys},
    errors=(400, 404, 415, 422),
    tags=TAGS,
)
async def add_dataset_from_json(request: Request) -> Response:
    """Add a dataset from the text of its `to_json()`."""
    session = session_of(request)
    refuse_without_preflight(request)
    chunks = [chunk async for chunk in request.stream()]
    if not any(chunks):
        raise Invalid("Empty request body")
    check_session_is(session, request)
    return json_response(await session.add_dataset(chunks), 201)


@operation(
    "Upload files",
    body=Upload,
    example=_UPLOAD,
    media_type="multipart/form-data",
    returns={200: EtlOutcome},
    errors=(400, 404, 422),
    tags=TAGS,
)
async def run_etl(request: Request) -> Response:
    """Run the ETL on uploaded files. They become a dataset if they are valid.

    The name of a file without its extension is the name of its schema. The extension is csv, json or xlsx.
    """
    session = session_of(request)
    async with received_upload(request) as upload:
        check_session_is(session, request)
        note_new_name(request, upload.dataset_name)
        result = await session.run_etl(upload)
    messages = [ValidationMessage(str(m.severity), m.message, m.table, m.code) for m in result.messages]
    return json_response(EtlOutcome(upload.dataset_name, result.is_success, session.datasets().keys, messages))


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/data",                       list_datasets,          methods=["GET"],    name="list_datasets"),
    Route("/sessions/{session_id}/data/from-json",             add_dataset_from_json,  methods=["POST"],   name="add_dataset_from_json"),
    Route("/sessions/{session_id}/data/{data_key}",            get_dataset,            methods=["GET"],    name="get_dataset"),
    Route("/sessions/{session_id}/data/{data_key}",            delete_dataset,         methods=["DELETE"], name="delete_dataset"),
    Route("/sessions/{session_id}/data/{data_key}/parameters", get_dataset_parameters, methods=["GET"],    name="get_dataset_parameters"),
    Route("/sessions/{session_id}/data/{data_key}/derive",     derive_dataset,         methods=["POST"],   name="derive_dataset"),
    Route("/sessions/{session_id}/etl",                        run_etl,                methods=["POST"],   name="run_etl"),
]
# fmt: on
