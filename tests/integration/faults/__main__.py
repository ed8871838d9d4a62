"""``python -m tests.integration.faults --kills 50``: the long form of the fault test."""

import argparse
import tempfile
import time

from ...support.databases import Database
from .killing import kill_again_and_again


def main() -> None:
    """Run the fault test and print a summary."""
    parser = argparse.ArgumentParser(
        prog="tests.integration.faults", description="Kill a server repeatedly and check its state."
    )
    parser.add_argument("--kills", type=int, default=50, help="number of kills (default: 50)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments of the kills (default: 1)")
    parser.add_argument("--database", help="an SQLAlchemy URL of an empty database (default: SQLite in a new folder)")
    options = parser.parse_args()
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.database or f"sqlite:///{folder}/faults.sqlite")
        answered = kill_again_and_again(database, options.kills, options.seed, print)
    print(f"{options.kills} kills, {answered} answered requests, nothing lost, {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
