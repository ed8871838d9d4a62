"""Hooks for Schemathesis: a dataset for each new scenario, and bodies in JSON and MessagePack."""

import os
from typing import Any
from urllib.parse import quote

import httpx
import schemathesis

from ...support.clients import PATIENCE
from . import messagepack
from .fuzz import SECRET_VARIABLE

__all__ = ["before_call", "messagepack"]

#: A dataset of four cities on a square, which the algorithms of the example solve at once.
SQUARE = {
    "metadata": {"id": "square", "name": "Square", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"},
    "tables": {
        "instance": {
            "columns": ["name", "comment", "edge_weight_type", "optimum", "source"],
            "data": [{"name": "Square", "comment": None, "edge_weight_type": "EUC_2D", "optimum": 4.0, "source": None}],
            "index": [0],
        },
        "cities": {
            "columns": ["id", "x", "y"],
            "data": [{"id": 2 * x + y, "x": float(x), "y": float(y)} for x in (0, 1) for y in (0, 1)],
            "index": [0, 1, 2, 3],
        },
    },
}


#: Seconds: longest wait in a request. Schemathesis also tries the limits of the parameter, beside the dictionary.
_LONGEST_WAIT = 1

#: Seconds: longest wait that the API accepts. It rejects more at once.
_MAX_WAIT = 60


def _shorten_wait(case: schemathesis.Case[Any]) -> None:
    try:
        wait = float((case.query or {}).get("wait", 0))
    except TypeError, ValueError:
        return  # the API rejects it at once
    if _LONGEST_WAIT < wait <= _MAX_WAIT:
        case.query["wait"] = _LONGEST_WAIT


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _keywords: dict[str, Any]) -> None:
    """Add the dataset to the session before a scenario is created in it, and shorten long waits."""
    _shorten_wait(case)
    if (case.method, case.path) != ("POST", "/api/v1/sessions/{session_id}/scenarios"):
        return
    session = quote(str(case.path_parameters["session_id"]), safe="")
    url = f"{str(case.operation.base_url).rstrip('/')}/api/v1/sessions/{session}/data/from-json"
    headers = {"Authorization": f"Bearer {os.environ[SECRET_VARIABLE]}"}
    assert httpx.post(url, json=SQUARE, headers=headers, timeout=PATIENCE).status_code != httpx.codes.UNAUTHORIZED
