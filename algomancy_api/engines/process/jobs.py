"""The work sent to a child. A job and its result are pickled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from algomancy_data import BaseDataSource, ETLFactory, ETLResult, File, Schema
from algomancy_scenario import BaseAlgorithm
from algomancy_utils import Logger
from algomancy_utils.baseparameterset import BaseParameterSet

from ...extraction import exact_pipeline
from ..wrapped_algorithms import Report, in_place, wrapped_template

#: A callable that a child runs, with a callback for the progress.
Job = Callable[[Report], Any]


@dataclass(frozen=True)
class AlgorithmJob:
    """A run of an algorithm on a dataset."""

    algorithm: type[BaseAlgorithm]
    parameters: BaseParameterSet
    data_parameters: BaseParameterSet
    data: BaseDataSource
    logger: type[Logger] | None

    @classmethod
    def of(cls, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: BaseDataSource) -> AlgorithmJob:
        """The job of an algorithm's instance; ``template`` is its original class."""
        return cls(template, algorithm.params, algorithm.data_params, data, _kind(algorithm._logger))

    def __call__(self, report: Report) -> Any:  # noqa: ANN401 - the algorithm's own
        """The algorithm's result."""
        template: Any = wrapped_template(self.algorithm, in_place, report)
        algorithm = template(self.parameters)
        algorithm.set_data_params(self.data_parameters)
        if self.logger is not None:
            algorithm.set_logger(self.logger())
        return algorithm.run(self.data)


@dataclass(frozen=True)
class EtlJob:
    """A run of an ETL pipeline, whose files are read first."""

    factory: type[ETLFactory]
    dataset_name: str
    files: dict[str, File]
    schemas: dict[str, Schema]
    logger: type[Logger] | None

    @classmethod
    def of(
        cls,
        factory: type[ETLFactory],
        dataset_name: str,
        files: dict[str, File],
        schemas: dict[str, Schema],
        logger: Logger | None,
    ) -> EtlJob:
        """The job of a factory's pipeline."""
        return cls(factory, dataset_name, files, schemas, _kind(logger))

    def __call__(self, _report: Report) -> ETLResult:
        """The pipeline's result."""
        logger = None if self.logger is None else self.logger()
        pipeline = exact_pipeline(self.factory, self.dataset_name, self.files, self.schemas, logger)
        result: ETLResult = pipeline.run()
        return result


def no_job(_report: Report) -> None:
    """A job without work: after it, the modules of the children are imported."""


def _kind(logger: Logger | None) -> type[Logger] | None:
    # A logger has locks, which cannot be pickled, and its messages stay in the parent: the child gets a new one.
    return None if logger is None else type(logger)
