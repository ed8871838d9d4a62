"""Packages that come with extras, imported where they are used."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from .errors import MissingExtra


def needed(module: str, extra: str) -> ModuleType:
    """A module of a package that an extra brings.

    Raises:
        MissingExtra: It is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = module.partition(".")[0]
        raise MissingExtra(f"This needs {package}: pip install 'algomancy-client[{extra}]'") from error


def installed(module: str) -> ModuleType | None:
    """A module, or None if its package is not installed."""
    try:
        return import_module(module)
    except ImportError:
        return None
