"""Hooks for Schemathesis: MessagePack in requests, and in every other response."""

import itertools
import json
from typing import Any

import msgspec
import schemathesis

from algomancy_api.serialization.messagepack import packed

MESSAGEPACK = "application/msgpack"

_accepted = itertools.cycle([MESSAGEPACK, "application/json"])


@schemathesis.serializer(MESSAGEPACK)
def serialize(_context: Any, value: Any) -> bytes:
    """Encode a body; bytes are sent unchanged, as invalid bodies."""
    return value if isinstance(value, bytes) else packed(json.dumps(value, default=str).encode())


@schemathesis.deserializer(MESSAGEPACK)
def deserialize(_context: Any, response: Any) -> Any:
    """Decode the body of a response."""
    return msgspec.msgpack.decode(response.content)


@schemathesis.hook("before_call")
def accept(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _keywords: dict[str, Any]) -> None:
    """Accept MessagePack and JSON in turn."""
    case.headers["Accept"] = next(_accepted)
