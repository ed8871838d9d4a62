import xpress

from .packing import LIMITS, VALUES, WEIGHTS, Packs, when_stopping


class Xpress(Packs):
    def run(self, data):
        problem = xpress.problem()
        problem.setOutputEnabled(False)
        problem.controls.timelimit = self.params["seconds"]
        problem.controls.threads = 2
        take = problem.addVariables(len(VALUES), vartype=xpress.binary)
        problem.addConstraint(xpress.Dot(WEIGHTS, take) <= LIMITS)
        problem.setObjective(xpress.Dot(VALUES, take), sense=xpress.maximize)

        def incumbent(solved, _data):
            self.set_progress(100 * solved.attributes.mipobjval / solved.attributes.bestbound)

        problem.addIntsolCallback(incumbent)
        with when_stopping(problem.interrupt):
            problem.optimize()
        return self.packing(data, problem.getSolution(take))
