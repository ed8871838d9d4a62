"""The recipes: where each is, the packages that it needs, and what it can do."""

import importlib
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any


@dataclass(frozen=True)
class Recipe:
    """An algorithm of the page."""

    name: str
    module: str
    packages: tuple[str, ...]

    #: Whether it sets its progress while the solver works.
    tells: bool = True

    #: Whether it ends at a cancel by itself, so that the engine "thread" can run it.
    stops: bool = True

    @property
    def is_here(self) -> bool:
        """Whether its packages are installed."""
        return all(find_spec(package) for package in self.packages)

    def load(self) -> Any:
        """Its class."""
        return getattr(importlib.import_module(f"{__package__}.recipes.{self.module}"), self.name)


RECIPES = [
    Recipe("CpSat", "with_cp_sat", ("ortools",)),
    Recipe("Highs", "with_highs", ("highspy",)),
    Recipe("Gurobi", "with_gurobi", ("gurobipy",)),
    Recipe("Scip", "with_scip", ("pyscipopt",)),
    Recipe("Xpress", "with_xpress", ("xpress",)),
    Recipe("Pulp", "with_pulp", ("pulp", "highspy")),
    Recipe("Pyomo", "with_pyomo", ("pyomo", "highspy"), tells=False),
    Recipe("Milp", "with_scipy", ("scipy",), tells=False, stops=False),
    Recipe("Evolution", "with_scipy", ("scipy",)),
    Recipe("Numba", "with_numba", ("numba",)),
]


def installed() -> dict[str, Any]:
    """The algorithms whose packages are installed, by name."""
    return {recipe.name: recipe.load() for recipe in RECIPES if recipe.is_here}
