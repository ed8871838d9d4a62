"""ETL factories whose `build_pipeline` is replaced, and files that are read late."""

import types
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import Any

from algomancy_data import ETLFactory, File


class UnreadFile(File):
    """A file whose content is not read yet: it is read where the ETL runs, which may be another process."""

    @abstractmethod
    def opened(self) -> File:
        """The file with its content.

        Raises:
            Exception: The file is too large, or cannot be read.
        """


def opened(files: Mapping[str, File]) -> dict[str, File]:
    """Files by logical name, with their contents: unread ones are read now."""
    return {name: file.opened() if isinstance(file, UnreadFile) else file for name, file in files.items()}


def with_pipelines(factory: type[ETLFactory], build_pipeline: Callable[..., Any]) -> type[ETLFactory]:
    """A subclass of an ETL factory whose `build_pipeline` is the given function, called with the same arguments."""
    if not isinstance(factory, type):
        return factory  # not a class: the framework reports it

    def build(_cls: type, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - a pipeline of any class
        return build_pipeline(*arguments, **keywords)

    namespace = {name: getattr(factory, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace["build_pipeline"] = classmethod(build)
    return types.new_class(factory.__name__, (factory,), exec_body=lambda body: body.update(namespace))
