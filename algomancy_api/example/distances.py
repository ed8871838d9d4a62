"""The distance rules of TSPLIB95, each for all pairs of cities at once.

Source: Gerhard Reinelt, *TSPLIB95* (Heidelberg, 1995), section 2, "The distance functions". Every rule gives
integers, and the published optima are valid for exactly this rounding.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

type Coordinates = npt.NDArray[np.float64]
type Distances = npt.NDArray[np.int64]

# The constants of TSPLIB: with a more exact pi or radius, the published lengths are not reproduced.
PI = 3.141592
EARTH_RADIUS_KM = 6378.388


def distance_matrix(edge_weight_type: str, coordinates: Coordinates) -> Distances:
    """All distances between the cities, by the named rule.

    Args:
        edge_weight_type: A key of `RULES`.
        coordinates: Shape (n, 2).

    Returns:
        Integers of shape (n, n), symmetric, zero on the diagonal.

    Raises:
        ValueError: There is no such rule.
    """
    try:
        rule = RULES[edge_weight_type]
    except KeyError:
        raise ValueError(f"Unknown edge weight type {edge_weight_type!r}: use one of {', '.join(RULES)}") from None
    matrix = rule(coordinates).astype(np.int64)
    np.fill_diagonal(matrix, 0)  # GEO gives 1, since it rounds up
    return matrix


def _euclidean(coordinates: Coordinates) -> Coordinates:
    """EUC_2D: the Euclidean distance, rounded to the nearest integer."""
    return _nearest_integer(np.sqrt(_squared_distances(coordinates)))


def _pseudo_euclidean(coordinates: Coordinates) -> Coordinates:
    """ATT: the Euclidean distance divided by the square root of ten, rounded up."""
    distances = np.sqrt(_squared_distances(coordinates) / 10.0)
    rounded = _nearest_integer(distances)
    return rounded + (rounded < distances)


def _geographical(coordinates: Coordinates) -> Coordinates:
    """GEO: kilometres on TSPLIB's spherical earth, between latitudes and longitudes in the form degrees.minutes."""
    # The fraction is in minutes: times 5 / 3, it is in degrees. The text of TSPLIB says "nearest" degree, but its
    # published optima are calculated with truncation.
    degrees = np.trunc(coordinates)
    radians = PI * (degrees + 5.0 * (coordinates - degrees) / 3.0) / 180.0
    latitude, longitude = radians.T
    q1 = np.cos(longitude[:, None] - longitude)
    q2 = np.cos(latitude[:, None] - latitude)
    q3 = np.cos(latitude[:, None] + latitude)
    cosine = np.clip(0.5 * ((1.0 + q1) * q2 - (1.0 - q1) * q3), -1.0, 1.0)  # rounding errors may exceed 1
    kilometres: Coordinates = np.trunc(EARTH_RADIUS_KM * np.arccos(cosine) + 1.0)
    return kilometres


def _squared_distances(coordinates: Coordinates) -> Coordinates:
    x, y = coordinates.T
    squared: Coordinates = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2
    return squared


def _nearest_integer(values: Coordinates) -> Coordinates:
    return np.floor(values + 0.5)  # not `np.round`, which rounds 0.5 to the even side


RULES: dict[str, Callable[[Coordinates], Coordinates]] = {
    "EUC_2D": _euclidean,
    "ATT": _pseudo_euclidean,
    "GEO": _geographical,
}
