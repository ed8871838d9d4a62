"""The logs of a session's runs, read in parts."""

import re
from datetime import UTC, datetime
from logging import getLevelName
from typing import NamedTuple

from ..concurrency.decorators import on_worker
from ..concurrency.gate import Gate
from ..concurrency.serial import SerialCalls
from ..concurrency.workers import Workers
from ..engines.output import STREAMS, Line, Output, Reading, read
from ..errors import Gone, Malformed, NotFound
from ..framework import ACTIVE, ApiScenarioManager
from ..live.watched_log import Cursor
from ..schemas import LogLine, LogPart
from ..serialization.json_encoder import encode

#: Lines and bytes: the most of one response.
_MOST_LINES = 5_000
_MOST_BYTES = 1_000_000

#: The cursor before the first line of any run.
_START = "0"

_CURSOR = re.compile(r"([0-9a-f]{12})-(\d{1,15})", re.ASCII)


class LogResponse(NamedTuple):
    """A part of a log, encoded.

    Attributes:
        body: The part as JSON or text.
        next: The cursor of the next part; None if the run has ended and this is the last part.
    """

    body: bytes
    next: str | None


class RunLogs:
    """A mixin of `Session`, which sets its attributes."""

    manager: ApiScenarioManager
    workers: Workers
    gate: Gate
    scenario_calls: SerialCalls
    dataset_calls: SerialCalls

    @on_worker
    def run_log(self, scenario_id: str, cursor: Cursor, *, as_text: bool) -> LogResponse:
        """A part of the log of a scenario's latest run, as JSON or as text."""
        position = self.manager.position(scenario_id)
        if position is None:
            raise NotFound("Scenario", scenario_id)
        # Whether it has ended is read before its lines: after it, there are no more.
        output = self.manager.logs.find(scenario_id)
        has_ended = output is None or output.has_ended or position[1] not in ACTIVE
        reading = self._reading(scenario_id, cursor, output)
        is_complete = has_ended and (output is None or reading.next >= output.count)
        following = _START if output is None or not reading.next else f"{output.id}-{reading.next}"
        if as_text:
            body = "".join(f"{line.text}\n" for line in reading.lines).encode()
        else:
            is_truncated = output is not None and output.is_truncated
            body = encode(LogPart(_lines(reading.lines), following, is_complete, is_truncated))
        return LogResponse(body, None if is_complete else following)

    def _reading(self, scenario_id: str, cursor: Cursor, output: Output | None) -> Reading:
        known = None if output is None else output.id
        if cursor.output_id not in (None, known):
            raise Gone("The cursor in from is of an earlier run, whose log is deleted; start again without it")
        if output is None:
            if self.manager.logs.is_dropped(scenario_id):
                raise Gone(f"The log of scenario '{scenario_id}' was deleted to make room for others")
            return Reading([], 0)
        # A kill may have come before the last lines were stored, and after a client has read them.
        if cursor.line > output.count and scenario_id not in self.manager.queue.interrupted:
            raise Malformed("from must be 0 or the next of an earlier response")
        return read(output.pages(cursor.line), cursor.line, _MOST_LINES, _MOST_BYTES)


def cursor_of(text: str | None) -> Cursor:
    """The cursor of a text that a client has from an earlier response; None or ``0`` for the beginning.

    Raises:
        Malformed: It is no cursor.
    """
    if text is None or text == _START:
        return Cursor()
    if (found := _CURSOR.fullmatch(text)) is None:
        raise Malformed(f"from must be 0 or the next of an earlier response; got {text!r}")
    return Cursor(found[1], int(found[2]))


def _lines(lines: list[Line]) -> list[LogLine]:
    return [
        LogLine(datetime.fromtimestamp(line.time, UTC), STREAMS[line.stream], getLevelName(line.level), line.text)
        for line in lines
    ]
