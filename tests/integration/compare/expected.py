"""The differences that the contract requires, with their reasons.

Each expectation corrects the peer's response to what the contract says. A difference that is left after the last one is
unexpected.
"""

from dataclasses import dataclass

from .answers import Answer
from .cases import Request
from .corrections import (
    Correction,
    added_operations,
    complete_allow,
    encoded_slash,
    head_as_get,
    json_error,
    members,
    no_content_type_of_204,
    null_for_sentinel,
    order_of_creation,
    replaced,
    text_of_422,
)
from .differences import Difference, differences


@dataclass(frozen=True)
class Expectation:
    """A reason for a difference, and the correction of the peer's response.

    Where the reason does not apply, ``corrected`` returns the peer's response unchanged.
    """

    reason: str
    corrected: Correction


_BETTER = [
    Expectation("better: a name in a path may hold a slash", encoded_slash),
    Expectation(
        "better: a name in a path may hold a slash, so that nothing is left to delete",
        replaced("tidy up session '*/*'", "datasets without '*/*'"),
    ),
    Expectation(
        "better: no scenario is deleted while it is queued or processing",
        replaced(
            *("busy: delete while it runs", "busy: its end", "busy: delete at its end"),
            statuses=[(409, 204), (200, 404), (204, 404)],
        ),
    ),
    Expectation(
        "better: no dataset is replaced while a scenario uses it",
        replaced("* while in use", statuses=[(409, 200), (409, 201)]),
    ),
    Expectation(
        "better: a scenario that has not run uses the dataset that replaces its own",
        members("input_data_id", of="the scenario on replaced items"),
    ),
    Expectation("better: a scenario says whether its dataset was replaced after its run", members("data_changed")),
    Expectation(
        "better: no session is deleted while a scenario of it is queued or processing",
        replaced("doomed: *", statuses=[(409, 200), (200, 404)]),
    ),
    Expectation(
        "better: the response to an upload has the messages of the validation", members("messages", of="upload*")
    ),
    Expectation("better: a KPI that is not computed yet is null", null_for_sentinel),
    Expectation("better: the docs load nothing from other hosts", members("loads from elsewhere", of="Swagger UI")),
    Expectation("better: the detail of a 422 is a text", text_of_422),
    Expectation(
        "better: the error of a failed run has its type, and is in the status and in the list, too",
        members("error"),
    ),
    Expectation(
        "better: a boolean is no number, and no other value is a boolean",
        replaced(
            *("* with parameters: bool for a*", "* with parameters: * for a bool*"),
            statuses=[(400, 201), (404, 200), (404, 204), (200, 200)],
        ),
    ),
    Expectation("better: a result that cannot be shown fails its run", replaced("*result complex", "*result hopeless")),
    Expectation("better: a numpy scalar is the value of a KPI", replaced("*result kpi-numpy-integer")),
    Expectation("better: a decimal comma is read", members("weight", "dtypes", of="uploaded decimal commas")),
    Expectation(
        "better: a value that does not convert is an error, which this wiring refuses",
        replaced("upload text for a number", "uploaded text for a number", "tidy up text for a number"),
    ),
    Expectation(
        "better: a file of another kind than its schema's is a 400",
        replaced("upload schema of another kind", statuses=[(400, 200)]),
    ),
    Expectation("better: a run has started when it started", members("run_started_at", of="running and waiting: *")),
]

_ERRORS = [
    Expectation("errors: Allow names every method of the path", complete_allow),
    Expectation("errors: an error is JSON, whatever caused it", json_error),
    Expectation(
        "errors: a body that does not decode is a 422",
        replaced("*: NaN", "*: too deep", "*: with a lone surrogate", "upload: *", statuses=[(422, 400), (422, 200)]),
    ),
    Expectation(
        "errors: a body that does not decode is a 422, so that nothing is left to delete",
        replaced("tidy up the name that is no UTF-8", statuses=[(404, 204)]),
    ),
    Expectation(
        "errors: a ValueError that a manager raises is a 400",
        replaced("create with parameters: refused by the set", statuses=[(400, 409)]),
    ),
]

_VALUES = [
    Expectation(
        "values: the values of a result have their natural JSON form", replaced("result *", statuses=[(200, 400)])
    ),
    Expectation("values: a dataset from JSON keeps every value", members("data", "dtypes", of="exact: *")),
    Expectation(
        "values: after a column from JSON that does not convert, others do",
        members("dtypes", of="what came from JSON: *"),
    ),
    Expectation("values: NaN is null, a Decimal's too", members("value", of="result decimal-nan")),
]

#: Values for which the contract says only "natural JSON form".
_FORMS = [
    Expectation("values: bytes are base64, which works for any bytes", members("value", of="result byte*")),
    Expectation("values: another format of the same duration", members("value", of="result timedelta*")),
    Expectation("values: a key is written like the JSON value", replaced("result other-keys", "result float-keys")),
]

_ROUTES = [
    Expectation(
        "routes: an invalid dataset is a 400",
        replaced("from JSON: *", "from JSON, name: *", statuses=[(400, 500), (400, 201)]),
    ),
    Expectation("routes: an invalid dataset is not stored", replaced("datasets, name: *")),
    Expectation(
        "routes: a dataset is added even if another session has its id", replaced("from JSON into another session")
    ),
    Expectation("routes: a copied dataset is stored, with an id of its own", members("input_data_id", of="doomed: *")),
    Expectation(
        "routes: a summary has the current status and progress",
        members("status", "progress", of="running and waiting: in summary"),
    ),
    Expectation(
        "routes: the stem of a file's name is its logical name, whatever its folder",
        replaced("upload as *", "loaded as *", "tidy up file *", statuses=[(200, 500), (200, 404), (204, 404)]),
    ),
    Expectation(
        "routes: a time is ISO 8601 in a request, too",
        replaced(
            *("* with times: *", "* with data parameters: limit and day"),
            statuses=[(201, 400), (200, 404), (204, 404)],
        ),
    ),
    Expectation(
        "routes: a time is ISO 8601 in a request, too, and in the summary",
        replaced("summary with times: *", "summary with data parameters: limit and day"),
    ),
    Expectation(
        "routes: no further documentation pages",
        replaced("unknown path /redoc", "unknown path /docs/*", statuses=[(404, 200)]),
    ),
    Expectation("routes: links at /", replaced("unknown path /", statuses=[(200, 404)])),
]

#: Differences that the contract leaves open.
_UNSETTLED = [
    Expectation("HTTP: HEAD is answered where GET is", head_as_get),
    Expectation("HTTP: a 204 has no content and no content type", no_content_type_of_204),
    Expectation("dataset keys are in the order of creation in a database, as in memory", order_of_creation),
    Expectation(
        "a body is UTF-8, as JSON requires", replaced("*: in UTF-16", statuses=[(422, 201), (422, 200), (422, 409)])
    ),
    Expectation(
        "a body of a type that any web page can send is a 415", replaced("*: content type *", statuses=[(415, 422)])
    ),
    Expectation(
        "two files with the same logical name are a 400",
        replaced(
            *("upload one name*", "uploaded one name*", "tidy up one name*"),
            statuses=[(400, 200), (404, 200), (404, 204)],
        ),
    ),
    Expectation(
        "a file without a schema, or that cannot be read, is a 400", replaced("upload *", statuses=[(400, 500)])
    ),
    Expectation(
        "sessions cannot be created: a 403 before the body is read",
        replaced("create session, no JSON", statuses=[(403, 422)]),
    ),
    Expectation("an integer KPI stays an integer in the summary", members("value", of="summary of result kpi-integer")),
    Expectation("the document declares JSON bodies of from-json and run", members("takes", of="OpenAPI document")),
    Expectation("the document declares the routes that the peer lacks", added_operations),
    Expectation(
        "the paths of the peer have further methods",
        replaced(
            *("GET session", "unknown path */sessions/main", "PUT dataset", "PUT from-json"),
            statuses=[(200, 405), (415, 405)],
        ),
    ),
]

EXPECTED = [*_BETTER, *_ERRORS, *_VALUES, *_FORMS, *_ROUTES, *_UNSETTLED]


def attributed(request: Request, ours: Answer, peer: Answer) -> tuple[list[str], list[Difference]]:
    """The reasons that explain differences of two responses, and the differences that none explains."""
    reasons = []
    for expectation in EXPECTED:
        better = expectation.corrected(request, ours, peer)
        if differences(better, peer):
            reasons.append(expectation.reason)
            peer = better
    return reasons, differences(ours, peer)
