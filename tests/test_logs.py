"""Log lines as JSON: one object per line, from the server, the app and the user's code."""

import contextlib
import json
import logging
import sys
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from algomancy_api import RequestIdFilter
from algomancy_api.launcher import _FORMATTERS
from algomancy_api.logs import JsonFormatter, TextFormatter, as_words, in_fields

from .conftest import API
from .support.processes import Started, answering, free_port, interrupted, started


def line(message: object, *arguments: Any, **keywords: Any) -> str:
    """The line of a record that is logged outside any request."""
    record = logging.getLogger("algomancy_api").makeRecord(
        "algomancy_api", logging.INFO, __file__, 1, message, arguments, keywords.pop("exc_info", None), **keywords
    )
    RequestIdFilter().filter(record)
    return JsonFormatter().format(record)


def caught(error: BaseException) -> Any:
    try:
        raise error
    except BaseException:
        return sys.exc_info()


@given(st.text(), st.text())
def test_a_line_is_one_object_whatever_it_holds(message: str, field: str) -> None:
    text = line("%s", message, extra=in_fields({"path": field, "milliseconds": float("nan")}))
    assert {unicodedata.category(character) for character in text}.isdisjoint({"Cc", "Zl", "Zp"})
    assert text.encode("utf-8")
    told = json.loads(text)
    assert told["message"] == message.encode("utf-8", "backslashreplace").decode()
    assert told["path"] == field.encode("utf-8", "backslashreplace").decode()
    assert told["milliseconds"] is None


def test_it_says_when_who_and_what() -> None:
    told = json.loads(line("%d %%", 7, extra=in_fields({"status": 200, "client": None})))
    moment = datetime.fromisoformat(told.pop("time"))
    assert moment.tzinfo == UTC
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 60
    assert told == {"level": "INFO", "logger": "algomancy_api", "message": "7 %", "status": 200}


def test_an_exception_is_one_field_with_all_its_causes() -> None:
    try:
        try:
            raise KeyError("first\nsecond")
        except KeyError as error:
            raise ValueError("\ud800") from error
    except ValueError:
        told = json.loads(line("broken", exc_info=sys.exc_info()))
    assert told["message"] == "broken"
    assert told["exception"].startswith("Traceback")
    assert "KeyError" in told["exception"]
    assert told["exception"].endswith("ValueError: \\ud800")


def test_of_what_is_huge_both_ends_are_kept() -> None:
    huge = "a" + "x" * 10_000_000 + "z"
    told = json.loads(line(huge, exc_info=caught(ValueError(huge)), extra=in_fields({"path": huge})))
    for value in (told["message"], told["path"], told["exception"]):
        assert len(value) < 10_000
        assert value.endswith("z")
    assert told["message"].startswith("ax")
    assert told["exception"].startswith("Traceback")


@given(st.text(), st.text())
def test_words_of_a_text_line_cannot_be_forged(one: str, other: str) -> None:
    text = as_words({"session": one, "scenario": other, "status": 201, "user": None})
    assert text.isascii()
    assert text.isprintable()
    decoder = json.JSONDecoder()
    assert text.startswith("session=")
    first, end = decoder.raw_decode(text, len("session="))
    assert text[end:].startswith(" scenario=")
    second, end = decoder.raw_decode(text, end + len(" scenario="))
    assert (first, second, text[end:]) == (one, other, " status=201 user=-")


# Text ----------------------------------------------------------------------------------------------------------


def text_of(message: object, *arguments: Any, **attributes: Any) -> str:
    """The text of such a record, on a console without colours, as the launcher sets it up."""
    settings = dict(_FORMATTERS["text"])
    assert settings.pop("()") == "algomancy_api.logs.TextFormatter"
    record = logging.getLogger("algomancy_api").makeRecord(
        "algomancy_api", logging.ERROR, __file__, 1, message, arguments, attributes.pop("exc_info", None)
    )
    vars(record).update(attributes)
    RequestIdFilter().filter(record)
    before = record.exc_text
    try:
        return TextFormatter(use_colors=False, **settings).format(record)
    finally:
        assert record.exc_text == before, "other handlers have formats of their own"


FORGED = "it is over\r\n2026-01-01 00:00:00,000 INFO:     - all is well\x1b[2J\x1b]0;title\x07\x9b1m\u2028x\x85y\x0bz"


def first_words(text: str) -> list[str]:
    """The beginnings of all lines at the margin, as a reader of the log splits them."""
    return [line.split(" ")[0] for line in text.splitlines() if not line.startswith("    ")]


@given(st.text() | st.text(st.sampled_from("\r\n\t\x00\x1b[m\x7f\x85\x9b\u2028\u2029\x0b\x0c\x1c a"), max_size=20))
def test_a_record_in_text_cannot_look_like_two_or_move_the_cursor(told: str) -> None:
    for text in (
        text_of(told),
        text_of("%s", told),
        text_of("broken", exc_info=caught(ValueError(told))),
        text_of("broken", exc_info=caught(caught_from(told))),
        text_of("broken", exc_text=f"Traceback\n{told}"),
        text_of("here", stack_info=f"Stack\n{told}"),
    ):
        assert len(first_words(text)) == 1
        controls = {character for character in text if unicodedata.category(character) in ("Cc", "Zl", "Zp")}
        assert controls <= {"\n", "\t"}


def caught_from(told: str) -> BaseException:
    """An exception with a cause, a note and a group, all of which say something."""
    error = ExceptionGroup(told or "x", [KeyError(told), ValueError(told)])
    error.__cause__ = OSError(told)
    error.add_note(told)
    return error


def test_a_traceback_in_text_keeps_its_lines() -> None:
    text = text_of("broken", exc_info=caught(ValueError(FORGED)))
    lines = text.splitlines()
    assert lines[0].endswith("ERROR:    - broken")
    assert lines[1] == "    Traceback (most recent call last):"
    assert lines[2].startswith(f'      File "{__file__}", line ')
    assert "    ValueError: it is over\\r" in lines
    assert r"\x1b[2J\x1b]0;title\x07\x9b1m\u2028x\x85y\x0bz" in lines[-1]


def test_what_uvicorn_says_in_colours_stays_in_colours() -> None:
    record = logging.makeLogRecord(
        {"msg": "on %s", "args": ("x",), "levelno": logging.INFO, "levelname": "INFO", "color_message": "on \x1b[1m%s"}
    )
    assert TextFormatter("%(levelprefix)s %(message)s", use_colors=True).format(record).endswith("on \x1b[1mx")
    assert TextFormatter("%(levelprefix)s %(message)s", use_colors=False).format(record) == "INFO:     on x"


# In a process of its own ---------------------------------------------------------------------------------------

PROGRAM = """
import logging, warnings
from starlette.responses import Response
from starlette.routing import Route
from algomancy_api import ApiLauncher
from tests.support import wiring

async def fail(request):
    raise RuntimeError("on\\npurpose")

async def speak(request):
    logging.getLogger("users.own").warning("two\\nlines")
    warnings.warn("old\\nthings", stacklevel=1)
    return Response(status_code=204)

if __name__ == "__main__":
    routes = [Route("/fail", fail), Route("/speak", speak)]
    ApiLauncher.run(ApiLauncher.build(wiring.configuration(port={port}), routes=routes), {options})
"""


@contextlib.contextmanager
def speaking(folder: Path, options: str) -> Iterator[tuple[Started, Any]]:
    """A server with a client whose code fails, logs and warns, in a process of its own."""
    port = free_port()
    program = PROGRAM.format(port=port, options=options)
    with started(folder, sys.executable, "-c", program) as process, answering(process, port) as client:
        yield process, client


def test_every_line_of_a_server_is_an_object(tmp_path: Path) -> None:
    with speaking(tmp_path, "log_format='json'") as (process, client):
        named = {"X-Request-ID": "the-one"}
        assert client.get(f"{API}/fail", headers=named).status_code == 500
        assert client.get(f"{API}/speak", headers={"X-Request-ID": "other"}).status_code == 204
        client.post(f"{API}/sessions", json={"display_name": "a\nb"}, headers=named)
        output, log = interrupted(process)
    assert output == ""
    lines: list[dict[str, Any]] = [json.loads(text) for text in log.splitlines()]
    assert "uvicorn.error" in {told["logger"] for told in lines}
    mine = [told for told in lines if told.get("request_id") == "the-one"]
    requests = [told for told in mine if "milliseconds" in told]
    assert [(told["method"], told["path"], told["status"]) for told in requests] == [
        ("GET", f"{API}/fail", 500),
        ("POST", f"{API}/sessions", 201),
    ]
    [failure] = [told for told in mine if "exception" in told]
    assert failure["level"] == "ERROR"
    assert failure["exception"].endswith("RuntimeError: on\npurpose")
    [audit] = [told for told in mine if told["logger"] == "algomancy_api.audit"]
    assert (audit["operation"], audit["new_name"], audit["status"]) == ("create_session", "a\nb", 201)
    by_user = {told["logger"]: told for told in lines if told.get("request_id") == "other"}
    assert by_user["users.own"]["message"] == "two\nlines"
    assert "UserWarning: old\nthings" in by_user["py.warnings"]["message"]


def test_text_lines_name_their_request(tmp_path: Path) -> None:
    with speaking(tmp_path, "") as (process, client):
        client.get(f"{API}/speak", headers={"X-Request-ID": "the-one"})
        client.get(f"{API}/fail")
        _, log = interrupted(process)
    lines = log.splitlines()
    assert lines[lines.index("    RuntimeError: on") + 1] == "    purpose"
    assert {text[:2] for text in lines} == {"20", "  "}, "each record begins with its time, and nothing else does"
    assert [text for text in lines if f"the-one GET {API}/speak 204" in text]
    assert "WARNING:  the-one two\n    lines\n" in log, "the user's own code logs, too"
    assert "UserWarning: old\n    things\n" in log
    assert [text for text in lines if "INFO:     - Started server process" in text]


def test_a_logging_of_the_users_own_stays_as_it_is(tmp_path: Path) -> None:
    program = PROGRAM.replace('if __name__ == "__main__":', "logging.basicConfig(format='MINE %(message)s')\nif True:")
    port = free_port()
    program = program.format(port=port, options="log_format='json'")
    with started(tmp_path, sys.executable, "-c", program) as process, answering(process, port) as client:
        client.get(f"{API}/speak")
        _, log = interrupted(process)
    assert "MINE two" in log
