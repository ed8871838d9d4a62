"""The framework's pipeline with exact extractors, and with messages that name row and value."""

from collections.abc import Iterable, Mapping
from typing import Any

from algomancy_data import (
    ETLConstructionError,
    ETLFactory,
    ETLPipeline,
    ETLResult,
    File,
    Schema,
    ValidationMessage,
)
from algomancy_utils import Logger

from .extractors import exact
from .files import opened, warnings_of
from .issues import Issue
from .ready import ReadyPipeline, ReadyTables
from .sources import misfit, unknown_files, warning_of
from .validation import ValidationWithValues


def exact_pipeline(
    factory: type[ETLFactory],
    dataset_name: str,
    files: Mapping[str, File],
    schemas: dict[str, Schema],
    logger: Logger | None = None,
) -> Any:  # noqa: ANN401 - a pipeline of any class
    """The pipeline of a factory, with exact extractors if it is the framework's own; for ready tables, without an ETL.

    Raises:
        ETLConstructionError: The files do not fit the schemas; the message says which does not, and what would.
        Exception: A file is too large or cannot be read, or whatever else the factory raises.
    """
    if isinstance(files, ReadyTables):
        return ReadyPipeline(factory, files, schemas, logger)
    files = opened(files)
    try:
        pipeline = factory.build_pipeline(dataset_name, files, schemas, logger)
    except Exception as error:
        if (reason := misfit(error, files, schemas)) is None:
            raise
        raise ETLConstructionError(reason) from error
    return _ExactPipeline(pipeline, files, schemas) if type(pipeline) is ETLPipeline else pipeline


class _ExactPipeline(ETLPipeline):
    """A pipeline that reads exactly, and tells of single cells and of files without a schema.

    Args:
        replaced: The pipeline of the factory.
        files: The files of the upload, by logical name.
        schemas: The schemas, by the name of their files.
    """

    def __init__(self, replaced: ETLPipeline, files: Mapping[str, File], schemas: Mapping[str, Schema]) -> None:
        sequence = replaced.extraction_sequence
        sequence._extractors = [exact(extractor) for extractor in sequence._extractors]
        super().__init__(
            replaced.destination_name,
            sequence,
            ValidationWithValues(replaced.validation_sequence),
            replaced.transformation_sequence,
            replaced.loader,
            replaced.logger,
        )
        self._files = files
        self._schemas = schemas

    def run(self) -> ETLResult:
        """The outcome.

        Raises:
            ETLConstructionError: Nothing was loaded, since no file has the name of a schema.
            Exception: Whatever the parts of the pipeline raise.
        """
        result = super().run()
        if result.is_success and not getattr(result.datasource, "tables", True):
            reason = misfit(None, self._files, self._schemas)
            if reason is not None:
                raise ETLConstructionError(reason)
        if result.validation_result is not None:
            unknown = unknown_files(self._files, self._schemas)
            result.validation_result.messages += [warning_of(file, self._schemas) for file in unknown]
            for file in self._files.values():
                result.validation_result.messages += warnings_of(file)
        return result

    @staticmethod
    def _conversion_issue_messages(issues: Iterable[Any]) -> list[ValidationMessage]:
        return [
            message
            for issue in issues
            for message in (
                [issue.message()] if isinstance(issue, Issue) else ETLPipeline._conversion_issue_messages([issue])
            )
        ]
