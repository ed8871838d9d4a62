"""Where an algorithm runs. No module here knows HTTP."""

from .thread import on_thread

__all__ = ["on_thread"]
