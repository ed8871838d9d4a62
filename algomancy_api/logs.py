"""How a log line looks: as text for people, or as JSON for programs."""

import json
import logging
from collections.abc import Mapping
from contextvars import ContextVar
from copy import copy
from datetime import UTC, datetime
from typing import Any

import msgspec
from uvicorn.logging import DefaultFormatter

#: In place of an id, in the log lines of no request.
NO_REQUEST = "-"

#: The id of the request under way. Never reset: what the server logs after the app has raised belongs to the request,
#: too, whose task ends then.
current_request_id: ContextVar[bytes] = ContextVar("request id", default=b"-")

#: The attribute of a record that has its fields.
_FIELDS = "algomancy_api_fields"

#: How much of a text is kept, in characters: what collects logs splits or drops lines that are much longer.
_MOST = 8_000

#: What JSON leaves as it is, and a terminal or a reader of lines does not: control characters and line breaks.
_ESCAPES = {code: f"\\u{code:04x}" for code in (*range(127, 160), 0x2028, 0x2029)}

#: The same for text, with those that JSON escapes by itself. What follows a line break is indented, which no first line
#: of a record is.
_ESCAPES_OF_LINES = {code: repr(chr(code))[1:-1] for code in (*range(32), *_ESCAPES)} | {
    ord("\t"): "\t",
    ord("\n"): "\n    ",
}


def in_fields(fields: Mapping[str, str | int | float | None]) -> dict[str, Any]:
    """The ``extra`` of a log call whose line has fields, which are members of the object in JSON."""
    return {_FIELDS: fields}


def as_words(fields: Mapping[str, str | int | float | None]) -> str:
    """Fields for a line of text: what a client has named is quoted, and is one word of a line whatever it holds."""
    return " ".join(f"{name}={_word(value)}" for name, value in fields.items())


class RequestIdFilter(logging.Filter):
    """Lets every record through, and gives it the ``request_id`` of the request that it was logged for.

    For the handlers of a host that has its own set-up of `logging`; that of `ApiLauncher.run` has it already.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Give it to a record."""
        record.request_id = current_request_id.get().decode()
        return True


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


class TextFormatter(DefaultFormatter):
    """Formats a record as uvicorn does, and such that nothing in it looks like another record, or moves a cursor.

    A message and a traceback may have several lines: all but the first one are indented. Other control characters are
    escaped.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record."""
        if record.exc_info or record.exc_text:
            record = copy(record)
            # What another formatter has made of an exception counts only if there is nothing else.
            record.exc_text = _indented(record.exc_text) if record.exc_text and not record.exc_info else None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - as in `logging`
        """The text of a record without its exception; uvicorn's own has colours on a console, and is left alone."""
        if not record.message.isprintable():
            record.message = record.message.translate(_ESCAPES_OF_LINES)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: ANN401, N802 - as in `logging`
        """The text of a traceback."""
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - as in `logging`
        """The text of a stack."""
        return _indented(super().formatStack(stack_info))


def _indented(text: str) -> str:
    return f"\n{text}".translate(_ESCAPES_OF_LINES).removeprefix("\n")


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
