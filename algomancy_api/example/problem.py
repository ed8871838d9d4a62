"""The problem: visit every city once and come home by the shortest way."""

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
    """One travelling salesman problem, ready for an algorithm.

    Attributes:
        name: Name of the instance.
        edge_weight_type: The distance rule, a key of `distances.RULES`.
        optimum: Length of a shortest tour, where one is published for exactly these cities.
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
    """What a scenario may choose about its dataset: how many of the first cities count, by default all.

    Args:
        cities: Number of cities in the dataset. The framework's `deserialize` can't tell it.
    """

    def __init__(self, cities: int = MOST_CITIES) -> None:
        super().__init__("Dataset")
        self.add_parameters([IntegerParameter(FIRST_CITIES, minvalue=FEWEST_CITIES, maxvalue=cities, default=cities)])

    def validate(self) -> None:
        """Nothing beyond the bounds of the one parameter."""


class TravellingSalesmanData(DataSource):
    """A dataset with the tables `instance` and `cities`.

    It is read and written as the framework has it, so an upload may hold nonsense: `problem` finds that.
    """

    def initialize_data_parameters(self) -> BaseParameterSet:
        """Offer `first_cities`, from 3 to all; nothing where there are too few cities to choose from."""
        cities = len(self.tables.get(CITIES, ()))
        return DatasetParameters(cities) if cities >= FEWEST_CITIES else EmptyParameters()

    def problem(self, first_cities: int | None = None) -> Problem:
        """The problem over the first cities, in the order of their ids.

        Args:
            first_cities: How many cities count; None means all.

        Raises:
            ValueError: The tables don't make a problem; the message says where and why not.
        """
        if found := faults(self.tables):
            others = f" (and {len(found) - 1:,} more)" if len(found) > 1 else ""
            raise ValueError(f"Dataset {self.name!r} can't be solved: {found[0]}{others}")
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
    """Ids and coordinates by ascending id: a database promises no order of its rows."""
    ids = numbers(cities["id"]).astype(np.int64)
    coordinates = np.column_stack([numbers(cities["x"]), numbers(cities["y"])])
    order = np.argsort(ids)
    return ids[order], coordinates[order]


def _optimum(instance: pd.DataFrame) -> int | None:
    optimum = numbers(instance["optimum"])[0]
    return None if np.isnan(optimum) else int(optimum)
