"""Content negotiation (RFC 9110, section 12): media types, content codings, and the headers of the response."""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import inf

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
    accept = header(scope, b"accept").lower()
    return _messagepack_type(accept) if b"msgpack" in accept or b"q=0" in accept else None


def is_text_preferred(scope: Scope) -> bool:
    """Whether the client of a request prefers plain text to JSON."""
    accept = header(scope, b"accept")
    if b"text" not in accept.lower():
        return False
    weights = _weights(accept)
    text = weights.get("text/plain", weights.get("text/*", 0.0))
    return text > weights.get("application/json", weights.get("application/*", weights.get("*/*", 0.0)))


def preferred_type(scope: Scope, offered: Sequence[str]) -> str:
    """The media type that the client of a request prefers.

    Of equal ones, a named type wins over a wildcard, and of two named ones the first in the header.

    Args:
        scope: The scope of the request.
        offered: The media types. The first is that of clients that accept any or none of them. JSON stands for
            MessagePack, too, unless that is offered.
    """
    accept = header(scope, b"accept")
    return _preferred_type(accept, tuple(offered)) if accept else offered[0]


def is_preferred(scope: Scope, media_type: str) -> bool:
    """Whether the client of a request prefers a media type to JSON, by weight, or by naming only this one."""
    accept = header(scope, b"accept")
    if media_type.encode() not in accept.lower():
        return False
    weights = _weights(accept)
    weight, named = weights.get(media_type, 0.0), weights.get("application/json")
    json = weights.get("application/*", weights.get("*/*", 0.0)) if named is None else named
    return weight > json or (weight == json > 0 and named is None)


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
    """The content coding that a client prefers, the first offered of equal ones; None for no coding.

    A wildcard stands for gzip, unless the client names that: it may be the only coding that the client knows.
    """
    weights = _weights(accept_encoding)
    weights.setdefault("gzip", weights.get("*", 0.0))
    best = max(offered, key=lambda coding: weights.get(coding, 0.0))
    return best if weights.get(best) and weights[best] >= weights.get("identity", 0.0) else None


@lru_cache(maxsize=64)
def _messagepack_type(accept: bytes) -> str | None:
    weights = _weights(accept)
    any_type = weights.get("application/*", weights.get("*/*", 0.0))
    json = weights.get("application/json", any_type)
    if not json and any_type:  # all but JSON
        weights.setdefault(_MESSAGEPACK[0], any_type)
    best = max(filter(weights.__contains__, _MESSAGEPACK), key=weights.__getitem__, default=None)
    if best is None or not weights[best]:
        return None
    if weights[best] != json:
        return best if weights[best] > json else None
    # Equal weights: a named type wins over a wildcard, and of two named types the first one wins.
    names = list(weights)
    return best if "application/json" not in names or names.index(best) < names.index("application/json") else None


@lru_cache(maxsize=64)
def _preferred_type(accept: bytes, offered: tuple[str, ...]) -> str:
    weights = _weights(accept)
    places = {name: -place for place, name in enumerate(weights)}

    def preference(media_type: str) -> tuple[float, float]:
        forms = [form for form in _MESSAGEPACK if media_type == "application/json" and form not in offered]
        if named := [name for name in (media_type, *forms) if name in weights]:
            name = max(named, key=weights.__getitem__)
            return weights[name], places[name]
        return weights.get(f"{media_type.partition('/')[0]}/*", weights.get("*/*", 0.0)), -inf

    best = max(offered, key=preference)
    return best if preference(best)[0] else offered[0]


def _weights(field: bytes) -> dict[str, float]:
    """The values of an Accept header with their weights, from 0 (not acceptable) to 1; without malformed ones."""
    weights: dict[str, float] = {}
    for item in field.decode("latin-1").lower().split(","):
        name, *parameters = [part.strip() for part in item.split(";")]
        weight = next((text.removeprefix("q=") for text in parameters if text.startswith("q=")), "1")
        if _WEIGHT.fullmatch(weight):
            weights[name] = float(weight)
    return weights


def _weak(tag: bytes) -> bytes:
    return tag if tag.startswith(b"W/") else b"W/" + tag
