"""Where an algorithm runs. No module here knows HTTP."""

from .choice import ENGINES, Engine, chosen_engine
from .etl import UnreadFile
from .process.failures import EngineError
from .process.starting import is_inside
from .runs import CANCELLED, Run, RunStopped, cancelled, is_time_limit

__all__ = [
    "CANCELLED",
    "ENGINES",
    "Engine",
    "EngineError",
    "Run",
    "RunStopped",
    "UnreadFile",
    "cancelled",
    "chosen_engine",
    "is_inside",
    "is_time_limit",
]
