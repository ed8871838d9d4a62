"""What events say of scenarios."""

from __future__ import annotations

import msgspec

from .answers import DELETED, State, States
from .events import Event


class _Id(msgspec.Struct):
    id: str


def states_of(event: Event) -> list[State]:
    """The states in an event: of all scenarios in a snapshot, of one in others, of none in one of an unknown kind."""
    if event.kind == "snapshot":
        return msgspec.json.decode(event.data, type=States).scenarios
    if event.kind in ("status", "progress"):
        return [msgspec.json.decode(event.data, type=State)]
    if event.kind == "deleted":
        return [State(msgspec.json.decode(event.data, type=_Id).id, "", DELETED)]
    return []
