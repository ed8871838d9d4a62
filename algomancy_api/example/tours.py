"""A tour, its length, and the result that a scenario stores."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from algomancy_scenario import BaseScenarioResult

from .distances import Distances
from .problem import Problem

type Tour = npt.NDArray[np.intp]  # a permutation of 0 .. n - 1: indices of the problem's cities, not ids


def tour_length(distances: Distances, tour: Tour) -> int:
    """Length of the closed tour, in the unit of the distances."""
    return int(distances[tour, np.roll(tour, -1)].sum())


@dataclass(frozen=True)
class Route:
    """A closed tour, with the coordinates that a frontend needs to draw it.

    Attributes:
        instance: Name of the instance.
        edge_weight_type: Its distance rule.
        length: Length of the closed tour.
        optimum: Published length of a shortest tour; None if there is none.
        seconds: Computing time of the algorithm.
        tour: Ids of the cities in the order of the visits.
        points: Their coordinates, in the same order.
    """

    instance: str
    edge_weight_type: str
    length: int
    optimum: int | None
    seconds: float
    tour: list[int]
    points: list[list[float]]

    @classmethod
    def of(cls, problem: Problem, tour: Tour, seconds: float) -> Self:
        """The route of a tour through all cities of a problem."""
        return cls(
            instance=problem.name,
            edge_weight_type=problem.edge_weight_type,
            length=tour_length(problem.distances, tour),
            optimum=problem.optimum,
            seconds=seconds,
            tour=problem.ids[tour].tolist(),
            points=problem.coordinates[tour].tolist(),
        )


class TourResult(BaseScenarioResult):
    """The result of a scenario: a route, the id of its dataset, and the time of completion.

    Args:
        data_id: Id of the dataset.
        route: The tour.
        completed_at: Time of completion, a naive local time as in the framework; None for now.
    """

    def __init__(self, data_id: str, route: Route, completed_at: datetime | None = None) -> None:
        super().__init__(data_id)
        self.route = route
        if completed_at is not None:
            self.completed_at = completed_at

    def to_dict(self) -> dict[str, Any]:
        """The result in JSON types; `closed` means that the last point leads back to the first."""
        return {
            "data_id": self.data_id,
            "completed_at": self.completed_at.isoformat(),
            **vars(self.route),
            "closed": True,
        }

    def to_json(self) -> str:
        """The result of `to_dict` as JSON, for `from_json`."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, json_string: str) -> Self:
        """A result from the text of `to_json`.

        Raises:
            ValueError: The text is not JSON, or a field is missing.
        """
        content = json.loads(json_string)
        try:
            route = Route(**{field: content[field] for field in Route.__dataclass_fields__})
            return cls(content["data_id"], route, datetime.fromisoformat(content["completed_at"]))
        except KeyError as missing:
            raise ValueError(f"The field {missing} of a stored tour is missing") from None
