"""An ETL factory whose pipelines are built elsewhere, and files that are read there."""

import types
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from algomancy_data import ETLFactory, File


class UnreadFile(File):
    """A file that nobody has read yet: reading is for where the ETL runs, which may be another process."""

    @abstractmethod
    def opened(self) -> File:
        """The file with its content.

        Raises:
            Exception: It is too large, or cannot be read.
        """


def opened(files: Mapping[str, File]) -> dict[str, File]:
    """Files with their contents, by logical name."""
    return {name: file.opened() if isinstance(file, UnreadFile) else file for name, file in files.items()}


def with_pipelines(factory: type[ETLFactory], build_pipeline: Callable[..., Any]) -> type[ETLFactory]:
    """A factory whose pipelines another function builds, from the same arguments; in all else it is the given one."""
    if not isinstance(factory, type):
        return factory  # not a class: the framework will say so

    def build(_cls: type, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - a pipeline, by whatever class
        return build_pipeline(*arguments, **keywords)

    namespace = {name: getattr(factory, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace["build_pipeline"] = classmethod(build)
    return types.new_class(factory.__name__, (factory,), exec_body=lambda body: body.update(namespace))
