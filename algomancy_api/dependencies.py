"""The managers of a request, for a host's own handlers, under the module path of earlier versions of the package."""

from .services.dependencies import get_scenario_manager, get_session_manager

__all__ = ["get_scenario_manager", "get_session_manager"]
