import json
import math
from typing import Any

import numpy as np
import pytest

from algomancy_api.example.algorithms import InputOrder
from algomancy_api.example.kpis import KPIS
from algomancy_api.example.problem import TravellingSalesmanData
from algomancy_api.example.tours import Route, TourResult

from .helpers import Bundled, solve


def fresh_kpis() -> dict[str, Any]:
    templates: dict[str, Any] = dict(KPIS)
    return {name: template() for name, template in templates.items()}


def measured(result: TourResult) -> dict[str, Any]:
    kpis = fresh_kpis()
    for kpi in kpis.values():
        kpi.compute_and_check(result)
    return kpis


def test_result_is_drawable(pcb442: TravellingSalesmanData) -> None:
    drawn = solve(InputOrder, pcb442, first_cities=3).to_dict()
    assert drawn["data_id"] == pcb442.id
    assert drawn["instance"] == "pcb442"
    assert drawn["edge_weight_type"] == "EUC_2D"
    assert drawn["tour"] == [1, 2, 3]
    assert drawn["points"] == [[200.0, 400.0], [200.0, 500.0], [200.0, 600.0]]
    assert drawn["length"] == 400
    assert drawn["optimum"] is None
    assert drawn["seconds"] > 0
    assert drawn["closed"] is True
    assert json.loads(json.dumps(drawn)) == drawn


@pytest.mark.parametrize("key", ["Master data", "att532", "gr666"])
def test_result_survives_json(bundled: Bundled, key: str) -> None:
    result = solve(InputOrder, bundled[key])
    again = TourResult.from_json(result.to_json())
    assert again.to_dict() == result.to_dict()
    assert (again.data_id, again.route, again.completed_at) == (result.data_id, result.route, result.completed_at)


@pytest.mark.parametrize("text", ["{}", "no json", '{"data_id": "1", "instance": "a"}'])
def test_stored_nonsense_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own message or ours
        TourResult.from_json(text)


def test_points_follow_the_tour(pcb442: TravellingSalesmanData) -> None:
    route = Route.of(pcb442.problem(4), np.array([2, 0, 3, 1]), seconds=0.5)
    assert route.tour == [3, 1, 4, 2]
    assert route.points == [[200.0, 600.0], [200.0, 400.0], [200.0, 700.0], [200.0, 500.0]]
    assert route.length == 200 + 300 + 200 + 100


def test_kpi_keys_are_their_own_names() -> None:
    assert list(KPIS) == ["Tour length", "Gap to optimum", "Computing time"]
    assert {name: kpi.name for name, kpi in fresh_kpis().items()} == {name: name for name in KPIS}


def test_kpis_of_a_known_tour(pcb442: TravellingSalesmanData) -> None:
    kpis = measured(solve(InputOrder, pcb442))
    assert kpis["Tour length"].value == 221_440
    assert kpis["Tour length"].pretty() == "221440 unit"
    assert kpis["Gap to optimum"].value == pytest.approx(100 * (221_440 - 50_778) / 50_778)
    assert kpis["Gap to optimum"].details() == "336.09 %"
    assert kpis["Computing time"].value > 0


@pytest.mark.parametrize(("length", "gap", "success"), [(1_000, 0, True), (1_050, 5, True), (1_051, 5.1, False)])
def test_gap_up_to_five_percent_is_a_success(length: int, gap: float, success: bool) -> None:
    kpi = measured(TourResult("1", Route("a", "ATT", length, 1_000, 1.0, [], [])))["Gap to optimum"]
    assert kpi.value == pytest.approx(gap)
    assert kpi.success is success
    assert kpi.to_dict()["threshold"] == 5


def test_gap_is_not_a_number_without_an_optimum(pcb442: TravellingSalesmanData) -> None:
    kpis = measured(solve(InputOrder, pcb442, first_cities=441))
    assert math.isnan(kpis["Gap to optimum"].value)
    assert kpis["Gap to optimum"].success is False
    assert kpis["Tour length"].value > 0
