"""The bundled datasets, loaded into an empty database."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from algomancy_data import CSVFile
from algomancy_scenario import CoreConfig, ScenarioManager

from ..framework import ApiSessionManager
from .schemas import SCHEMAS

DATA = Path(__file__).parent / "data"

# Folders by dataset key. The smallest dataset has the framework's default key.
BUNDLED = {"Master data": "pcb442", "att532": "att532", "gr666": "gr666"}


def seed(config: CoreConfig) -> None:
    """Load the bundled datasets into the start session, unless a session has a dataset.

    So a deleted dataset is not loaded again as long as another one is left. The database is closed afterwards.

    Args:
        config: A configuration with `persistence_backend="database"`.

    Raises:
        RuntimeError: A bundled dataset was rejected; the message has the reason.
    """
    with _opened(config) as sessions:
        managers = [sessions.get_scenario_manager(session) for session in sessions.session_ids]
        if any(manager.get_data_keys() for manager in managers):
            return
        start = sessions.get_scenario_manager(sessions.start_session_id)
        for key, folder in BUNDLED.items():
            _load(start, key, DATA / folder)


def files(folder: Path) -> dict[str, CSVFile]:
    """The files of one dataset, as the framework's ETL takes them."""
    return {
        schema.file_name(): CSVFile(schema.file_name(), path=str(folder / schema.file_name_with_extension()))
        for schema in SCHEMAS
    }


def _load(manager: ScenarioManager, key: str, folder: Path) -> None:
    result = manager.etl_data(files(folder), key)
    if result.is_failure:
        raise RuntimeError(f"Bundled dataset {key!r} was rejected: {'; '.join(map(str, result.messages))}")


@contextmanager
def _opened(config: CoreConfig) -> Iterator[ApiSessionManager]:
    """A context with the sessions of a database, which is closed at the end."""
    # The server creates and runs scenarios if `autocreate` or `autorun` is set: seeding must not wait for them.
    quiet = copy.copy(config)
    quiet.autocreate = quiet.autorun = False
    sessions = ApiSessionManager.from_config(quiet)
    try:
        yield sessions
    finally:
        sessions.shutdown()
