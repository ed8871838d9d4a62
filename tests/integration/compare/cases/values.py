"""Parameter values and results of every type."""

from collections.abc import Iterator
from typing import Any

from .request import Request, delete, ended, get, post, under_way
from .scenarios import SCENARIOS, new

#: Values for the algorithm `Parametrised`: valid, invalid and borderline ones.
_PARAMETERS: dict[str, dict[str, Any]] = {
    "none": {},
    "all": {
        "text": "ünï", "note": "n", "count": 5, "unbounded": -(10**12), "ratio": 0.25, "limitless": 1e300,
        "flag": False, "color": "green", "colors": ["blue", "red"],
    },
    "integer for a float": {"ratio": 1},
    "float for an integer": {"count": 5.0},
    "bool for an integer": {"count": True},
    "bool for a float": {"ratio": True},
    "integer for a bool": {"flag": 1},
    "text for a bool": {"flag": "true"},
    "text for an integer": {"count": "5"},
    "number for a text": {"text": 1},
    "empty text": {"text": ""},
    "null for a required": {"count": None},
    "null for an optional": {"note": None, "limitless": None},
    "too small": {"count": 0},
    "too large": {"ratio": 1.5},
    "large integer": {"unbounded": 2**70},
    "large float": {"limitless": 1e308},
    "unknown name": {"nonsense": 1},
    "unknown and known name": {"nonsense": 1, "count": 4},
    "not a choice": {"color": "blue"},
    "number for a choice": {"color": 1},
    "text for choices": {"colors": "red"},
    "no choices": {"colors": []},
    "choices twice": {"colors": ["red", "red"]},
    "not one of the choices": {"colors": ["red", "pink"]},
    "numbers for choices": {"colors": [1]},
    "list for a text": {"text": ["a"]},
    "object for an integer": {"count": {}},
    "refused by the set": {"count": 9},
    "refused by an assertion": {"count": 8},
    "refused unless unflagged": {"count": 9, "flag": False},
}  # fmt: skip

#: Values for `Timed`. Times have no zone, as those of the framework.
_TIMES: dict[str, dict[str, Any]] = {
    "none": {},
    "time": {"at": "2026-03-04T05:06:07"},
    "time with a fraction": {"at": "2026-03-04T05:06:07.250"},
    "time in UTC": {"at": "2026-03-04T05:06:07Z"},
    "day": {"at": "2026-03-04"},
    "no time": {"at": "noon"},
    "number for a time": {"at": 5},
    "null for a time": {"at": None},
    "null for an optional time": {"maybe": None},
    "interval": {"between": ["2026-03-04T00:00:00", "2026-03-05T00:00:00"]},
    "interval of days": {"between": ["2026-03-04", "2026-03-05"]},
    "interval backwards": {"between": ["2026-03-05T00:00:00", "2026-03-04T00:00:00"]},
    "interval of one": {"between": ["2026-03-05T00:00:00"]},
    "interval of three": {"between": ["2026-03-04", "2026-03-05", "2026-03-06"]},
    "text for an interval": {"between": "2026-03-04"},
    "numbers for an interval": {"between": [1, 2]},
}

#: Values for the parameters of a dataset.
_DATA: dict[str, Any] = {
    "none": {},
    "null": None,
    "limit": {"limit": 3},
    "limit and day": {"limit": 3, "day": "2026-03-04T00:00:00"},
    "too small": {"limit": 0},
    "unknown name": {"nonsense": 1},
    "wrong type": {"limit": "3"},
    "no day": {"day": "today"},
}


def _created(kind: str, body: dict[str, Any]) -> Iterator[Request]:
    """Create a scenario, get its full form and its summary, and delete it."""
    tag = f"with {kind}"
    variable = "".join(character if character.isalnum() else "_" for character in tag)
    path = f"{SCENARIOS}/{{{variable}}}"
    yield post(f"create {tag}", SCENARIOS, new(tag) | body, saves={variable: "id"})
    yield get(f"summary {tag}", SCENARIOS)
    yield get(f"get {tag}", path)
    yield delete(f"delete {tag}", path)


def _parameters() -> Iterator[Request]:
    for kind, values in _PARAMETERS.items():
        yield from _created(f"parameters: {kind}", {"algo_name": "Parametrised", "algo_params": values})
    for kind, values in _TIMES.items():
        yield from _created(f"times: {kind}", {"algo_name": "Timed", "algo_params": values})
    for kind, values in _DATA.items():
        yield from _created(f"data parameters: {kind}", {"data_params": values})
    yield from _created("parameters: null", {"algo_name": "Parametrised", "algo_params": None})
    yield from _created("parameters: for one that has none", {"algo_params": {"x": 1}})


def _results(kinds: tuple[str, ...]) -> Iterator[Request]:
    """A run with each kind of result."""
    for number, kind in enumerate(kinds):
        path = f"{SCENARIOS}/{{result_{number}}}"
        body = new(f"result {kind}", "Holds", algo_params={"kind": kind})
        yield post(f"create result {kind}", SCENARIOS, body, saves={f"result_{number}": "id"})
        yield post(f"run result {kind}", f"{path}/run", view=under_way)
        yield get(f"status of result {kind}", f"{path}/status", until=ended)
        yield get(f"result {kind}", path, until=ended)
        yield get(f"summary of result {kind}", SCENARIOS, until=ended)
        yield delete(f"delete result {kind}", path)


#: The kinds of results of the wiring.
_KINDS = (
    "plain", "unicode", "tuple", "set", "integer-keys", "other-keys", "date-keys", "datetime-keys", "uuid-keys",
    "float-keys", "tuple-keys", "bytes-keys", "large-integer", "small-float", "nan", "datetime", "datetime-utc",
    "datetime-zone", "date", "time", "timedelta", "timedelta-negative", "timedelta-minutes", "decimal", "decimal-whole",
    "decimal-nan", "uuid", "path", "enum", "string-enum", "integer-enum", "named-tuple", "frozenset", "deque",
    "address", "complex", "pattern", "bytes", "bytearray", "bytes-binary", "dataclass", "to-dict",
    "numpy-scalars", "numpy-array", "timestamp", "missing", "series", "frame", "lone-surrogate", "hopeless",
    "kpi-integer", "kpi-nan", "kpi-infinite", "kpi-numpy", "kpi-numpy-integer", "kpi-decimal",
)  # fmt: skip

VALUE_CASES = [*_parameters(), *_results(_KINDS)]
