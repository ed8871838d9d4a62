"""The sizes and durations of a run."""

from collections.abc import Mapping

from msgspec import Struct, field

from ..servers import Kind

_SIZES = {"sessions": (1, 10, 100, 1_000), "scenarios": (100, 1_000, 10_000, 100_000)}


class Plan(Struct, frozen=True):
    """The sizes and durations of a run.

    Attributes:
        sides: The servers under test, by name.
        seconds: Duration of each load.
        rounds: Repetitions of each load, the servers in turn.
        connections: Requests in flight.
        rows: Rows of the large dataset, which has nine columns.
        scenarios: Scenarios in the long list.
        clients: Clients that poll or stream at a time.
        database: Bytes of the large database.
        sizes: Numbers of sessions and of scenarios for `growth`.
    """

    sides: Mapping[str, Kind]
    seconds: float = 3
    rounds: int = 3
    connections: int = 16
    rows: int = 600_000
    scenarios: int = 10_000
    clients: int = 1000
    database: int = 1_000_000_000
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: dict(_SIZES))


def short(sides: Mapping[str, Kind]) -> Plan:
    """A run of some seconds, which only checks that the benchmarks work: its figures mean nothing."""
    return Plan(
        sides,
        1,
        1,
        rows=2_000,
        scenarios=300,
        clients=50,
        database=2_000_000,
        sizes={"sessions": (1, 10), "scenarios": (10, 100)},
    )
