from ortools.sat.python import cp_model

from .packing import LIMITS, VALUES, WEIGHTS, Packs, when_stopping


class CpSat(Packs):
    def run(self, data):
        model = cp_model.CpModel()
        take = [model.new_bool_var(f"take {item}") for item in range(len(VALUES))]
        for weights, limit in zip(WEIGHTS, LIMITS, strict=True):
            model.add(cp_model.LinearExpr.weighted_sum(take, weights) <= limit)
        model.maximize(cp_model.LinearExpr.weighted_sum(take, VALUES))
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds = self.params["seconds"]
        solver.parameters.num_workers = 2
        solver.parameters.catch_sigint_signal = False  # Ctrl-C is for the server
        with when_stopping(solver.stop_search):
            solver.solve(model, Incumbents(self))
        return self.packing(data, [solver.boolean_value(each) for each in take])


class Incumbents(cp_model.CpSolverSolutionCallback):
    def __init__(self, algorithm):
        super().__init__()
        self.algorithm = algorithm

    def on_solution_callback(self):
        self.algorithm.set_progress(100 * self.objective_value / self.best_objective_bound)
