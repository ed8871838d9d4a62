"""A dataset's download, to be sent back under other names."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec

from .client import Json

_PIECE = 256 * 1024


class Document:
    """A download, taken apart once.

    Raises:
        ValueError: It is not JSON, or has no ``metadata.name``, by which the server would know it.
    """

    def __init__(self, text: bytes) -> None:
        members = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        self._metadata = msgspec.json.decode(members.pop("metadata", b"{}"), type=dict[str, Any])
        if "name" not in self._metadata:
            raise ValueError("there is no metadata.name in it")
        self._rest = memoryview(msgspec.json.encode({"metadata": None} | members)).cast("B")[len('{"metadata":null') :]

    def named(self, name: str) -> Json:
        """The dataset under another name and id; the bytes of its tables are not copied."""
        head = b'{"metadata":%b' % msgspec.json.encode(self._metadata | {"name": name, "id": str(uuid4())})
        return Json(self._pieces(head), len(head) + len(self._rest))

    async def _pieces(self, head: bytes) -> AsyncIterator[bytes | memoryview]:
        yield head
        for start in range(0, len(self._rest), _PIECE):
            yield self._rest[start : start + _PIECE]
