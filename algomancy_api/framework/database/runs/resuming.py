"""What a start does with the runs that the last shutdown or kill has cut off or left in the queue."""

import logging
import reprlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from algomancy_scenario import Scenario, ScenarioStatus

from ....engines.log_lines import one_line

if TYPE_CHECKING:
    from ...scenario_manager import ApiScenarioManager
    from ...scenario_registry import Queued

_logger = logging.getLogger("algomancy_api")

#: Values of ``resume_runs``.
QUEUED, ALL, NONE = "queued", "all", "none"

#: What is queued again, in this order: runs that had begun (True), and those that had not.
_TAKEN_UP: dict[str, tuple[bool, ...]] = {QUEUED: (False,), ALL: (True, False), NONE: ()}

#: Scenarios: named in one line of the log.
_NAMED = 20

_tags = reprlib.Repr(maxstring=80)


def resume(manager: ApiScenarioManager, session: str, which: str) -> None:
    """Queue a session's scenarios again, in their order, and log what was queued and what was not.

    Args:
        manager: The session.
        session: Its display name, for the log.
        which: ``"queued"``: those that waited; ``"all"``: first those that ran, too; ``"none"``: neither.
    """
    left = [entry for entry in manager.queue.load() if _is_left(manager, entry.scenario_id)]
    for entry in filter(_has_begun, left):
        manager.history.cut_off(entry.scenario_id)
    chosen = [entry for begun in _TAKEN_UP[which] for entry in left if entry.has_begun is begun]
    scenarios = {entry: _loaded(manager, entry.scenario_id) for entry in chosen}
    taken = {entry: scenario for entry, scenario in scenarios.items() if scenario is not None}
    others = [entry for entry in left if entry not in taken]
    if left:
        dropped = [entry.scenario_id for entry in others if not entry.has_begun]
        manager.queue.replace(list(taken), dropped)
        manager.history.drop_waiting(dropped)
    for entry, scenario in taken.items():
        manager.resume(scenario, entry.options)
    where, why = f"Session {session!r}, resume_runs={which!r}", "created, to be run on request"
    _log(logging.INFO, f"{where}: queued again", [scenario.tag for scenario in taken.values()])
    for begun, what in ((True, "interrupted"), (False, "queued before")):
        tags = [str(manager.tag_of(entry.scenario_id)) for entry in others if entry.has_begun is begun]
        _log(logging.WARNING, f"{where}: {what}, now {why}", tags)


def _has_begun(entry: Queued) -> bool:
    return entry.has_begun


def _is_left(manager: ApiScenarioManager, scenario_id: str) -> bool:
    """Whether a scenario is not queued or running again, as it may be after a `close` in the same process."""
    position = manager.position(scenario_id)
    return position is not None and position[1] == ScenarioStatus.CREATED and scenario_id not in manager.queue.started


def _loaded(manager: ApiScenarioManager, scenario_id: str) -> Scenario[Any] | None:
    try:
        return manager.get_by_id(scenario_id)
    except Exception:  # a dataset that cannot be read must not keep the server from starting
        _logger.exception("The queued scenario %r cannot be loaded", scenario_id)
        return None


def _log(level: int, what: str, tags: Iterable[str]) -> None:
    listed = list(tags)
    if listed:
        named = ", ".join(map(_tags.repr, listed[:_NAMED]))
        more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
        _logger.log(level, "%s", one_line(f"{what}: {named}{more}"))
