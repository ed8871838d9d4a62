"""Helpers for the tests of the example: upload, build a dataset, solve it."""

import base64
from collections.abc import Mapping
from typing import Any

import pandas as pd
from algomancy_data import CSVFile, DataClassification, ETLResult, File

from algomancy_api.example.algorithms import TourAlgorithm
from algomancy_api.example.etl import CityETLFactory
from algomancy_api.example.problem import TravellingSalesmanData
from algomancy_api.example.schemas import SCHEMAS
from algomancy_api.example.tours import Route, TourResult

type Bundled = dict[str, TravellingSalesmanData]


def upload(**texts: str) -> dict[str, File]:
    """The files of an upload, in the form in which a client's contents reach the framework."""
    return {
        name: CSVFile(name, content="data:text/csv;base64," + base64.b64encode(text.encode()).decode())
        for name, text in texts.items()
    }


def etl(files: Mapping[str, File], name: str = "uploaded") -> ETLResult:
    schemas: Any = {schema.file_name(): schema for schema in SCHEMAS}
    return CityETLFactory.build_pipeline(name, dict(files), schemas).run()


def dataset(**tables: Mapping[str, list[Any]]) -> TravellingSalesmanData:
    """A dataset that passed no ETL."""
    data = TravellingSalesmanData(DataClassification.MASTER_DATA, "made")
    for name, columns in tables.items():
        data.add_table(name, pd.DataFrame(columns))
    return data


def ratio(route: Route) -> float:
    """Length of a tour over the published optimum."""
    assert route.optimum is not None
    return route.length / route.optimum


def solve(
    algorithm: type[TourAlgorithm],
    data: TravellingSalesmanData,
    first_cities: int | None = None,
    **parameters: Any,
) -> TourResult:
    chosen = algorithm.initialize_parameters()
    chosen.set_validated_values(parameters)
    about_data = data.initialize_data_parameters()
    about_data.set_validated_values({} if first_cities is None else {"first_cities": first_cities})
    running = algorithm(chosen)
    running.set_data_params(about_data)
    return running.run(data)
