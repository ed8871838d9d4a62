import pyscipopt
from pyscipopt import SCIP_EVENTTYPE

from .packing import LIMITS, VALUES, WEIGHTS, Packs, cancelled, when_stopping


class Scip(Packs):
    def run(self, data):
        model = pyscipopt.Model()
        model.hideOutput()
        model.setParam("limits/time", self.params["seconds"])
        model.setParam("misc/catchctrlc", False)  # Ctrl-C is for the server
        take = [model.addVar(vtype="B") for _ in VALUES]
        for weights, limit in zip(WEIGHTS.tolist(), LIMITS.tolist(), strict=True):
            model.addCons(
                pyscipopt.quicksum(weight * each for weight, each in zip(weights, take, strict=True)) <= limit
            )
        values = zip(VALUES.tolist(), take, strict=True)
        model.setObjective(pyscipopt.quicksum(value * each for value, each in values), "maximize")
        model.includeEventhdlr(Incumbents(self), "incumbents", "")
        with when_stopping(model.interruptSolve):
            model.optimizeNogil()  # `optimize` keeps the GIL
        best = model.getBestSol()
        return self.packing(data, [best[each] for each in take])


class Incumbents(pyscipopt.Eventhdlr):
    def __init__(self, algorithm):
        self.algorithm = algorithm

    def eventinit(self):
        self.model.catchEvent(SCIP_EVENTTYPE.BESTSOLFOUND, self)

    def eventexec(self, event):
        if not cancelled():
            self.algorithm.set_progress(max(0, 100 * self.model.getPrimalbound() / self.model.getDualbound()))
