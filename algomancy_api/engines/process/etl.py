"""An ETL whose files are read and whose pipelines run in a child: 40 MB of CSV hold the interpreter for long."""

from collections.abc import Callable
from typing import Any

from algomancy_data import ETLFactory, ETLResult

from ..etl import with_pipelines
from .jobs import EtlJob


class RemotePipeline:
    """A pipeline that is run elsewhere.

    Args:
        job: What it is to do.
        execute: Does it.
    """

    def __init__(self, job: EtlJob, execute: Callable[[EtlJob], ETLResult]) -> None:
        self._job = job
        self._execute = execute

    def run(self) -> ETLResult:
        """What the factory's own pipeline gives; and raises what building and running it raise."""
        return self._execute(self._job)


def wrapped_factory(factory: type[ETLFactory], execute: Callable[[EtlJob], ETLResult]) -> type[ETLFactory]:
    """A factory of pipelines that are handed to ``execute``; in all else it is the one that is given."""

    def build_pipeline(dataset_name: str, files: Any, schemas: Any, logger: Any = None) -> RemotePipeline:  # noqa: ANN401
        return RemotePipeline(EtlJob.of(factory, dataset_name, files, schemas, logger), execute)

    return with_pipelines(factory, build_pipeline)
