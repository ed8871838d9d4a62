import gurobipy
from gurobipy import GRB

from .packing import LIMITS, VALUES, WEIGHTS, Packs, cancelled


class Gurobi(Packs):
    def run(self, data):
        def callback(model, where):
            if cancelled():
                model.terminate()
            elif where == GRB.Callback.MIPSOL:
                best, bound = (model.cbGet(what) for what in (GRB.Callback.MIPSOL_OBJBST, GRB.Callback.MIPSOL_OBJBND))
                self.set_progress(max(0, 100 * best / bound))

        with gurobipy.Env(params={"OutputFlag": 0}) as env, gurobipy.Model(env=env) as model:
            take = model.addMVar(len(VALUES), vtype=GRB.BINARY)
            model.addConstr(WEIGHTS @ take <= LIMITS)
            model.setObjective(VALUES @ take, GRB.MAXIMIZE)
            model.Params.TimeLimit = self.params["seconds"]
            model.Params.Threads = 2
            model.optimize(callback)
            return self.packing(data, take.X)
