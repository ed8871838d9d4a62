"""A request, as data: it can be sent again as often as needed."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

JSON = "application/json"
ARROW = "application/vnd.apache.arrow.stream"
EVENTS = "text/event-stream"

KEY_HEADER = "Idempotency-Key"

#: The files of a form, opened for one attempt.
Files = Callable[[], AbstractContextManager[list[tuple[str, Any]]]]


@dataclass(frozen=True)
class Call:
    """A request.

    Attributes:
        method: Its method.
        path: Its path below the address of the API.
        query: The parameters of its query.
        body: What becomes its body in JSON; None for no body.
        form: The fields of a form, if it has files.
        files: What opens the files of that form.
        accept: The media type that the answer should have.
        headers: Further headers.
        patience: Seconds: how long the server may be silent beyond the ordinary time-out.
        feature: What an old server lacks that has no such route, in a few words.
    """

    method: str
    path: str
    query: Sequence[tuple[str, str]] = ()
    body: object = None
    form: Mapping[str, str] | None = None
    files: Files | None = None
    accept: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    patience: float = 0
    feature: str = ""

    def __post_init__(self) -> None:
        if self.method == "POST":  # drawn here, so that each attempt has the same
            object.__setattr__(self, "headers", {**self.headers, KEY_HEADER: str(uuid.uuid4())})


def path_of(*names: str) -> str:
    """A path of names, which may have any character."""
    return "".join(f"/{quote(name, safe='')}" for name in names)
