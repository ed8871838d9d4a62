"""The distance rules of TSPLIB95, each on all pairs of cities at once.

Source: Gerhard Reinelt, *TSPLIB95* (Heidelberg, 1995), section 2, "The distance functions". Every rule gives
whole numbers, and published optima hold for exactly this rounding.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

type Coordinates = npt.NDArray[np.float64]
type Distances = npt.NDArray[np.int64]

# TSPLIB's own constants: a more exact pi or radius would miss the published lengths.
PI = 3.141592
EARTH_RADIUS_KM = 6378.388


def distance_matrix(edge_weight_type: str, coordinates: Coordinates) -> Distances:
    """All distances between the cities, by the named rule.

    Args:
        edge_weight_type: A key of `RULES`.
        coordinates: Shape (n, 2).

    Returns:
        Whole numbers of shape (n, n), symmetric, zero on the diagonal.

    Raises:
        ValueError: There is no such rule.
    """
    try:
        rule = RULES[edge_weight_type]
    except KeyError:
        raise ValueError(f"Unknown edge weight type {edge_weight_type!r}: use one of {', '.join(RULES)}.") from None
    matrix = rule(coordinates).astype(np.int64)
    np.fill_diagonal(matrix, 0)  # GEO would say 1: it rounds up what is nothing
    return matrix


def _euclidean(coordinates: Coordinates) -> Coordinates:
    """EUC_2D: the straight line, rounded to the nearest whole number."""
    return _nearest_whole(np.sqrt(_squared_lines(coordinates)))


def _pseudo_euclidean(coordinates: Coordinates) -> Coordinates:
    """ATT: the straight line over the square root of ten, never rounded down."""
    line = np.sqrt(_squared_lines(coordinates) / 10.0)
    rounded = _nearest_whole(line)
    return rounded + (rounded < line)


def _geographical(coordinates: Coordinates) -> Coordinates:
    """GEO: kilometres over TSPLIB's idealised earth, between latitudes and longitudes as degrees.minutes."""
    # The fraction counts minutes: 5 / 3 makes decimal degrees of it. TSPLIB's text says "nearest" degree, its
    # published optima come from cutting off.
    degrees = np.trunc(coordinates)
    radians = PI * (degrees + 5.0 * (coordinates - degrees) / 3.0) / 180.0
    latitude, longitude = radians.T
    q1 = np.cos(longitude[:, None] - longitude)
    q2 = np.cos(latitude[:, None] - latitude)
    q3 = np.cos(latitude[:, None] + latitude)
    cosine = np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1.0, 1.0)  # rounding may pass 1 by a hair
    kilometres: Coordinates = np.trunc(EARTH_RADIUS_KM * np.arccos(cosine) + 1.0)
    return kilometres


def _squared_lines(coordinates: Coordinates) -> Coordinates:
    x, y = coordinates.T
    squared: Coordinates = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    return squared


def _nearest_whole(values: Coordinates) -> Coordinates:
    return np.floor(values + 0.5)  # numpy's round would take 0.5 to the even side


RULES: dict[str, Callable[[Coordinates], Coordinates]] = {
    "EUC_2D": _euclidean,
    "ATT": _pseudo_euclidean,
    "GEO": _geographical,
}
