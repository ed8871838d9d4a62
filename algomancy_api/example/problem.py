"""The travelling salesman problem: the shortest closed tour through all cities."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
from algomancy_data import DataSource
from algomancy_utils.baseparameterset import BaseParameterSet, EmptyParameters, IntegerParameter

from .distances import Coordinates, Distances, distance_matrix
from .schemas import CITIES, INSTANCE
from .validation import FEWEST_CITIES, MOST_CITIES, faults, numbers

type Cities = npt.NDArray[np.int64]

FIRST_CITIES = "first_cities"


@dataclass(frozen=True, eq=False)
class Problem:
    """One travelling salesman problem, as the algorithms take it.

    Attributes:
        name: Name of the instance.
        edge_weight_type: The distance rule, a key of `distances.RULES`.
        optimum: Length of a shortest tour, if one is published for exactly these cities; else None.
        ids: Ids of the cities, ascending, shape (n,).
        coordinates: Their coordinates, shape (n, 2).
    """

    name: str
    edge_weight_type: str
    optimum: int | None
    ids: Cities
    coordinates: Coordinates

    def __len__(self) -> int:
        """The number of cities."""
        return len(self.ids)

    @cached_property
    def distances(self) -> Distances:
        """Distances between all cities, shape (n, n), in the unit of the instance."""
        return distance_matrix(self.edge_weight_type, self.coordinates)


class DatasetParameters(BaseParameterSet):
    """A scenario's parameters of its dataset: the number of first cities to use, by default all.

    Args:
        cities: Number of cities in the dataset. It has a default because the framework's `deserialize` omits it.
    """

    def __init__(self, cities: int = MOST_CITIES) -> None:
        super().__init__("Dataset")
        self.add_parameters([IntegerParameter(FIRST_CITIES, minvalue=FEWEST_CITIES, maxvalue=cities, default=cities)])

    def validate(self) -> None:
        """Accept all values: the only parameter has its own limits."""


class TravellingSalesmanData(DataSource):
    """A dataset with the tables `instance` and `cities`.

    The framework reads and writes it without checks, so it may have invalid tables: `problem` checks them.
    """

    def initialize_data_parameters(self) -> BaseParameterSet:
        """The parameter `first_cities`, from 3 to all; no parameter if there are fewer cities."""
        cities = len(self.tables.get(CITIES, ()))
        return DatasetParameters(cities) if cities >= FEWEST_CITIES else EmptyParameters()

    def problem(self, first_cities: int | None = None) -> Problem:
        """The problem of the first cities, in the order of their ids.

        Args:
            first_cities: The number of cities; None for all.

        Raises:
            ValueError: The tables are invalid; the message has the first fault.
        """
        if found := faults(self.tables):
            others = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
            raise ValueError(f"Dataset {self.name!r} cannot be solved: {found[0]}{others}")
        instance = self.tables[INSTANCE].iloc[0]
        ids, coordinates = _ordered(self.tables[CITIES])
        chosen = slice(first_cities)
        is_whole = len(ids[chosen]) == len(ids)
        return Problem(
            name=str(instance["name"]),
            edge_weight_type=str(instance["edge_weight_type"]),
            optimum=_optimum(self.tables[INSTANCE]) if is_whole else None,
            ids=ids[chosen],
            coordinates=coordinates[chosen],
        )


def _ordered(cities: pd.DataFrame) -> tuple[Cities, Coordinates]:
    """Ids and coordinates by ascending id, since a database has no order of rows."""
    ids = numbers(cities["id"]).astype(np.int64)
    coordinates = np.column_stack([numbers(cities["x"]), numbers(cities["y"])])
    order = np.argsort(ids)
    return ids[order], coordinates[order]


def _optimum(instance: pd.DataFrame) -> int | None:
    optimum = numbers(instance["optimum"])[0]
    return None if np.isnan(optimum) else int(optimum)
