"""A module that imports one that starts a thread on import."""

from . import threaded_within  # noqa: F401 - for its thread
