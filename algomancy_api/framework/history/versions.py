"""The versions of this server and of the packages that algorithms come from."""

import sys
from collections.abc import Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def server_version() -> str | None:
    """The version of this package; None if it is not installed."""
    return _installed("algomancy-api")


@cache
def version_of(module: str) -> str | None:
    """The version of a module: its ``__version__``, that of a package it is in, or of a distribution of that name.

    Which distribution a package of another name is from takes 0.2 s to find out, at the start of a run.

    Args:
        module: The full name of the module, which has been imported.
    """
    for name in _with_parents(module):
        if isinstance(found := getattr(sys.modules.get(name), "__version__", None), str):
            return found
    return _installed(module.partition(".")[0])


def _with_parents(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]


def _installed(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
