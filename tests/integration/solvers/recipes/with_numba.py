import itertools
import time

import numba
import numpy as np

from .packing import LIMITS, VALUES, WEIGHTS, Packs, cancelled


@numba.njit(nogil=True)  # without `nogil`, the server waits for it
def restarts(count, seed, weights, limits, values):
    np.random.seed(seed)
    best, most = np.zeros(len(values), dtype=np.bool_), 0
    for _ in range(count):
        taken, left, value = np.zeros(len(values), dtype=np.bool_), limits.copy(), 0
        for item in np.random.permutation(len(values)):
            if (weights[:, item] <= left).all():
                taken[item], value = True, value + values[item]
                left -= weights[:, item]
        if value > most:
            best, most = taken, value
    return best


class Numba(Packs):
    """A slice of the work at a time, so that it can stop between them."""

    def run(self, data):
        started, best = time.monotonic(), np.zeros(len(VALUES))
        for seed in itertools.count():
            best = max(best, restarts(5000, seed, WEIGHTS, LIMITS, VALUES), key=VALUES.dot)
            share = (time.monotonic() - started) / self.params["seconds"]
            if cancelled() or share >= 1:
                break
            self.set_progress(100 * share)
        return self.packing(data, best)
