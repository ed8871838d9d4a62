"""The differences between two responses."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .answers import Answer


@dataclass(frozen=True)
class Difference:
    """A value that differs: where it is in the response, and the value of each server."""

    where: str
    ours: str
    peer: str


def differences(ours: Answer, peer: Answer) -> list[Difference]:
    """Every difference of two responses in status, headers and body, or in whether they are overdue."""
    return list(_differences(ours, peer))


def _differences(ours: Answer, peer: Answer) -> Iterator[Difference]:
    if ours.status != peer.status:
        yield Difference("status", str(ours.status), str(peer.status))
    for name in sorted(ours.headers.keys() | peer.headers.keys()):
        if (mine := ours.headers.get(name, "-")) != (theirs := peer.headers.get(name, "-")):
            yield Difference(name, mine, theirs)
    if ours.overdue or peer.overdue:
        yield Difference("overdue", str(ours.overdue), str(peer.overdue))
    yield from _in_documents("body", ours.body, peer.body)


def _in_documents(where: str, ours: Any, peer: Any) -> Iterator[Difference]:
    if isinstance(ours, dict) and isinstance(peer, dict):
        for name in {**ours, **peer}:
            if name not in ours:
                yield Difference(f"{where}.{name}", "-", _text(peer[name]))
            elif name not in peer:
                yield Difference(f"{where}.{name}", _text(ours[name]), "-")
            else:
                yield from _in_documents(f"{where}.{name}", ours[name], peer[name])
    elif isinstance(ours, list) and isinstance(peer, list) and len(ours) == len(peer):
        for position, (mine, theirs) in enumerate(zip(ours, peer, strict=True)):
            yield from _in_documents(f"{where}[{position}]", mine, theirs)
    elif type(ours) is not type(peer) or ours != peer:
        yield Difference(where, _text(ours), _text(peer))


def _text(document: object) -> str:
    return json.dumps(document, ensure_ascii=False)
