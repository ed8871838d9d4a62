"""The history of the runs of a scenario."""

from ..concurrency.decorators import on_worker
from ..errors import NotFound
from ..serialization.json_encoder import encode
from .scenarios import Session


@on_worker
def runs_of(session: Session, scenario_id: str) -> bytes:
    """The runs of a scenario as JSON, the newest first.

    Raises:
        NotFound: There is no such scenario.
    """
    if session.manager.tag_of(scenario_id) is None:
        raise NotFound("Scenario", scenario_id)
    return encode(session.manager.history.of(scenario_id))
