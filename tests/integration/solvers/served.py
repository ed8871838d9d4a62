"""The configuration of a server with the installed recipes, or the one that an environment variable names."""

import os

from algomancy_api import ApiConfiguration

from ...support import wiring
from .catalogue import RECIPES, installed

#: Environment variables: the engine, and the only recipe, without which all are loaded.
ENGINE, RECIPE = "SOLVERS_ENGINE", "SOLVERS_RECIPE"


def configuration() -> ApiConfiguration:
    name = os.environ.get(RECIPE)
    algorithms = {each.name: each.load() for each in RECIPES if each.name == name} if name else installed()
    return wiring.configuration(
        algorithms=algorithms | {"Instant": wiring.Instant},
        engine=os.environ.get(ENGINE, "thread"),
        engine_workers=2,
        shutdown_grace=10.0,
    )
