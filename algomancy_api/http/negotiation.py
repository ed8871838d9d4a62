"""Content negotiation (RFC 9110, section 12): media types, content codings, and the headers of the response."""

import re
from collections.abc import Sequence
from functools import lru_cache

from starlette.types import Scope

type Headers = list[tuple[bytes, bytes]]

#: The media types of MessagePack: the registered one, and two older ones. A response has the one that the client names.
_MESSAGEPACK = ("application/msgpack", "application/x-msgpack", "application/vnd.msgpack")

#: Headers that hold for one representation of a body only.
_OF_ONE_FORM = frozenset({b"accept-ranges", b"content-length", b"vary"})

_WEIGHT = re.compile(r"0(\.\d*)?|1(\.0*)?")


def header(scope: Scope, name: bytes) -> bytes:
    """A header of a request, several lines joined with commas; empty if the request has none."""
    return b",".join([value for other, value in scope["headers"] if other == name])


def accepted_messagepack(scope: Scope) -> str | None:
    """The media type of MessagePack to respond with, if the client prefers it to JSON; None for JSON."""
    accept = header(scope, b"accept")
    return _messagepack_type(accept) if b"msgpack" in accept.lower() else None


def is_messagepack(content_type: bytes) -> bool:
    """Whether a Content-Type is MessagePack."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1") in _MESSAGEPACK


def revised(headers: Headers, new: Headers, decided_by: bytes) -> Headers:
    """The headers of a response that is sent in another representation, or of a 304 that stands for it.

    The ETag becomes a weak one. It is the same for all representations, and `If-None-Match` compares weakly.

    Args:
        headers: The headers of the original response.
        new: Headers that replace or join them.
        decided_by: The request header that decides on the representation, for `Vary`.
    """
    left_out = _OF_ONE_FORM.union(name for name, _ in new)
    kept = [(name, _weak(value) if name == b"etag" else value) for name, value in headers if name not in left_out]
    varying = b", ".join([value for name, value in headers if name == b"vary"])
    if decided_by.lower() not in varying.lower().replace(b" ", b"").split(b","):
        varying = varying + b", " + decided_by if varying else decided_by
    return [*kept, *new, (b"vary", varying)]


@lru_cache(maxsize=64)
def preferred_coding(accept_encoding: bytes, offered: Sequence[str]) -> str | None:
    """The content coding that a client prefers, the first offered of equal ones; None for no coding."""
    weights = _weights(accept_encoding)
    best = max(offered, key=lambda coding: weights.get(coding, weights.get("*", 0.0)))
    weight = weights.get(best, weights.get("*", 0.0))
    return best if weight and weight >= weights.get("identity", 0.0) else None


@lru_cache(maxsize=64)
def _messagepack_type(accept: bytes) -> str | None:
    weights = _weights(accept)
    best = max(filter(weights.__contains__, _MESSAGEPACK), key=weights.__getitem__, default=None)
    if best is None or not weights[best]:
        return None
    json = weights.get("application/json", weights.get("application/*", weights.get("*/*", 0.0)))
    if weights[best] != json:
        return best if weights[best] > json else None
    # Equal weights: a named type wins over a wildcard, and of two named types the first one wins.
    names = list(weights)
    return best if "application/json" not in names or names.index(best) < names.index("application/json") else None


def _weights(field: bytes) -> dict[str, float]:
    """The values of an Accept header with their weights, from 0 (not acceptable) to 1; a malformed weight is 0."""
    weights: dict[str, float] = {}
    for item in field.decode("latin-1").lower().split(","):
        name, *parameters = [part.strip() for part in item.split(";")]
        given = [text.removeprefix("q=") for text in parameters if text.startswith("q=")]
        weights[name] = 1.0 if not given else float(given[0]) if _WEIGHT.fullmatch(given[0]) else 0.0
    return weights


def _weak(tag: bytes) -> bytes:
    return tag if tag.startswith(b"W/") else b"W/" + tag
