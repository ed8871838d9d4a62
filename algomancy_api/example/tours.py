"""A tour, its length, and the result that a scenario keeps of it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from algomancy_scenario import BaseScenarioResult

from .distances import Distances
from .problem import Problem

type Tour = npt.NDArray[np.intp]  # each of 0 .. n - 1 once: positions in the problem, not ids


def tour_length(distances: Distances, tour: Tour) -> int:
    """Length of the closed tour, the way home included, in the unit of the distances."""
    return int(distances[tour, np.roll(tour, -1)].sum())


@dataclass(frozen=True)
class Route:
    """A closed tour in a form that a frontend can draw.

    Attributes:
        instance: Name of the instance.
        edge_weight_type: Its distance rule.
        length: Length of the tour, the way home included.
        optimum: Published length of a shortest tour, or None where there is none.
        seconds: Time that the algorithm took.
        tour: Ids of the cities in the order of the visit.
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
        """Describe a tour through all cities of a problem."""
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
    """What a scenario keeps: the route, the dataset it belongs to, and when it was found.

    Args:
        data_id: Id of the dataset.
        route: The tour.
        completed_at: When it was found, local time without a zone as the framework has it; None is now.
    """

    def __init__(self, data_id: str, route: Route, completed_at: datetime | None = None) -> None:
        super().__init__(data_id)
        self.route = route
        if completed_at is not None:
            self.completed_at = completed_at

    def to_dict(self) -> dict[str, Any]:
        """All of it in JSON's own types; `closed` says that the last point leads back to the first."""
        return {
            "data_id": self.data_id,
            "completed_at": self.completed_at.isoformat(),
            **vars(self.route),
            "closed": True,
        }

    def to_json(self) -> str:
        """`to_dict` as text, from which `from_json` makes an equal result."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_json(cls, json_string: str) -> Self:
        """Read what `to_json` wrote.

        Raises:
            ValueError: The text is not JSON, or a field is absent.
        """
        content = json.loads(json_string)
        try:
            route = Route(**{field: content[field] for field in Route.__dataclass_fields__})
            return cls(content["data_id"], route, datetime.fromisoformat(content["completed_at"]))
        except KeyError as absent:
            raise ValueError(f"A stored tour lacks the field {absent}.") from None
