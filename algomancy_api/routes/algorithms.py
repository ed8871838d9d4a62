"""Algorithms with their parameters, and KPIs: list, describe."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..http.conditional import conditional
from ..http.paths import path_name
from ..http.responses import json_response
from ..openapi.operation import UNCHANGED, operation
from ..schemas import AlgorithmList, KpiList
from ..schemas.domain import ParameterSet
from ..services.dependencies import session_of

TAGS = ("algorithms",)


@operation("List the algorithms", returns={200: AlgorithmList}, errors=(404,), tags=TAGS)
async def list_algorithms(request: Request) -> Response:
    """The names of the algorithms."""
    return json_response(AlgorithmList(session_of(request).algorithms()))


@operation("Describe an algorithm's parameters", returns={200: ParameterSet, 304: UNCHANGED}, errors=(404,), tags=TAGS)
async def get_algorithm_parameters(request: Request) -> Response:
    """The parameters of an algorithm, as descriptors for a form."""
    name = path_name(request, "algorithm_name")
    return await conditional(request, await session_of(request).algorithm_parameters(name))


@operation("List the KPIs", returns={200: KpiList}, errors=(404,), tags=TAGS)
async def list_kpis(request: Request) -> Response:
    """The names of the KPIs."""
    return json_response(KpiList(session_of(request).kpis()))


# fmt: off
ROUTES = [
    Route("/sessions/{session_id}/algorithms",                             list_algorithms,          methods=["GET"], name="list_algorithms"),
    Route("/sessions/{session_id}/algorithms/{algorithm_name}/parameters", get_algorithm_parameters, methods=["GET"], name="get_algorithm_parameters"),
    Route("/sessions/{session_id}/kpis",                                   list_kpis,                methods=["GET"], name="list_kpis"),
]
# fmt: on
