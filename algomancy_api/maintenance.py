"""Maintenance of a database while no server runs: `migrate` and `vacuum` of the command ``algomancy-api``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from .config import ApiConfiguration
from .framework import ApiSessionManager


class NoDatabase(ValueError):
    """The configuration has no database."""


def migrate(configuration: ApiConfiguration, storage: str) -> bool:
    """Convert the datasets and results of a database, and print what is different afterwards.

    Args:
        configuration: The configuration of the server.
        storage: The value of ``dataset_storage`` to convert to.

    Returns:
        Whether everything is converted, and nothing is different.

    Raises:
        NoDatabase: The configuration has no database.
        DatabaseInUse: A server runs on it.
    """
    from .framework.database.migration import steps  # SQLAlchemy takes 0.4 s

    found: list[str] = []
    with _opened(configuration) as sessions:
        todo = steps(sessions, storage)
        with click.progressbar(todo, label="Converting", file=sys.stderr, show_pos=True) as bar:
            for step in bar:
                where = f"{step.name} of session {step.session!r}"
                try:
                    found += [f"{where}: {difference}" for difference in step.convert()]
                except Exception as error:
                    found.append(f"{where} is left as it was: {type(error).__name__}: {error}")
    print(f"{len(todo)} datasets and results were to be converted to {storage!r}.")
    for line in found or ["Nothing is different."]:
        print(line)
    return not found


def vacuum(configuration: ApiConfiguration) -> None:
    """Give the unused space of a database back to the disk, and print how much.

    Raises:
        NoDatabase: The configuration has no database.
        DatabaseInUse: A server runs on it.
    """
    from .framework.database.dialects import dialect_of

    with _opened(configuration) as sessions:
        dialect = dialect_of(sessions._engine)
        before = dialect.size(sessions._engine)
        dialect.vacuum(sessions._engine)
        after = dialect.size(sessions._engine)
    print(f"The database has {after / 1e6:,.1f} MB, {(before - after) / 1e6:,.1f} MB less than before.")


@contextmanager
def _opened(configuration: ApiConfiguration) -> Iterator[ApiSessionManager]:
    if configuration.persistence_backend != "database":
        raise NoDatabase('the configuration has no database: its persistence_backend is not "database"')
    quiet = {"autocreate": False, "autorun": False, "eager_startup": False}
    sessions = ApiSessionManager.from_config(ApiConfiguration(**configuration.as_dict() | quiet))
    try:
        yield sessions
    finally:
        sessions.shutdown()
