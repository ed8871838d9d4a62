"""The logs of one session's runs, in a database."""

import logging
from collections.abc import Iterable
from contextlib import suppress

import sqlalchemy as sa

from .....engines.output import Output
from .....engines.output.run_logs import RunLogs
from .....engines.run import Run
from ....errors import DatabaseUnavailable
from . import table
from .growing import GrowingLog
from .writer import LogWriter

_logger = logging.getLogger("algomancy_api")


class StoredLogs(RunLogs):
    """The logs of one session's runs. In memory are those of runs that go on, and those that could not be stored.

    Args:
        engine: The database.
        most: Bytes: the longest log of one run.
    """

    def __init__(self, engine: sa.Engine, most: int) -> None:
        super().__init__(most)
        self._engine = engine
        self._writer = LogWriter()

    def begin(self, run: Run) -> None:
        super().begin(run)
        if run.output is not None:
            self._writer.add(GrowingLog(self._engine, run.scenario_id, run.output))

    def store(self, scenario_id: str) -> None:
        """Store the log of a run that is about to end.

        Raises:
            DatabaseUnavailable: It can be stored later.
        """
        if (log := self._writer.find(scenario_id)) is None:
            return
        try:
            log.write(is_last=True)
        except DatabaseUnavailable:
            raise
        except Exception as error:  # the run has succeeded all the same
            _logger.warning("The log of the scenario %r stays in memory, it cannot be stored: %s", scenario_id, error)

    def end(self, run: Run) -> None:
        log = self._writer.find(run.scenario_id)
        if log is None or log.output is not run.output:  # it was reset, and perhaps runs again
            super().end(run)
            return
        self._writer.remove(log)
        if not log.is_stored:
            log.end()
            super().end(run)
            return
        log.output.close()
        with self._lock:
            if self._current.get(run.scenario_id) is run.output:  # not of a later run, after a reset
                self._discard(run.scenario_id)

    def forget(self, scenario_id: str) -> None:
        super().forget(scenario_id)
        with suppress(Exception):  # it is replaced by that of the next run, or deleted at the next start
            self._delete(scenario_id)

    def discard(self, scenario_ids: Iterable[str]) -> None:
        for scenario_id in scenario_ids:
            super().discard([scenario_id])
            if (log := self._writer.find(scenario_id)) is not None:
                self._writer.remove(log)
                log.end()

    def find(self, scenario_id: str) -> Output | None:
        return super().find(scenario_id) or table.read(self._engine, scenario_id)

    def close(self) -> None:
        self._writer.close()

    def open(self) -> None:
        self._writer.open()

    def _delete(self, scenario_id: str) -> None:
        with self._engine.begin() as connection:
            table.delete(connection, scenario_id)
