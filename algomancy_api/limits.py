"""The limits of requests."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from math import isfinite
from typing import Any, Literal

from .docstrings import with_section

_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3

#: Bytes: the least memory for the bodies of all requests, if ``bodies`` is None.
_MIN_BODIES = 128 * _MIB


def _limit(
    default: float | None,
    beyond: str,
    sentence: str,
    *,
    unit: Literal["B", "characters", "s"] | None = None,
    see: str | None = None,
) -> Any:  # noqa: ANN401 - so that it can stand for a value of any type
    """Declare a limit.

    Args:
        default: Its value if it is not given.
        beyond: The status of a response to a request beyond it.
        sentence: What it limits, in Markdown without links.
        unit: Its unit; None for a number of things, which the sentence names.
        see: A page of the documentation, perhaps with an anchor.
    """
    return field(default=default, metadata={"beyond": beyond, "sentence": sentence, "unit": unit, "see": see})


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a client may ask for before it is refused.

    A client is a token, or an address if there are no tokens.

    Raises:
        ValueError: A limit breaks the rule of its type, or ``bodies`` is less than twice ``body``.
    """

    body: int = _limit(256 * _MIB, "413", "a body of JSON or MessagePack", unit="B")
    upload: int = _limit(
        1 * _GIB,
        "413",
        "a form with files, or an archive of tables, written to disk as they arrive; and what the tables unpack to",
        unit="B",
    )
    files: int = _limit(100, "413", "files in a form")
    fields: int = _limit(
        100,
        "413",
        "fields of a form that are no files, with 64 KiB in all; the headers of a part may have 8 KiB",
    )
    workbook: int = _limit(64 * _MIB, "413", "an XLSX file; it may unpack to twenty times that", unit="B")
    cells: int = _limit(5_000_000, "413", "cells of an uploaded file, empty ones included", see="#uploaded-files")
    text: int = _limit(
        64 * _MIB,
        "413",
        "characters of an XLSX file; a text that is in several cells counts for each of them",
        unit="characters",
    )
    columns: int = _limit(16_384, "413", "columns of a CSV or JSON file")
    line: int = _limit(16 * _MIB, "413", "a line of a CSV file", unit="B")
    nesting: int = _limit(
        100, "422; 400 for a dataset or a JSON file", "levels of lists and objects in a body or a file"
    )
    url: int = _limit(8 * _KIB, "414", "a path with its query", unit="B")
    headers: int = _limit(64 * _KIB, "431", "the headers of a request", unit="B")
    bodies: int | None = _limit(
        None,
        "503; 429 for a token that has half of it",
        "memory for the bodies of all requests in progress; the files of forms are on disk and do not count. None "
        "means twice `body`, at least 128 MiB",
        unit="B",
    )
    body_wait: float = _limit(
        30.0, "408", "time for the next 64 KiB of a body, or for its end if that is nearer", unit="s"
    )
    head_wait: float = _limit(
        30.0,
        "408",
        "time for the first line and the headers, under `ApiLauncher.run` and the command; a connection that sends "
        "nothing is closed",
        unit="s",
    )
    threads: int = _limit(40, "503 after `wait`", "requests on worker threads")
    long_threads: int = _limit(4, "503 after `wait`", "ETLs, derivations and copies")
    wait: float = _limit(30.0, "503", "time that a request waits for a thread", unit="s")
    queue: int = _limit(100_000, "429", "scenarios of a session that wait for their run")
    streams: int = _limit(
        2_000,
        "429",
        "event streams, waiting polls, downloads of datasets, and other responses of more than 256 KiB, of one client "
        "at the same time",
    )
    requests: int | None = _limit(None, "429", "requests of one client per second; None means no limit")

    def __post_init__(self) -> None:
        for limit in fields(self):
            holds, rule = _RULES[limit.type]
            value = getattr(self, limit.name)
            if isinstance(value, bool) or not holds(value):
                raise ValueError(f"limits.{limit.name} must be {rule}; got {value!r}")
        if self.bodies is not None and self.bodies < 2 * self.body:
            raise ValueError(f"limits.bodies must be at least twice limits.body, {2 * self.body}; got {self.bodies}")

    @property
    def most_bodies(self) -> int:
        """The memory for the bodies of all active requests together, in bytes."""
        return max(2 * self.body, _MIN_BODIES) if self.bodies is None else self.bodies


Limits.__doc__ = with_section(
    Limits.__doc__,
    "Attributes",
    ((limit.name, f"{limit.metadata['sentence']} ({limit.metadata['beyond']})") for limit in fields(Limits)),
)

_RULES: dict[object, tuple[Callable[[object], bool], str]] = {
    int: (lambda value: isinstance(value, int) and value > 0, "a positive whole number"),
    int | None: (
        lambda value: value is None or (isinstance(value, int) and value > 0),
        "None or a positive whole number",
    ),
    float: (
        lambda value: isinstance(value, int | float) and value > 0 and isfinite(value),
        "a positive number of seconds",
    ),
}
