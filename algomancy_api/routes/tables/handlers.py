"""The handlers, and the table of their routes."""

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ...http.conditional import conditional
from ...http.paths import path_name
from ...openapi.operation import UNCHANGED, operation
from ...schemas import DatasetProfile, ResultTables
from ...services.dependencies import session_of
from .parameters import PARAMETERS, wanted_part
from .responses import part_response

TAGS = ("data",)

_OF_SCENARIOS = ("scenarios",)

_TABLE_HEADERS = {
    "X-Total-Count": "The number of rows, or groups, without `offset` and `limit`.",
    "Link": 'With a `limit`, the addresses of other pages: `rel="next"`, `"prev"`, `"first"` and `"last"`.',
    "ETag": "Identifies these rows in this format. A large response has none.",
}

_FILES = {
    "text/csv": "A line of names, and a line for each row.",
    "application/vnd.apache.arrow.stream": "A stream of Arrow's IPC format.",
    "application/vnd.apache.parquet": "A file of Parquet.",
}

_ROWS = {"rows": [{"id": 1, "x": 37.5, "y": None}, {"id": 2, "x": 37.5, "y": 12.25}]}


@operation("List the tables of a dataset", returns={200: DatasetProfile, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def list_dataset_tables(request: Request) -> Response:
    """A dataset with the sizes of its tables, and what their columns hold."""
    return await conditional(request, await session_of(request).dataset_tables(path_name(request, "data_key")))


@operation(
    "Read a part of a table",
    returns={200: list[dict[str, Any]] | dict[str, list[Any]], 304: UNCHANGED},
    returns_examples=_ROWS,
    returns_also=_FILES,
    errors=(404, 422),
    parameters=PARAMETERS,
    headers={200: _TABLE_HEADERS},
    tags=TAGS,
)
async def get_dataset_table(request: Request) -> Response:
    """Rows and columns of a table of a dataset, or groups of them, in the format that `Accept` names."""
    session, wanted = session_of(request), wanted_part(request)
    part = await session.dataset_table(path_name(request, "data_key"), path_name(request, "table"), wanted)
    return part_response(request, session, part, wanted)


@operation(
    "List the tables of a result",
    returns={200: ResultTables, 304: UNCHANGED},
    errors=(404, 409),
    tags=_OF_SCENARIOS,
)
async def list_result_tables(request: Request) -> Response:
    """The tables of the result of a complete scenario, their sizes, and what their columns hold.

    They are those of its `to_sql_tables`, if it has that, else the DataFrames among its attributes.
    """
    return await conditional(request, await session_of(request).result_tables(path_name(request, "scenario_id")))


@operation(
    "Read a part of a table of a result",
    returns={200: list[dict[str, Any]] | dict[str, list[Any]], 304: UNCHANGED},
    returns_examples=_ROWS,
    returns_also=_FILES,
    errors=(404, 409, 422),
    parameters=PARAMETERS,
    headers={200: _TABLE_HEADERS},
    tags=_OF_SCENARIOS,
)
async def get_result_table(request: Request) -> Response:
    """Rows and columns of a table of a result, or groups of them, in the format that `Accept` names."""
    session, wanted = session_of(request), wanted_part(request)
    part = await session.result_table(path_name(request, "scenario_id"), path_name(request, "table"), wanted)
    return part_response(request, session, part, wanted)


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/data/{data_key}/tables",                 list_dataset_tables, methods=["GET"], name="list_dataset_tables"),
    Route("/sessions/{session_id}/data/{data_key}/tables/{table}",         get_dataset_table,   methods=["GET"], name="get_dataset_table"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/tables",         list_result_tables,  methods=["GET"], name="list_result_tables"),
    Route("/sessions/{session_id}/scenarios/{scenario_id}/tables/{table}", get_result_table,    methods=["GET"], name="get_result_table"),
]
# fmt: on
