"""Where an algorithm runs. No module here knows HTTP."""

from .choice import ENGINES, Engine, chosen_engine
from .runs import CANCELLED, Run, RunStopped, cancelled, is_time_limit

__all__ = ["CANCELLED", "ENGINES", "Engine", "Run", "RunStopped", "cancelled", "chosen_engine", "is_time_limit"]
