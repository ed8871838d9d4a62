import json
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event, Thread

import numpy as np
from algomancy_scenario import BaseAlgorithm, BaseParameterSet, BaseScenarioResult
from algomancy_utils.baseparameterset import FloatParameter

from algomancy_api import cancelled

generator = np.random.default_rng(1)
WEIGHTS = generator.integers(1, 1000, (30, 250))  # 30 limits on 250 items: no solver proves an optimum in a day
LIMITS = WEIGHTS.sum(axis=1) // 2
VALUES = WEIGHTS.sum(axis=0) // 30 + generator.integers(0, 500, 250)


@contextmanager
def when_stopping(stop):
    """Call `stop` when the run should stop, until it has: some solvers forget a stop that comes before their start."""
    over = Event()

    def watch():
        while not over.wait(0.2):
            if cancelled():
                stop()

    watcher = Thread(target=watch, context=copy_context())  # `cancelled` finds the run by the context
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


class Limit(BaseParameterSet):
    def __init__(self):
        super().__init__("Limit")
        self.add_parameters([FloatParameter("seconds", minvalue=0.1, default=60.0)])

    def validate(self):
        """Every combination of values is valid."""


class Packing(BaseScenarioResult):
    def __init__(self, data_id, items, value):
        super().__init__(data_id)
        self.items, self.value = items, value

    def to_dict(self):
        return {"items": self.items, "value": self.value}

    def to_json(self):
        return json.dumps({"data_id": self.data_id, **self.to_dict()})

    @classmethod
    def from_json(cls, json_string):
        return cls(**json.loads(json_string))


class Packs(BaseAlgorithm):
    result_class = Packing

    def __init__(self, params):
        super().__init__(type(self).__name__, params)

    @staticmethod
    def initialize_parameters():
        return Limit()

    def packing(self, data, values):
        items = [item for item, value in enumerate(values) if value > 0.5]
        return Packing(data.id, items, int(VALUES[items].sum()))
