"""The check of a wiring: ``algomancy-api check`` builds each of its parts once, and says which will not work."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from algomancy_data import BaseDataSource, ETLFactory, FileExtension, Schema
from algomancy_scenario.persistence import SqlResultLayout
from algomancy_utils.baseparameterset import BaseParameterSet

from .config import ApiConfiguration
from .datafiles import EXTENSIONS, DataFile
from .engines import serializable, wrapped_kpis
from .extraction import exact_pipeline
from .framework.dataset_json.reader import dataset_from_json
from .limits import Limits
from .serialization.encodable import check_encodable
from .serialization.parameters.descriptors import describe_parameters
from .serialization.parameters.values import checked_values


class Fault(Exception):
    """What does not work, for whoever wrote the wiring."""


@dataclass(frozen=True)
class Step:
    """A part of a wiring, and what to do with it.

    Args:
        name: The part.
        run: Raises an exception if the part does not work.
    """

    name: str
    run: Callable[[], object]


def check(configuration: ApiConfiguration, dataset: Path | None = None) -> bool:
    """Try each part of a wiring, and print a line for each.

    Nothing is stored, and no server is started. With a dataset, each algorithm runs on it with its default parameters,
    in this process.

    Args:
        configuration: The configuration.
        dataset: A file with the JSON of a dataset, as `GET …/data/{data_key}` gives it.

    Returns:
        Whether all parts work.
    """
    faults = 0
    for step in _steps(configuration, dataset):
        try:
            step.run()
        except (Exception, SystemExit) as error:
            faults += 1
            print(f"FAIL  {step.name}: {_words_of(error)}")
        else:
            print(f"ok    {step.name}")
    print("Everything works." if not faults else f"{faults} of these do not work.")
    return not faults


def _steps(configuration: ApiConfiguration, dataset: Path | None) -> Iterator[Step]:
    algorithms: dict[str, Any] = dict(configuration.algorithms or {})
    for name, algorithm in algorithms.items():
        yield Step(f"algorithm {name!r} with default parameters", partial(_build_algorithm, name, algorithm))
    for name, kpi in (configuration.kpis or {}).items():
        yield Step(f"KPI {name!r}", partial(_build_kpi, name, kpi))
    schemas: list[Any] = list(configuration.schemas or [])
    for schema in schemas:
        yield Step(f"schema {schema.__name__}", partial(_read_schema, schema))
    factory: Any = configuration.etl_factory
    if factory is not None:
        yield Step(f"ETL factory {factory.__name__}", partial(_build_etl, factory, schemas))
    kind: Any = configuration.data_object_type
    if configuration.engine != "thread":
        for part in filter(None, [*algorithms.values(), *schemas, factory, kind]):
            yield Step(f"{part.__name__} on the engine {configuration.engine!r}", partial(_cross, part))
    if dataset is not None:
        yield Step(f"dataset {dataset}", lambda: _dataset_of(kind, dataset))
        for name, algorithm in algorithms.items():
            yield Step(f"run of {name!r} on {dataset}", partial(_run, configuration, algorithm, dataset))


def _build_algorithm(name: str, algorithm: Any) -> None:  # noqa: ANN401 - a class of the user's
    parameters = _defaults(algorithm.initialize_parameters())
    describe_parameters(parameters)
    _check_name(name, algorithm(parameters).name)


def _defaults(parameters: BaseParameterSet) -> BaseParameterSet:
    checked_values(parameters, {})
    return serializable(parameters)


def _check_name(key: str, name: str) -> None:
    if name != key:
        raise Fault(f"its name is {name!r}, so it is not found again after a restart; give it that of its key")


def _build_kpi(name: str, kpi: Any) -> None:  # noqa: ANN401
    built: Any = wrapped_kpis({name: kpi})[name]
    _check_name(name, built().name)


def _read_schema(schema: type[Schema]) -> None:
    schema.file_name()
    schema.extension()
    types = schema.datatype_groups() if schema.is_multi() else schema.datatypes()
    if not types:
        raise Fault("it has no columns")


def _build_etl(factory: type[ETLFactory], schemas: list[type[Schema]]) -> None:
    by_name: Any = {schema.file_name(): schema for schema in schemas}
    files: dict[str, DataFile] = {}
    factory.create_validation_sequence(by_name)
    factory.create_transformation_sequence(by_name)
    factory.create_loader()
    with TemporaryDirectory() as folder:
        with suppress(Exception):  # a schema that does not work has a line of its own
            if all(schema.extension() in EXTENSIONS for schema in schemas):
                files = {name: _file_without_rows(schema, Path(folder)) for name, schema in by_name.items()}
        if files:  # which may be refused: whether there must be rows is up to the validators
            exact_pipeline(factory, "empty", files, by_name).run()


def _file_without_rows(schema: type[Schema], folder: Path) -> DataFile:
    name, extension = schema.file_name(), schema.extension()
    path = folder / f"{name}.{extension}"
    tables: Any = schema.datatype_groups() if schema.is_multi() else {"Sheet1": schema.datatypes()}
    if extension == FileExtension.XLSX:
        with pd.ExcelWriter(path) as writer:
            for sheet, columns in tables.items():
                pd.DataFrame(columns=list(columns)).to_excel(writer, sheet_name=sheet, index=False)
    elif extension == FileExtension.JSON:
        path.write_text("[]")
    else:
        path.write_text(";".join(next(iter(tables.values()))) + "\n", "utf-8")
    return DataFile(name, path, path.name, extension, Limits())


def _cross(part: type) -> None:
    try:
        found = pickle.loads(pickle.dumps(part))  # noqa: S301 - just written here
    except Exception as error:
        raise Fault(f"it must be importable at the top level of a module: {error}") from error
    if found is not part or part.__module__ == "__main__":
        raise Fault("it must be importable at the top level of a module, and not of the main one")


def _dataset_of(kind: type[BaseDataSource], path: Path) -> BaseDataSource:
    return dataset_from_json(kind, path.read_bytes())


def _run(configuration: ApiConfiguration, algorithm: Any, path: Path) -> None:  # noqa: ANN401
    kind: Any = configuration.data_object_type
    data = _dataset_of(kind, path)
    built: Any = algorithm(_defaults(algorithm.initialize_parameters()))
    built.set_data_params(_defaults(data.initialize_data_parameters()))
    result = built.run(data)
    check_encodable(result.to_dict())
    kpis: dict[str, Any] = dict(wrapped_kpis(configuration.kpis or {}))
    for name, kpi in kpis.items():
        try:
            kpi().compute_and_check(result)
        except Exception as error:
            raise Fault(f"the KPI {name!r} fails on its result: {_words_of(error)}") from error
    _read_again(built.result_class, result)


def _read_again(kind: Any, result: Any) -> None:  # noqa: ANN401
    from .framework.database.runs.readable import prove_tables, prove_text  # SQLAlchemy takes 0.4 s

    if isinstance(result, SqlResultLayout):
        prove_tables(result, result.to_sql_tables(), kind)
    else:
        prove_text(result, result.to_json(), kind)


def _words_of(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, Fault) else f"{type(error).__name__}: {text or 'no message'}"
