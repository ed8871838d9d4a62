"""How thorough a run is."""

from collections.abc import Mapping

from msgspec import Struct, field

from ..servers import Kind

_SIZES = {"sessions": (1, 10, 100, 1_000), "scenarios": (100, 1_000, 10_000, 100_000)}


class Plan(Struct, frozen=True):
    """How thorough a run is; the short form is for seeing that the benchmarks work.

    Attributes:
        sides: What is measured, by name.
        seconds: How long each load takes.
        rounds: How often each is repeated, the sides in turn.
        connections: How many requests are in flight.
        rows: The rows of the large dataset, of nine columns.
        scenarios: How many scenarios the long list has.
        clients: How many poll at a time.
        sizes: How many sessions, and how many scenarios, a server has of which one `status` is asked.
    """

    sides: Mapping[str, Kind]
    seconds: float = 3
    rounds: int = 3
    connections: int = 16
    rows: int = 600_000
    scenarios: int = 10_000
    clients: int = 1000
    sizes: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: dict(_SIZES))


def short(sides: Mapping[str, Kind]) -> Plan:
    """A run of some seconds, whose figures say nothing."""
    return Plan(sides, 1, 1, rows=2_000, scenarios=300, clients=50, sizes={"sessions": (1, 10), "scenarios": (10, 100)})
