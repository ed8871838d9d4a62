import time
from typing import Any

import numpy as np
import pytest
from algomancy_utils.baseparameterset import ParameterError

from algomancy_api.engines import Run
from algomancy_api.example.algorithms import (
    ALGORITHMS,
    InputOrder,
    NearestNeighbour,
    SimulatedAnnealing,
    Slow,
    TourAlgorithm,
    TwoOpt,
)
from algomancy_api.example.algorithms.annealing import START_TOURS
from algomancy_api.example.algorithms.construction import nearest_neighbours
from algomancy_api.example.algorithms.two_opt import two_opt
from algomancy_api.example.distances import distance_matrix
from algomancy_api.example.problem import TravellingSalesmanData
from algomancy_api.example.tours import tour_length

from .helpers import Bundled, dataset, ratio, solve

# Little work for each algorithm.
QUICK: dict[str, dict[str, Any]] = {
    "Input order": {},
    "Nearest neighbour": {"start_city": 7},
    "2-opt": {"starts": 2},
    "Simulated annealing": {"sweeps": 50},
    "Slow": {"duration": 1},
}

POINT: dict[str, list[Any]] = {
    "name": ["point"],
    "comment": [""],
    "edge_weight_type": ["EUC_2D"],
    "optimum": [None],
    "source": [""],
}


def test_keys_are_the_algorithms_own_names() -> None:
    assert list(ALGORITHMS) == list(QUICK)
    for key, algorithm in ALGORITHMS.items():
        assert algorithm(algorithm.initialize_parameters()).name == key


@pytest.mark.parametrize("name", ALGORITHMS)
def test_every_algorithm_visits_every_city_once_and_tells_its_progress(
    name: str, pcb442: TravellingSalesmanData, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[float] = []
    algorithm = ALGORITHMS[name]
    chosen = algorithm.initialize_parameters()
    chosen.set_validated_values(QUICK[name])
    running = algorithm(chosen)

    def tell(share: float) -> None:
        told.append(share)
        running._progress = share

    monkeypatch.setattr(running, "set_progress", tell)

    route = running.run(pcb442).route

    assert sorted(route.tour) == list(range(1, 443))
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0, 100)
    assert name == "Input order" or len(told) > 15
    assert len(told) <= 1_002
    assert running.get_progress == 100


@pytest.mark.parametrize("name", sorted(ALGORITHMS.keys() - {"Slow"}))
def test_three_cities_in_one_place_are_a_problem_too(name: str) -> None:
    cities: dict[str, list[Any]] = {"id": [10, 20, 30], "x": [5] * 3, "y": [5] * 3}
    data = dataset(instance=POINT, cities=cities)
    parameters = QUICK[name] | ({"start_city": 3} if name == "Nearest neighbour" else {})
    route = solve(ALGORITHMS[name], data, **parameters).route
    assert (sorted(route.tour), route.length) == ([10, 20, 30], 0)


def test_input_order_is_in_order(pcb442: TravellingSalesmanData) -> None:
    assert solve(InputOrder, pcb442).route.tour == list(range(1, 443))


def test_nearest_neighbour_goes_to_the_nearest_city_left() -> None:
    places = np.array([(0.0, 0.0), (10.0, 0.0), (1.0, 0.0), (4.0, 0.0)])
    assert nearest_neighbours(distance_matrix("EUC_2D", places), 0).tolist() == [0, 2, 3, 1]
    assert nearest_neighbours(distance_matrix("EUC_2D", places), 3).tolist() == [3, 2, 0, 1]


def test_nearest_neighbour_starts_where_it_is_told(pcb442: TravellingSalesmanData) -> None:
    assert solve(NearestNeighbour, pcb442, start_city=17).route.tour[0] == 17


def test_nearest_neighbour_refuses_a_start_beyond_the_cities(pcb442: TravellingSalesmanData) -> None:
    with pytest.raises(ValueError, match="'start_city' is 11, but there are only 10 cities"):
        solve(NearestNeighbour, pcb442, first_cities=10, start_city=11)


@pytest.mark.parametrize("key", ["Master data", "att532", "gr666"])
def test_two_opt_leaves_no_exchange_that_shortens(bundled: Bundled, key: str) -> None:
    distances = bundled[key].problem().distances
    start = np.arange(len(distances))
    tour = two_opt(distances, start)
    assert start.tolist() == list(range(len(distances))), "the given tour must stay as it is"
    assert tour_length(distances, tour) < tour_length(distances, start)
    onward = np.roll(tour, -1)
    roads = distances[tour, onward]
    saved = roads[:, None] + roads - distances[np.ix_(tour, tour)] - distances[np.ix_(onward, onward)]
    np.fill_diagonal(saved, 0)
    assert saved.max() == 0


@pytest.mark.parametrize("key", ["Master data", "att532", "gr666"])
def test_two_opt_improves_on_nearest_neighbour(bundled: Bundled, key: str) -> None:
    neighbour = solve(NearestNeighbour, bundled[key]).route
    improved = solve(TwoOpt, bundled[key], starts=1).route
    assert improved.length < 0.95 * neighbour.length
    assert 1 < ratio(improved) < 1.12


def test_two_opt_with_its_defaults_is_near_the_optimum(pcb442: TravellingSalesmanData) -> None:
    route = solve(TwoOpt, pcb442).route
    assert 1 < ratio(route) < 1.05


@pytest.mark.parametrize("start_tour", START_TOURS)
@pytest.mark.parametrize("finish", [True, False])
def test_annealing_repeats_itself_by_its_seed(pcb442: TravellingSalesmanData, start_tour: str, finish: bool) -> None:
    chosen: dict[str, Any] = {"sweeps": 30, "start_tour": start_tour, "finish_with_two_opt": finish}
    one, same, other = (solve(SimulatedAnnealing, pcb442, seed=seed, **chosen).route for seed in (5, 5, 6))
    assert one.tour == same.tour
    assert one.tour != other.tour
    assert sorted(one.tour) == list(range(1, 443))


def test_annealing_with_its_defaults_is_near_the_optimum(pcb442: TravellingSalesmanData) -> None:
    route = solve(SimulatedAnnealing, pcb442).route
    assert 1 < ratio(route) < 1.04


def test_annealing_copes_with_cities_closer_than_one() -> None:
    # By rounding, A to B and A to C are 0 long and B to C is 1, while all neighbours are 0 away.
    cities: dict[str, list[Any]] = {"id": list(range(36)), "x": [0.0, 0.4, -0.4] * 12, "y": [0.0] * 36}
    route = solve(SimulatedAnnealing, dataset(instance=POINT, cities=cities), sweeps=100).route
    assert sorted(route.tour) == list(range(36))


def test_slow_takes_as_long_as_it_is_told(pcb442: TravellingSalesmanData) -> None:
    started = time.monotonic()
    result = solve(Slow, pcb442, first_cities=5, duration=1)
    assert 1.0 <= time.monotonic() - started < 30
    assert result.route.seconds >= 1.0


@pytest.mark.parametrize(
    ("algorithm", "parameters"),
    [
        (TwoOpt, {"starts": 442}),
        (SimulatedAnnealing, {"sweeps": 2_000, "start_tour": "Random", "finish_with_two_opt": False}),
    ],
)
def test_a_run_that_is_asked_to_end_has_the_best_tour_that_it_reported(
    algorithm: type[TourAlgorithm], parameters: dict[str, Any], pcb442: TravellingSalesmanData
) -> None:
    run = Run("")

    def end_after_the_third() -> None:
        if len(run.reports.points()) == 3:
            run.ask_to_end(None)

    run.reports.on_change = end_after_the_third
    with run.under_way():
        route = solve(algorithm, pcb442, first_cities=100, **parameters).route
    objectives = [point.objective or 0 for point in run.reports.points()]
    assert len(objectives) == 3
    assert objectives == sorted(objectives, reverse=True)
    assert run.reports.points()[-1].bound is None, "the optimum is that of all cities"
    assert run.reports.best is not None
    reported = run.reports.best().route
    assert (reported.length, sorted(reported.tour)) == (objectives[-1], list(range(1, 101)))
    assert route.length <= objectives[-1] * 1.5
    if algorithm is TwoOpt:
        assert route.tour == reported.tour


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("Nearest neighbour", {"start_city": 0}),
    ("2-opt", {"starts": 0}),
    ("2-opt", {"starts": 1.5}),
    ("Simulated annealing", {"sweeps": 0}),
    ("Simulated annealing", {"start_temperature": 0.0}),
    ("Simulated annealing", {"start_temperature": 0.1, "end_temperature": 0.2}),
    ("Simulated annealing", {"start_temperature": float("nan")}),
    ("Simulated annealing", {"end_temperature": float("nan")}),
    ("Simulated annealing", {"start_tour": "Sideways"}),
    ("Simulated annealing", {"seed": -1}),
    ("Slow", {"duration": 0}),
    ("Slow", {"duration": 61}),
    ("Slow", {"length": 1}),
]


@pytest.mark.parametrize(("name", "parameters"), REFUSED)
def test_senseless_parameters_are_refused(name: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterError):
        ALGORITHMS[name].initialize_parameters().set_validated_values(parameters)
