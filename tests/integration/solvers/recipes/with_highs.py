import highspy

from .packing import LIMITS, VALUES, WEIGHTS, Packs, cancelled


class Highs(Packs):
    def run(self, data):
        highs = highspy.Highs()
        highs.silent()
        highs.setOptionValue("time_limit", self.params["seconds"])
        take = [highs.addBinary() for _ in VALUES]
        for weights, limit in zip(WEIGHTS.tolist(), LIMITS.tolist(), strict=True):
            highs.addConstr(highs.qsum(weight * each for weight, each in zip(weights, take, strict=True)) <= limit)

        def look(event):
            event.interrupt(cancelled())

        def incumbent(event):
            if not cancelled():
                self.set_progress(100 * event.data_out.objective_function_value / event.data_out.mip_dual_bound)

        highs.cbMipInterrupt += look
        highs.cbMipImprovingSolution += incumbent
        highs.maximize(highs.qsum(value * each for value, each in zip(VALUES.tolist(), take, strict=True)))
        return self.packing(data, highs.getSolution().col_value)
