"""Algorithms that tell what their process has been given, on any engine."""

import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ...support.wiring import Algorithm, Instant
from .algorithms import Seen

#: Where OpenMP, OpenBLAS, MKL, NumExpr and Polars look up their number of threads, by the manual of each.
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "POLARS_MAX_THREADS",
)


class Draws(Algorithm):
    """Draws from the generators that all modules share."""

    result_class = Seen

    def run(self, data: Any) -> Any:
        return Seen(data.id, [random.random(), float(np.random.random())])  # noqa: S311


class Threads(Algorithm):
    """Reads the numbers of threads that libraries are told, and that of a library which has read it."""

    result_class = Seen

    def run(self, data: Any) -> Any:
        return Seen(data.id, [*(os.environ.get(name) for name in THREADS), str(pa.cpu_count())])


class Weighs(Algorithm):
    """Adds up the first numbers of a large table, if there is one, and tells the memory of its process, in bytes."""

    result_class = Seen

    def run(self, data: Any) -> Any:
        large = data.tables.get("large")
        total = 0 if large is None else int(large["x"].iloc[:1_000].sum())
        [own] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("RssAnon")]
        return Seen(data.id, {"sum": total, "memory": int(own.split()[1]) * 1024})


class Hungry(Algorithm):
    """Takes 3 GB."""

    def run(self, data: Any) -> Any:
        np.ones(3_000_000_000 // 8)
        return super().run(data)


ALGORITHMS = {algorithm.__name__: algorithm for algorithm in (Draws, Threads, Weighs, Hungry, Instant)}
