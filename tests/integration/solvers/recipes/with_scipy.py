import time

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, differential_evolution, milp

from .packing import LIMITS, VALUES, WEIGHTS, Packs, cancelled


class Milp(Packs):
    """It has no callback: only its own time limit stops it, or the end of its process."""

    def run(self, data):
        found = milp(
            -VALUES,
            integrality=np.ones(len(VALUES)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(WEIGHTS, ub=LIMITS),
            options={"time_limit": self.params["seconds"]},
        )
        return self.packing(data, found.x)


class Evolution(Packs):
    """Any value of each item, rounded: what fits no more is left out."""

    def run(self, data):
        started = time.monotonic()

        def callback(intermediate_result):
            share = (time.monotonic() - started) / self.params["seconds"]
            if cancelled() or share >= 1:
                raise StopIteration
            self.set_progress(100 * share)

        bounds = Bounds(np.zeros(len(VALUES)), np.ones(len(VALUES)))
        found = differential_evolution(loss, bounds, maxiter=1_000_000, popsize=1, tol=0, callback=callback)
        return self.packing(data, fitting(found.x))


def fitting(values):
    chosen = np.argsort(-values)
    return np.isin(
        np.arange(len(values)), chosen[: (WEIGHTS[:, chosen].cumsum(axis=1) <= LIMITS[:, None]).all(axis=0).sum()]
    )


def loss(values):
    return -int(VALUES[fitting(values)].sum())
