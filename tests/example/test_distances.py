import numpy as np
import pytest

from algomancy_api.example.distances import RULES, distance_matrix
from algomancy_api.example.tours import tour_length

from .helpers import Bundled

# What TSPLIB95 itself publishes for checking an implementation: the length of the tour 1, 2, 3, ... n.
PUBLISHED = [
    pytest.param("Master data", 221_440, id="pcb442-EUC_2D"),
    pytest.param("att532", 309_636, id="att532-ATT"),
    pytest.param("gr666", 423_710, id="gr666-GEO"),
]


@pytest.mark.parametrize(("key", "length"), PUBLISHED)
def test_tour_in_order_has_the_published_length(bundled: Bundled, key: str, length: int) -> None:
    problem = bundled[key].problem()
    assert tour_length(problem.distances, np.arange(len(problem))) == length


@pytest.mark.parametrize(
    ("rule", "second_city", "distance"),
    [
        pytest.param("EUC_2D", (3.0, 4.0), 5, id="euclidean"),
        pytest.param("EUC_2D", (0.5, 0.0), 1, id="half-is-rounded-up"),
        pytest.param("EUC_2D", (2.5, 0.0), 3, id="half-is-not-rounded-to-even"),
        pytest.param("ATT", (10.0, 0.0), 4, id="att-3.16-is-rounded-up"),
        pytest.param("ATT", (0.0, 0.0), 0, id="att-same-place"),
        pytest.param("GEO", (0.0, 90.0), 10_020, id="geo-quarter-of-the-equator"),
        pytest.param("GEO", (0.0, 50.29), 5_620, id="geo-with-tsplib's-own-pi"),
        pytest.param("GEO", (0.30, 0.0), 56, id="geo-fraction-is-minutes"),
        pytest.param("GEO", (0.0, 0.0), 1, id="geo-always-rounded-up"),
    ],
)
def test_distance_by_hand(rule: str, second_city: tuple[float, float], distance: int) -> None:
    assert distance_matrix(rule, np.array([(0.0, 0.0), second_city]))[0, 1] == distance


@pytest.mark.parametrize("rule", RULES)
def test_matrix_is_symmetric_and_zero_on_the_diagonal(rule: str) -> None:
    coordinates = np.random.default_rng(1).uniform(-80, 80, size=(30, 2))
    matrix = distance_matrix(rule, coordinates)
    assert matrix.dtype == np.int64
    assert (matrix == matrix.T).all()
    assert (matrix.diagonal() == 0).all()


def test_unknown_rule_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"'CEIL_2D': use one of EUC_2D, ATT, GEO"):
        distance_matrix("CEIL_2D", np.zeros((3, 2)))
