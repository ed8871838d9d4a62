from typing import Any

import pandas as pd
import pytest
from algomancy_data import DataSource
from algomancy_utils.baseparameterset import ParameterError

from algomancy_api.example.algorithms import InputOrder
from algomancy_api.example.problem import DatasetParameters, TravellingSalesmanData

from .helpers import Bundled, dataset, solve

SQUARE: dict[str, list[Any]] = {"id": [1, 2, 3, 4], "x": [0, 0, 1, 1], "y": [0, 1, 1, 0]}
INSTANCE: dict[str, list[Any]] = {
    "name": ["square"],
    "comment": [""],
    "edge_weight_type": ["EUC_2D"],
    "optimum": [4],
    "source": [""],
}


@pytest.mark.parametrize(("key", "cities"), [("Master data", 442), ("att532", 532), ("gr666", 666)])
def test_data_parameter_reaches_from_three_to_all(bundled: Bundled, key: str, cities: int) -> None:
    parameters = bundled[key].initialize_data_parameters()
    offered: Any = parameters.get_parameters()["first_cities"]
    assert (offered.min, offered.max, offered.default) == (3, cities, cities)
    for refused in (2, cities + 1, 3.5, "all"):
        with pytest.raises(ParameterError):
            parameters.set_validated_values({"first_cities": refused})


def test_first_cities_are_honoured(pcb442: TravellingSalesmanData) -> None:
    result = solve(InputOrder, pcb442, first_cities=10)
    assert result.route.tour == list(range(1, 11))
    assert result.route.optimum is None, "the published optimum holds for all cities only"


def test_all_cities_chosen_explicitly_keep_the_optimum(pcb442: TravellingSalesmanData) -> None:
    assert solve(InputOrder, pcb442, first_cities=442).route.optimum == 50_778


def test_parameters_survive_serialization() -> None:
    parameters = DatasetParameters(100)
    parameters.set_validated_values({"first_cities": 50})
    copy = DatasetParameters.deserialize(str(parameters))
    assert copy["first_cities"] == 50


def test_dataset_survives_json_and_derive(pcb442: TravellingSalesmanData) -> None:
    for copy in (TravellingSalesmanData.from_json(pcb442.to_json()), pcb442.derive("mine")):
        assert type(copy) is TravellingSalesmanData
        assert copy.initialize_data_parameters()["first_cities"] == 442
        assert (copy.problem().distances == pcb442.problem().distances).all()


def test_json_is_the_frameworks_own() -> None:
    assert not {"to_json", "from_json"} & vars(TravellingSalesmanData).keys()
    assert TravellingSalesmanData.__mro__[1] is DataSource


def test_nullable_columns_are_read() -> None:
    typed = dataset(instance=INSTANCE, cities=SQUARE)
    typed.tables["cities"] = typed.tables["cities"].astype({"id": "Int64", "x": "Float64", "y": "Float64"})
    typed.tables["instance"] = typed.tables["instance"].astype({"name": "string", "optimum": "Float64"})
    problem = typed.problem()
    assert (problem.name, problem.optimum, problem.ids.tolist()) == ("square", 4, [1, 2, 3, 4])
    typed.tables["instance"].loc[0, "optimum"] = pd.NA
    assert typed.problem().optimum is None


UNSOLVABLE: dict[str, tuple[dict[str, dict[str, list[Any]]], str]] = {
    "nothing": ({}, "no table 'instance'"),
    "no-cities": ({"instance": INSTANCE}, "no table 'cities'"),
    "no-column": ({"instance": INSTANCE, "cities": {"id": [1, 2, 3]}}, "Required column 'x' missing from cities"),
    "unknown-rule": (
        {"instance": INSTANCE | {"edge_weight_type": ["?"]}, "cities": SQUARE},
        "Unknown edge weight type",
    ),
    "text-for-numbers": ({"instance": INSTANCE, "cities": SQUARE | {"x": list("abcd")}}, "Coordinate x"),
    "nested": ({"instance": INSTANCE, "cities": SQUARE | {"x": [None] * 4}}, "Coordinate x"),
}


@pytest.mark.parametrize(("tables", "message"), UNSOLVABLE.values(), ids=UNSOLVABLE)
def test_unsolvable_dataset_says_why(tables: dict[str, dict[str, list[Any]]], message: str) -> None:
    data = dataset(**tables)
    data.initialize_data_parameters()  # must not raise
    with pytest.raises(ValueError, match="Dataset 'made' cannot be solved") as raised:
        solve(InputOrder, data)
    assert message in str(raised.value)


def test_too_few_cities_leave_nothing_to_choose() -> None:
    assert not dataset(cities={"id": [1, 2]}).initialize_data_parameters().has_inputs()
