"""What a child is given to do. A job crosses to it by pickle, and its result comes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from algomancy_data import BaseDataSource, ETLFactory, ETLResult, File, Schema
from algomancy_scenario import BaseAlgorithm
from algomancy_utils import Logger
from algomancy_utils.baseparameterset import BaseParameterSet

from ..etl import opened
from ..wrapped_algorithms import Report, in_place, wrapped_template

#: Does its work, telling its progress.
Job = Callable[[Report], Any]


@dataclass(frozen=True)
class AlgorithmJob:
    """An algorithm over a dataset."""

    algorithm: type[BaseAlgorithm]
    parameters: BaseParameterSet
    data_parameters: BaseParameterSet
    data: BaseDataSource
    logger: type[Logger] | None

    @classmethod
    def of(cls, algorithm: BaseAlgorithm, template: type[BaseAlgorithm], data: BaseDataSource) -> AlgorithmJob:
        """What an instance of a template is to do."""
        return cls(template, algorithm.params, algorithm.data_params, data, _kind(algorithm._logger))

    def __call__(self, report: Report) -> Any:  # noqa: ANN401 - whatever the algorithm gives
        """The algorithm's result."""
        template: Any = wrapped_template(self.algorithm, in_place, report)
        algorithm = template(self.parameters)
        algorithm.set_data_params(self.data_parameters)
        if self.logger is not None:
            algorithm.set_logger(self.logger())
        return algorithm.run(self.data)


@dataclass(frozen=True)
class EtlJob:
    """A pipeline over files, which are read first."""

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
        """What a factory's pipeline is to do."""
        return cls(factory, dataset_name, files, schemas, _kind(logger))

    def __call__(self, _report: Report) -> ETLResult:
        """The pipeline's result."""
        logger = None if self.logger is None else self.logger()
        return self.factory.build_pipeline(self.dataset_name, opened(self.files), self.schemas, logger).run()


def nothing(_report: Report) -> None:
    """No work at all: what has to be imported for it has been imported then."""


def _kind(logger: Logger | None) -> type[Logger] | None:
    # A logger has locks, and its messages are the parent's: the child gets one of its own.
    return None if logger is None else type(logger)
