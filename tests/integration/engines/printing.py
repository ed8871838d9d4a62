"""The algorithms of this suite on a database, for a server process that is killed while one of them prints."""

import os

from algomancy_api import ApiConfiguration

from ...support import wiring
from .algorithms import ALGORITHMS


def configuration() -> ApiConfiguration:
    return wiring.configuration(
        algorithms=ALGORITHMS,
        engine=os.environ["PRINTING_ENGINE"],
        engine_address=os.environ["PRINTING_CLUSTER"] or None,
        persistence_backend="database",
        database_url=os.environ["WIRING_DATABASE"],
        resume_runs=os.environ["PRINTING_RESUME"],
        shutdown_grace=1.0,
    )
