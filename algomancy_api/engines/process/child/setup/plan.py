"""The setup of a child for its run: seed, folder, threads and memory."""

import logging
from dataclasses import dataclass, replace

from . import environment, generators, memory


@dataclass(frozen=True)
class Bounds:
    """What each run may use.

    Args:
        threads: Threads of each library that has a pool of them; None leaves that to the library.
        memory: Bytes; None for no limit.
    """

    threads: int | None = None
    memory: int | None = None

    def with_share(self, cores: int, runs: int) -> Bounds:
        """These bounds with a number of threads: without one, a share of the cores for each of the runs."""
        return self if self.threads is not None else replace(self, threads=max(1, cores // runs))


#: No bounds.
UNBOUNDED = Bounds()


@dataclass(frozen=True)
class Setup:
    """What a child sets up before its job.

    Args:
        seed: The seed of the run.
        folder: Its folder for temporary files.
        bounds: What it may use.
        fixed: The states of the server's random number generators.
        level: The lowest level of its log.
    """

    seed: int
    folder: str
    bounds: Bounds
    fixed: generators.States
    level: int

    def apply(self) -> None:
        """Set up this process."""
        logging.getLogger().setLevel(self.level)
        environment.use(self.folder, self.bounds.threads)
        generators.seed_anew(self.seed, self.fixed)
        memory.limit(self.bounds.memory)
