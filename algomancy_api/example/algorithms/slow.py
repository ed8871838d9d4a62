"""An algorithm that only takes time, to try out progress, queues and restarts."""

import time

from algomancy_utils.baseparameterset import BaseParameterSet, IntegerParameter

from ...engines import stopping
from ..problem import Problem
from ..tours import Tour
from .base import TourAlgorithm
from .construction import input_order

DURATION = "duration"
NAP = 0.05  # seconds between two reports of progress


class SlowParameters(BaseParameterSet):
    """The duration of a run, in seconds."""

    def __init__(self) -> None:
        super().__init__("Slow")
        self.add_parameters([IntegerParameter(DURATION, minvalue=1, maxvalue=60, default=5)])

    def validate(self) -> None:
        """Accept all values: the only parameter has its own limits."""


class Slow(TourAlgorithm):
    """Sleeps for `duration` seconds, or until it is asked to end, and gives the tour in input order."""

    NAME = "Slow"
    PARAMETERS = SlowParameters

    def find(self, problem: Problem) -> Tour:
        """The tour in input order, after `duration` seconds of sleep or a request to end with what there is."""
        duration = int(self.params[DURATION])
        end = time.monotonic() + duration
        while (left := end - time.monotonic()) > 0 and not stopping():
            self.advance(1.0 - left / duration)
            time.sleep(min(NAP, left))
        return input_order(problem)
