"""Log formats: text for a terminal, JSON for log collectors; and the request ids in both."""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from copy import copy
from datetime import UTC, datetime
from typing import Any

import msgspec
from uvicorn.logging import DefaultFormatter

#: The request id of log lines outside a request.
NO_REQUEST = "-"

#: The id of the current request. Never reset: log lines of the server after the app has raised belong to the request
#: too, and its task ends then.
current_request_id: ContextVar[bytes] = ContextVar("request id", default=b"-")

#: The attribute of a log record with its fields.
_FIELDS = "algomancy_api_fields"

#: Characters: the longest text in a line. Log collectors split or drop lines that are much longer.
_MAX_LENGTH = 8_000

#: Control characters and line breaks that JSON does not escape, but a terminal or a line reader interprets.
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(127, 160), 0x2028, 0x2029)}

#: The same for text, with those that JSON escapes itself. Text after a line break is indented; the first line of a
#: record never is.
_ESCAPES_OF_LINES = {code: repr(chr(code))[1:-1] for code in (*range(32), *_ESCAPES)} | {
    ord("\t"): "\t",
    ord("\n"): "\n    ",
}


def in_fields(fields: Mapping[str, str | int | float | None]) -> dict[str, Any]:
    """The ``extra`` argument of a log call with fields, which become members of the JSON object."""
    return {_FIELDS: fields}


def as_words(fields: Mapping[str, str | int | float | None]) -> str:
    """Fields as ``name=value`` words of a text line; strings are quoted, so that each stays one word."""
    return " ".join(f"{name}={_word(value)}" for name, value in fields.items())


class RequestIdFilter(logging.Filter):
    """A logging filter that adds ``request_id`` to each record and drops none.

    For handlers of an application that configures `logging` itself; `ApiLauncher.run` adds it already.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = current_request_id.get().decode()
        return True


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object on one line.

    Members: ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message``, ``request_id``, the fields of the line, and
    ``exception`` with the whole traceback. Very long texts lose their middle.
    """

    def format(self, record: logging.LogRecord) -> str:
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
        members = {name: _encodable(value) for name, value in line.items() if value is not None}
        return msgspec.json.encode(members).decode().translate(_ESCAPES)


class TextFormatter(DefaultFormatter):
    """Formats a record as uvicorn does, but so that its text cannot imitate another record or move the cursor.

    All lines of a message or traceback but the first are indented. Other control characters are escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info or record.exc_text:
            record = copy(record)
            # The cached text of another formatter is used only if there is no exception.
            record.exc_text = _indented(record.exc_text) if record.exc_text and not record.exc_info else None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as in `logging`
        """The text of a record without its exception; uvicorn adds colours on a console."""
        if not record.message.isprintable():
            record.message = record.message.translate(_ESCAPES_OF_LINES)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - as in `logging`
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as in `logging`
        return _indented(super().formatStack(stack_info))


def _indented(text: str) -> str:
    return f"\n{text}".translate(_ESCAPES_OF_LINES).removeprefix("\n")


def _encodable(value: str | float) -> str | int | float:
    """A value that encodes as UTF-8 and is not too long."""
    return _shortened(value).encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def _shortened(text: str) -> str:
    if len(text) <= _MAX_LENGTH:
        return text
    half = _MAX_LENGTH // 2
    return f"{text[:half]} … {len(text) - 2 * half} characters … {text[-half:]}"


def _word(value: str | float | None) -> str:
    if not isinstance(value, str):
        return "-" if value is None else str(value)
    return json.dumps(_shortened(value))  # in ASCII, like the paths in other lines
