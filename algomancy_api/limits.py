"""How much a client may ask for."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from math import isfinite

_KIB, _MIB, _GIB = 1024, 1024**2, 1024**3

#: Bytes: the least that the bodies of all requests may have together, unless it is said.
_LEAST_BODIES = 128 * _MIB


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How much a client may ask for before it is refused; sizes in bytes.

    Attributes:
        body: The largest body of a request, but for a form (413).
        upload: The largest form with files (413).
        files: How many files a form may hold (413).
        workbook: The largest XLSX file; it may unpack to twenty times as much (413).
        cells: How many cells the sheets of an XLSX file may unfold to, empty ones included; and how many those of a
            CSV or JSON file, where they are more than its bytes: missing fields are cells, too (413).
        text: How many characters an XLSX file may unfold to, repeated ones included (413).
        columns: How many columns a CSV or JSON file may have (413).
        line: The longest line of a CSV file, in bytes (413).
        nesting: How many lists and objects may lie in one another in a body (422), or in a JSON file (400).
        fields: How many fields a form may hold beside its files (413).
        url: A path and its query together (414).
        headers: The headers of a request, names and values (431).
        bodies: The bodies of all requests under way together, as far as they are in memory (503, with ``Retry-After``);
            one token may have half of it (429). None for twice the largest body, and at least 128 MiB.
        body_wait: In how many seconds 64 KiB of a body have to come, or the rest of it (408).
        head_wait: How long the head of a request may take to arrive, its line and its headers, in seconds (408). Holds
            under `ApiLauncher.run`, and the command.
        threads: How many requests are on worker threads at a time; what is answered from memory needs none.
        long_threads: How many ETLs, derivations and copies there are at a time.
        queue: How many scenarios of a session may wait for their run (429, with ``Retry-After``).
        wait: How long a request waits for a thread, in seconds (503, with ``Retry-After``).
        streams: How many streams a token may have open (429, with ``Retry-After``): of events, polls that wait,
            downloads of datasets, and other answers of more than 256 KiB, each as long as it is being sent.
        requests: How many requests a second a token may send, and how many of them at once (429, with
            ``Retry-After``); None for no limit. What is right depends on the machine and on what its clients are for,
            and whatever they do, the limits above bound what it costs.

    Whoever has no token has the limits of one: each address, where there are no tokens.

    Raises:
        ValueError: One of them is not a positive number, or, but for the waits, not a whole one; or
            ``bodies`` has no room for the largest body.
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
        """The bodies of all requests under way together, in bytes."""
        return max(2 * self.body, _LEAST_BODIES) if self.bodies is None else self.bodies


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
