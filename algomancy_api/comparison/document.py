"""The comparison as JSON."""

from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

import msgspec
from msgspec import UNSET, Raw
from msgspec.structs import replace

from ..schemas.comparison import Comparison
from ..serialization.json_encoder import encode

#: Scenarios per call of the encoder, which holds the interpreter lock for its whole call.
_AT_A_TIME = 200


def json_of(comparison: Comparison) -> bytes:
    """The JSON document of a comparison. Its parts are encoded one by one, so that other threads can run between."""
    scenarios = (encode(batch)[1:-1] for batch in batched(comparison.scenarios, _AT_A_TIME, strict=False))
    parts: dict[str, Any] = {
        "baseline": Raw(encode(comparison.baseline)),
        "scenarios": _joined(scenarios),
        "kpis": _each(comparison.kpis),
        "parameters": _each(comparison.parameters),
        "data_parameters": _each(comparison.data_parameters),
    }
    for name in ("dataset", "algorithm"):
        if (setting := getattr(comparison, name)) is not UNSET:
            parts[name] = Raw(encode(setting))
    # msgspec's own encoder, as nothing is left that it would not know: the package's would look through all of it.
    return msgspec.json.encode(replace(comparison, **parts))


def _each(parts: Sequence[object]) -> Raw:
    return _joined(map(encode, parts))


def _joined(parts: Iterable[bytes]) -> Raw:
    return Raw(b"[" + b",".join(parts) + b"]")
