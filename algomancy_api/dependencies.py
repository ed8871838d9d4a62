"""The managers of a request, for a host's own handlers, under the path that the package on FastAPI had."""

from .services.dependencies import get_scenario_manager, get_session_manager

__all__ = ["get_scenario_manager", "get_session_manager"]
