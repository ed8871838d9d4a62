"""How a log line looks: as text for people, or as JSON for programs."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from .logs_ids import NO_REQUEST

#: The attribute of a record that has its fields.
_FIELDS = "algomancy_api_fields"

#: How much of a text is kept, in characters: what collects logs splits or drops lines that are much longer.
_MOST = 8_000

#: What JSON leaves as it is, and a terminal or a reader of lines does not: control characters and line breaks.
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(127, 160), 0x2028, 0x2029)}


def in_fields(fields: Mapping[str, str | int | float | None]) -> dict[str, Any]:
    """The ``extra`` of a log call whose line has fields, which are members of the object in JSON."""
    return {_FIELDS: fields}


def as_words(fields: Mapping[str, str | int | float | None]) -> str:
    """Fields for a line of text: what a client has named is quoted, and is one word of a line whatever it holds."""
    return " ".join(f"{name}={_word(value)}" for name, value in fields.items())


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object on one line.

    Members: ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``, ``request_id``, the fields of the line, and
    ``exception`` with the whole traceback. Of what is very long the middle is left out.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        moment = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        line: dict[str, Any] = {
            "time": f"{moment.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", NO_REQUEST),
            **getattr(record, _FIELDS, {}),
        }
        if line["request_id"] == NO_REQUEST:
            del line["request_id"]
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        told = {name: _told(value) for name, value in line.items() if value is not None}
        return msgspec.json.encode(told).decode().translate(_ESCAPES)


def _told(value: str | float) -> str | int | float:
    """A value as a line can hold it: UTF-8, and not too long."""
    return _shortened(value).encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _shortened(text: str) -> str:
    if len(text) <= _MOST:
        return text
    half = _MOST // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters … {text[-half:]}"


def _word(value: str | float | None) -> str:
    if not isinstance(value, str):
        return "-" if value is None else str(value)
    return json.dumps(_shortened(value))  # in ASCII, as the paths in other lines
