"""The query of a request for a part of a table."""

from starlette.requests import Request

from ...errors import Malformed
from ...http.negotiation import preferred_type
from ...openapi.operation import Parameter
from ...tables import query
from ...tables.formats import FORMATS, Options, Wanted

#: Delimiters of CSV. The document has them as a pattern: of an enum of such characters, generators of clients make names.
_DELIMITERS = (",", ";", "\t", "|")

_LAYOUTS = ("rows", "columns")
_COMPRESSIONS = ("none", "lz4", "zstd")

PARAMETERS = (
    Parameter("columns", "query", "The columns, with commas between, in this order. A name with odd characters stands in backticks."),
    Parameter("where", "query", 'The condition of the rows, such as `qty>10 and region in ("N","S") and name~"abc"`.'),
    Parameter("order", "query", "The columns that the rows are ordered by, such as `-qty,name`. Missing values come last."),
    Parameter("offset", "query", "How many rows are skipped.", {"type": "integer", "minimum": 0, "default": 0}),
    Parameter("limit", "query", "How many rows the response has at most.", {"type": "integer", "minimum": 0}),
    Parameter("group", "query", "The columns by whose values the rows are grouped, with commas between."),
    Parameter("aggregate", "query", "What is computed of each group, or of all rows: `sum:qty,mean:qty,min:day,max:day,count:`."),
    Parameter(
        "layout",
        "query",
        "Of JSON and MessagePack: `rows` is a list with an object for each row, `columns` an object with a list for each "
        "column.",
        {"type": "string", "enum": list(_LAYOUTS), "default": "rows"},
    ),
    Parameter("delimiter", "query", "Of CSV: the character between fields.", {"type": "string", "pattern": f"^[{''.join(_DELIMITERS)}]$", "default": ","}),
    Parameter("compression", "query", "Of Arrow: the compression of its batches.", {"type": "string", "enum": list(_COMPRESSIONS), "default": "none"}),
    Parameter("If-None-Match", "header", "The `ETag` of the last response."),
)  # fmt: skip


def wanted_part(request: Request) -> Wanted:
    """The part of a table that a request asks for.

    Raises:
        Malformed: A parameter of its query is unknown, comes twice, or is malformed.
    """
    known = [parameter.name for parameter in PARAMETERS if parameter.place == "query"]
    for name in request.query_params:
        if name not in known:
            raise Malformed(f"no parameter {name[:60]!r}; there are {', '.join(known)}")
        if len(request.query_params.getlist(name)) > 1:
            raise Malformed(f"{name} must be given once")
    options = Options(
        by_columns=_choice(request, "layout", _LAYOUTS) == "columns",
        delimiter=_choice(request, "delimiter", _DELIMITERS),
        compression=None if (chosen := _choice(request, "compression", _COMPRESSIONS)) == "none" else chosen,
    )
    return Wanted(query.parse(request.query_params), preferred_type(request.scope, tuple(FORMATS)), options)


def _choice(request: Request, name: str, choices: tuple[str, ...]) -> str:
    chosen = request.query_params.get(name, choices[0])
    if chosen not in choices:
        raise Malformed(f"{name} must be one of {', '.join(map(repr, choices))}; got {chosen[:60]!r}")
    return chosen
