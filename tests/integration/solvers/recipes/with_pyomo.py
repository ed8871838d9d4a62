import pyomo.environ as pyo
from pyomo.common import tee
from pyomo.common.enums import CaptureOutputMode
from pyomo.contrib.solver.common.factory import SolverFactory

from .packing import LIMITS, VALUES, WEIGHTS, Packs, when_stopping

tee.OVERRIDE_CAPTURE_OUTPUT = CaptureOutputMode.DISABLE  # two threads that capture at once wait for each other


class Pyomo(Packs):
    def run(self, data):
        model = pyo.ConcreteModel()
        model.each = pyo.RangeSet(0, len(VALUES) - 1)
        model.take = pyo.Var(model.each, domain=pyo.Binary)
        model.limits = pyo.ConstraintList()
        for weights, limit in zip(WEIGHTS.tolist(), LIMITS.tolist(), strict=True):
            model.limits.add(pyo.quicksum(weights[item] * model.take[item] for item in model.each) <= limit)
        values = VALUES.tolist()
        model.value = pyo.Objective(
            expr=pyo.quicksum(values[item] * model.take[item] for item in model.each), sense=pyo.maximize
        )
        solver = SolverFactory("highs")
        options = {"time_limit": self.params["seconds"], "raise_exception_on_nonoptimal_result": False}
        with when_stopping(lambda: solver._solver_model and solver._solver_model.cancelSolve()):
            solver.solve(model, **options, solver_options={"output_flag": False})
        return self.packing(data, [model.take[item].value or 0 for item in model.each])
