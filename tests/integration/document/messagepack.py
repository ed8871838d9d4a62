"""Hooks for Schemathesis: it sends and reads MessagePack, too, and every other answer is to be in it."""

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
    """A body, or what is to be none."""
    return value if isinstance(value, bytes) else packed(json.dumps(value, default=str).encode())


@schemathesis.deserializer(MESSAGEPACK)
def deserialize(_context: Any, response: Any) -> Any:
    """An answer's body."""
    return msgspec.msgpack.decode(response.content)


@schemathesis.hook("before_call")
def accept(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _keywords: dict[str, Any]) -> None:
    """Ask for one form and the other in turn."""
    case.headers["Accept"] = next(_accepted)
