"""The limits of requests."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import isfinite

_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3

#: Bytes: lower bound of the default of `bodies`.
_MIN_BODIES = 128 * _MIB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The limits of requests, with the status of the response above each; sizes in bytes.

    Attributes:
        body: The largest body of a request, except forms (413).
        upload: The largest form with files (413).
        files: The most files in a form (413).
        workbook: The largest XLSX file; it may unpack to twenty times this size (413).
        cells: The most cells in the sheets of an XLSX file, empty ones included. The limit for the table of a CSV or
            JSON file is eight times as many cells, or its size in bytes if that is more; missing fields count (413).
        text: The most characters in the cells of an XLSX file; a shared string counts each time it is used (413).
        columns: The most columns of a CSV or JSON file (413).
        line: The longest line of a CSV file (413).
        nesting: The most levels of nested lists and objects in a body (422), or in a JSON file (400).
        fields: The most fields in a form beside its files (413).
        url: A path and its query together (414).
        headers: The headers of a request, names and values (431).
        bodies: The memory for the bodies of all active requests together (503, with ``Retry-After``); one token may use
            half of it (429). None for twice ``body``, but at least 128 MiB.
        body_wait: Seconds within which the next 64 KiB of a body, or its rest, must arrive (408).
        head_wait: Seconds within which the request line and the headers must arrive (408). Applies under
            `ApiLauncher.run` and the command line only.
        threads: The most requests on worker threads at a time; responses from memory need no thread.
        long_threads: The most ETLs, derivations and copies at a time.
        queue: The most scenarios in a session's queue (429, with ``Retry-After``).
        wait: Seconds that a request waits for a worker thread (503, with ``Retry-After``).
        streams: The most open streams of a token (429, with ``Retry-After``): event streams, long polls, downloads of
            datasets, and other responses of more than 256 KiB while they are sent.
        requests: The most requests a second of a token, and the largest burst (429, with ``Retry-After``); None for no
            limit. A good value depends on the machine and its clients; without one, the limits above still bound
            the cost of requests.

    Without configured tokens, each address has the limits of a token.

    Raises:
        ValueError: A value is not positive, or not a whole number (``body_wait``, ``head_wait`` and ``wait`` may have
            fractions), or ``bodies`` is less than twice ``body``.
    """

    body: int = 256 * _MIB
    upload: int = 1 * _GIB
    files: int = 100
    workbook: int = 64 * _MIB
    cells: int = 5_000_000
    text: int = 64 * _MIB
    columns: int = 16_384
    line: int = 16 * _MIB
    nesting: int = 100
    fields: int = 100
    url: int = 8 * _KIB
    headers: int = 64 * _KIB
    bodies: int | None = None
    body_wait: float = 30.0
    head_wait: float = 30.0
    threads: int = 40
    long_threads: int = 4
    queue: int = 100_000
    wait: float = 30.0
    streams: int = 2_000
    requests: int | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            holds, rule = _RULES[field.type]
            value = getattr(self, field.name)
            if isinstance(value, bool) or not holds(value):
                raise ValueError(f"limits.{field.name} must be {rule}; got {value!r}")
        if self.bodies is not None and self.bodies < 2 * self.body:
            raise ValueError(f"limits.bodies must be at least twice limits.body, {2 * self.body}; got {self.bodies}")

    @property
    def most_bodies(self) -> int:
        """The memory for the bodies of all active requests together, in bytes."""
        return max(2 * self.body, _MIN_BODIES) if self.bodies is None else self.bodies


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
