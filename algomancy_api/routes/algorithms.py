"""Algorithms with their parameters, KPIs, and schemas: list, describe."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.conditional import conditional
from ..http.paths import path_name
from ..http.responses import json_response
from ..openapi.operation import UNCHANGED, Parameter, operation
from ..schemas import AlgorithmList, KpiList, SchemaList
from ..schemas.parameters import ParameterSet
from ..services.dependencies import query_flag, session_of

TAGS = ("algorithms",)


_DETAILS = Parameter(
    "details",
    "query",
    "Whether the response has, beside the names, what each of them is, and an ETag.",
    {"type": "boolean", "default": False},
)


@operation(
    "List the algorithms",
    returns={200: AlgorithmList, 304: UNCHANGED},
    errors=(404, 422),
    parameters=(_DETAILS,),
    tags=TAGS,
)
async def list_algorithms(request: Request) -> Response:
    """The names of the algorithms, and with `details` their parameters, as descriptors for a form."""
    session = session_of(request)
    if query_flag(request, "details"):
        return await conditional(request, await session.algorithm_details())
    return json_response(AlgorithmList(session.algorithms()))


@operation("Describe an algorithm's parameters", returns={200: ParameterSet, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def get_algorithm_parameters(request: Request) -> Response:
    """The parameters of an algorithm, as descriptors for a form."""
    name = path_name(request, "algorithm_name")
    return await conditional(request, await session_of(request).algorithm_parameters(name))


@operation(
    "List the KPIs", returns={200: KpiList, 304: UNCHANGED}, errors=(404, 422), parameters=(_DETAILS,), tags=TAGS
)
async def list_kpis(request: Request) -> Response:
    """The names of the KPIs, and with `details` their unit, direction and threshold."""
    session = session_of(request)
    if query_flag(request, "details"):
        return await conditional(request, await session.kpi_details())
    return json_response(KpiList(session.kpis()))


@operation("List the schemas", returns={200: SchemaList, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def list_schemas(request: Request) -> Response:
    """What uploaded files must have: tables, columns with their types, and keys."""
    return await conditional(request, await session_of(request).schemas())


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/algorithms",                             list_algorithms,          methods=["GET"], name="list_algorithms"),
    Route("/sessions/{session_id}/algorithms/{algorithm_name}/parameters", get_algorithm_parameters, methods=["GET"], name="get_algorithm_parameters"),
    Route("/sessions/{session_id}/kpis",                                   list_kpis,                methods=["GET"], name="list_kpis"),
    Route("/sessions/{session_id}/schemas",                                list_schemas,             methods=["GET"], name="list_schemas"),
]
# fmt: on
