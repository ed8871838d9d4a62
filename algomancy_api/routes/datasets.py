"""Datasets: list, download, describe, delete, derive, add, upload, put."""

from collections.abc import AsyncGenerator
from urllib.parse import quote

from algomancy_data import BaseDataSource
from msgspec.json import Decoder
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import Invalid
from ..http.conditional import conditional
from ..http.negotiation import accepted_messagepack, is_preferred
from ..http.paths import path_name
from ..http.request_body import IGNORED_FIELDS_HEADER, decode, refuse_without_preflight
from ..http.responses import VARY, EncodedJSONResponse, json_response, no_content
from ..http.streaming import StreamResponse
from ..middleware.audit_log import note_new_name
from ..middleware.content_encoding import accepted_coding, compressed_pieces
from ..openapi.operation import UNCHANGED, ZIP, Parameter, operation
from ..schemas import DatasetKeys, DatasetList, DeriveDataset, EtlOutcome, TableFiles, Upload
from ..schemas.domain import Dataset, NewDataset
from ..schemas.parameters import ParameterSet
from ..serialization.datasets.archive import archive_pieces, tables_of
from ..serialization.datasets.stream import JSON, MESSAGEPACK, dataset_pieces, is_streamed, own_document
from ..services.dependencies import check_session_is, open_stream, query_flag, session_of
from ..services.scenarios import Session
from ..uploads.receive import received_upload
from ..uploads.tables import received_tables

TAGS = ("data",)

_DERIVE = Decoder(DeriveDataset)

_DATASET = {
    "metadata": {"id": "1", "name": "Depots", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"},
    "tables": {"depots": {"data": [{"id": 1, "open": True}], "columns": ["id", "open"], "index": [0]}},
}

_REPLACE = Parameter(
    "replace",
    "query",
    "Whether the dataset replaces one of the same key that scenarios use. Scenarios that have ended or are running keep "
    "the `input_data_id` that they ran on, and have `data_changed: true` until their next run; all others use the new "
    "dataset. A dataset that no scenario uses is replaced in any case.",
    {"type": "boolean", "default": False},
)

_DETAILS = Parameter(
    "details",
    "query",
    "Whether the response has more of each dataset than its key: the sizes of its tables, where it is from, and how many "
    "scenarios use it.",
    {"type": "boolean", "default": False},
)

_VALIDATE = Parameter(
    "validate",
    "query",
    "Whether the validators of the ETL see the tables, and may refuse them. Tables that no schema describes are kept as "
    "they are in any case.",
    {"type": "boolean", "default": True},
)

_UPLOAD = {"dataset_name": "Depots", "files": ["id;open\n1;True\n"]}


@operation("List the datasets", returns={200: DatasetList}, errors=(404, 422), parameters=(_DETAILS,), tags=TAGS)
async def list_datasets(request: Request) -> Response:
    """The keys of the datasets, and what is known of each."""
    session = session_of(request)
    if query_flag(request, "details"):
        return EncodedJSONResponse(await session.dataset_details())
    return json_response(session.datasets())


@operation(
    "Download a dataset",
    returns={200: Dataset},
    returns_also={"application/zip": "A Parquet file for each table, and `metadata.json`."},
    errors=(404, 406),
    tags=TAGS,
)
async def get_dataset(request: Request) -> Response:
    """A dataset with all its tables. Large ones are streamed. With `Accept: application/zip`, it is an archive."""
    session = session_of(request)
    dataset = await session.dataset(path_name(request, "data_key"))
    if is_preferred(request.scope, ZIP):
        return _archive_response(request, session, dataset)
    if not is_streamed(dataset):
        return EncodedJSONResponse(await session.workers.run(own_document, dataset))
    packed_type = accepted_messagepack(request.scope)
    coding = accepted_coding(request.scope)

    async def begin() -> AsyncGenerator[bytes]:
        pieces = dataset_pieces(dataset, MESSAGEPACK if packed_type else JSON)
        return await session.workers.started(compressed_pieces(pieces, coding) if coding else pieces)

    headers = {"vary": VARY} | ({"content-encoding": coding} if coding else {})
    return StreamResponse(begin, open_stream(request), packed_type or "application/json", headers)


def _archive_response(request: Request, session: Session, dataset: BaseDataSource) -> Response:
    tables = tables_of(dataset)
    if tables is None:
        raise HTTPException(406, f"Dataset {dataset.name!r} has no tables to put into an archive; ask for JSON")

    async def begin() -> AsyncGenerator[bytes]:
        return await session.workers.started(archive_pieces(dataset, tables))

    name = quote(f"{path_name(request, 'data_key')}.zip", safe="", errors="replace")
    headers = {"vary": VARY, "content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return StreamResponse(begin, open_stream(request), ZIP, headers)


@operation("Describe a dataset's parameters", returns={200: ParameterSet, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def get_dataset_parameters(request: Request) -> Response:
    """The parameters of a dataset, as descriptors for a form."""
    key = path_name(request, "data_key")
    return await conditional(request, await session_of(request).dataset_parameters(key))


@operation(
    "Make a dataset of tables",
    body=TableFiles,
    example={"tables": ["depots.parquet"]},
    media_type="multipart/form-data",
    returns={200: EtlOutcome, 201: EtlOutcome},
    errors=(400, 404, 409, 415, 422),
    parameters=(_REPLACE, _VALIDATE),
    tags=TAGS,
)
async def put_dataset(request: Request) -> Response:
    """Make a dataset of tables in Parquet or Arrow files, without an ETL.

    The body may also be an `application/zip` of such files, as `GET` sends it or with files of your own.

    It is a 201 for a new dataset. It is a 200 for one that was replaced, and, with `success: false`, for tables that the
    validators refuse: then nothing is changed.
    """
    session, key = session_of(request), path_name(request, "data_key")
    replace, validate = query_flag(request, "replace"), query_flag(request, "validate", default=True)
    async with received_tables(request) as upload:
        check_session_is(session, request)
        outcome = await session.put_dataset(key, upload, replace, validate)
    return json_response(outcome.answer, 201 if outcome.is_new else 200)


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
    headers={201: IGNORED_FIELDS_HEADER},
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
    body=NewDataset,
    example=_DATASET,
    returns={201: DatasetKeys},
    errors=(400, 404, 409, 415, 422),
    parameters=(_REPLACE,),
    tags=TAGS,
)
async def add_dataset_from_json(request: Request) -> Response:
    """Add a dataset from the text of its `to_json()`."""
    session = session_of(request)
    replace = query_flag(request, "replace")
    refuse_without_preflight(request)
    chunks = [chunk async for chunk in request.stream()]
    if not any(chunks):
        raise Invalid("Empty request body")
    check_session_is(session, request)
    return json_response(await session.add_dataset(chunks, replace), 201)


@operation(
    "Upload files",
    body=Upload,
    example=_UPLOAD,
    media_type="multipart/form-data",
    returns={200: EtlOutcome},
    errors=(400, 404, 409, 422),
    parameters=(_REPLACE,),
    tags=TAGS,
)
async def run_etl(request: Request) -> Response:
    """Run the ETL on uploaded files. They become a dataset if they are valid.

    The name of a file without its extension is the name of its schema. The extension is csv, json or xlsx.
    """
    session = session_of(request)
    replace = query_flag(request, "replace")
    async with received_upload(request) as upload:
        check_session_is(session, request)
        note_new_name(request, upload.dataset_name)
        return json_response(await session.run_etl(upload, replace))


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/data",                       list_datasets,          methods=["GET"],    name="list_datasets"),
    Route("/sessions/{session_id}/data/from-json",             add_dataset_from_json,  methods=["POST"],   name="add_dataset_from_json"),
    Route("/sessions/{session_id}/data/{data_key}",            get_dataset,            methods=["GET"],    name="get_dataset"),
    Route("/sessions/{session_id}/data/{data_key}",            put_dataset,            methods=["PUT"],    name="put_dataset"),
    Route("/sessions/{session_id}/data/{data_key}",            delete_dataset,         methods=["DELETE"], name="delete_dataset"),
    Route("/sessions/{session_id}/data/{data_key}/parameters", get_dataset_parameters, methods=["GET"],    name="get_dataset_parameters"),
    Route("/sessions/{session_id}/data/{data_key}/derive",     derive_dataset,         methods=["POST"],   name="derive_dataset"),
    Route("/sessions/{session_id}/etl",                        run_etl,                methods=["POST"],   name="run_etl"),
]
# fmt: on
