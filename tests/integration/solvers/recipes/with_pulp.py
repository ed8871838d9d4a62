import pulp

from .packing import LIMITS, VALUES, WEIGHTS, Packs, cancelled


class Watched(pulp.HiGHS):
    """HiGHS, whose model PuLP has made, with callbacks of highspy."""

    def __init__(self, algorithm, **options):
        super().__init__(**options)
        self.algorithm = algorithm

    def callSolver(self, lp):  # noqa: N802 - PuLP calls it
        def incumbent(event):
            if not cancelled():
                out = event.data_out
                self.algorithm.set_progress(100 * out.objective_function_value / out.mip_dual_bound)

        lp.solverModel.cbMipInterrupt += lambda event: event.interrupt(cancelled())
        lp.solverModel.cbMipImprovingSolution += incumbent
        super().callSolver(lp)


class Pulp(Packs):
    def run(self, data):
        problem = pulp.LpProblem(sense=pulp.LpMaximize)
        take = [problem.add_variable(f"take_{item}", cat="Binary") for item in range(len(VALUES))]
        for weights, limit in zip(WEIGHTS.tolist(), LIMITS.tolist(), strict=True):
            problem += pulp.lpDot(weights, take) <= limit
        problem += pulp.lpDot(VALUES.tolist(), take)
        problem.solve(Watched(self, msg=False, timeLimit=self.params["seconds"]))
        return self.packing(data, [each.value() for each in take])
