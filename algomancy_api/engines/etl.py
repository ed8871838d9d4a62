"""ETL factories whose `build_pipeline` is replaced."""

import types
from collections.abc import Callable
from typing import Any

from algomancy_data import ETLFactory


def with_pipelines(factory: type[ETLFactory], build_pipeline: Callable[..., Any]) -> type[ETLFactory]:
    """A subclass of an ETL factory whose `build_pipeline` is the given function, called with the same arguments."""
    if not isinstance(factory, type):
        return factory  # not a class: the framework reports it

    def build(_cls: type, *arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401 - a pipeline of any class
        return build_pipeline(*arguments, **keywords)

    namespace = {name: getattr(factory, name) for name in ("__module__", "__qualname__", "__doc__")}
    namespace["build_pipeline"] = classmethod(build)
    return types.new_class(factory.__name__, (factory,), exec_body=lambda body: body.update(namespace))
