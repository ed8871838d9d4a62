"""ETL factories whose pipelines run in a child: parsing 40 MB of CSV would hold the server's interpreter for long."""

from collections.abc import Callable
from typing import Any

from algomancy_data import ETLFactory, ETLResult

from ..etl import with_pipelines
from .jobs import EtlJob


class JobPipeline:
    """A pipeline whose `run` executes a job.

    Args:
        job: Builds and runs the factory's own pipeline.
        execute: Runs the job.
    """

    def __init__(self, job: EtlJob, execute: Callable[[EtlJob], ETLResult]) -> None:
        self._job = job
        self._execute = execute

    def run(self) -> ETLResult:
        """The result of the factory's own pipeline.

        Raises:
            Exception: Whatever building or running that pipeline raises.
        """
        return self._execute(self._job)


def wrapped_factory(factory: type[ETLFactory], execute: Callable[[EtlJob], ETLResult]) -> type[ETLFactory]:
    """A subclass of an ETL factory whose pipelines are run by ``execute``."""

    def build_pipeline(dataset_name: str, files: Any, schemas: Any, logger: Any = None) -> JobPipeline:  # noqa: ANN401
        return JobPipeline(EtlJob.of(factory, dataset_name, files, schemas, logger), execute)

    return with_pipelines(factory, build_pipeline)
