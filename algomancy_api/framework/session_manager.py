"""The sessions of one server, for callers on many threads."""

import threading
import weakref
from collections.abc import Collection
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast

from algomancy_scenario import SessionManager
from algomancy_scenario.sessionmanager import _new_session_uuid, _validate_display_name

from ..engines.output.run_logs import MOST, RunLogs
from .database.runs.resuming import QUEUED, resume
from .history.record import HistoryRules
from .log_bridge import LoggingBridge
from .run_outcomes import RunListener, ignore_run
from .scenario_manager import ApiScenarioManager
from .scenario_registry import ApiScenarioRegistry
from .session.run_limits import RunLimits
from .session_names import FIRST, check_session_name, other_first_name
from .webhooks.notifying_sessions import NotifyingSessions

if TYPE_CHECKING:  # modules of the database are imported when there is one: SQLAlchemy takes 0.4 s and 10 MB
    from sqlalchemy import Engine

    from .database.ownership import Ownership


class ApiSessionManager(NotifyingSessions):
    """The framework's session manager, with unique names under concurrent calls, and complete copies and deletes.

    Attributes:
        on_run_ended: Called after each run, in any session.
    """

    def __init__(self, *, dataset_storage: str = "columns", resume_runs: str = QUEUED, **keywords: Any) -> None:  # noqa: ANN401
        self._dataset_storage, self._resume_runs = dataset_storage, resume_runs
        self._history: HistoryRules = keywords.pop("history", HistoryRules())
        self._logs = RunLogs(keywords.pop("run_log", MOST))
        self._change, self.run_limits = threading.RLock(), RunLimits()  # its set-up creates the first session
        self._ownership: Ownership | None = None
        self.on_run_ended: RunListener = ignore_run
        try:
            super().__init__(**{"logger": LoggingBridge()} | keywords)
        except BaseException:
            self._dispose()
            raise
        self._publish()

    @classmethod
    def from_config(cls, cfg: object) -> Self:
        """The session manager of a `CoreConfig`.

        Raises:
            TypeError: The argument is not a `CoreConfig`.
        """
        build = SessionManager.from_config.__func__  # type: ignore[attr-defined]  # of a class method
        names = ("dataset_storage", "resume_runs", "run_log", "webhooks")
        own = {name: getattr(cfg, name) for name in names if hasattr(cfg, name)}
        return cast("Self", build(partial(cls, history=HistoryRules.of(cfg), **own), cfg))

    # Reading ---------------------------------------------------------------------------------------------------

    def get_scenario_manager(self, session_id: str) -> ApiScenarioManager:
        """The manager of the session with an id or display name.

        Raises:
            KeyError: There is no such session.
        """
        return cast("ApiScenarioManager", super().get_scenario_manager(session_id))

    @property
    def has_database(self) -> bool:
        """Whether sessions are stored in a database outside this process."""
        if self._db_engine is None:
            return False
        from .database.dialects import dialect_of

        return not dialect_of(self._engine).is_in_process(self._engine.url)

    def check_database(self) -> None:
        """Read from the database.

        Raises:
            Exception: It does not answer, or answers with an error.
        """
        from .database.engine import check

        check(self._engine)

    # Changing --------------------------------------------------------------------------------------------------

    def create_new_session(self, display_name: str) -> str:
        """Create an empty session and return its id. Of several callers with one name, one succeeds.

        Raises:
            ValueError: The name is blank, taken, another session's id, or the database cannot store it.
        """
        with self._change:
            check_session_name(display_name, self._display_names, self._db_engine)
            session_id = super().create_new_session(display_name)
            self._publish()
            return session_id

    def rename_session(self, session_id: str, new_display_name: str) -> None:
        """Rename a session.

        Raises:
            ValueError: The name is blank, taken, another session's id, or the database cannot store it.
            KeyError: There is no such session.
        """
        with self._change:
            if new_display_name != session_id:
                check_session_name(new_display_name, self._display_names, self._db_engine)
            former = self._display_names.get(session_id)
            try:
                super().rename_session(session_id, new_display_name)
            except BaseException:
                if former is not None:  # the framework changes the name in memory before it writes it
                    self._display_names[session_id] = former
                raise
            self._publish()

    def delete_session(self, session_id: str, unlike: Collection[str] = ()) -> None:
        """Delete a session and its content. The last session is replaced by a new one with the name ``main``.

        If ``unlike`` contains ``main``, the new session gets a name that is not in it: a client that sees only sessions
        of these names must not learn that it was the last.

        Raises:
            KeyError: There is no such session.
        """
        with self._change:
            manager = self.get_scenario_manager(session_id)
            if FIRST in unlike and list(self._sessions) == [session_id]:
                self.create_new_session(other_first_name({*unlike, *self._display_names.values()}))
            super().delete_session(session_id)
            self._publish()
        manager.shutdown()
        manager.logs.discard(manager.scenario_ids())

    def copy_session(self, source_id: str, new_display_name: str) -> str:
        """Copy a session's datasets into a new one and return its id.

        The framework copies only references in memory, which are lost at a restart. In a database, the copies are
        written first and the session last, so that it appears complete or not at all.

        Raises:
            ValueError: The name is blank, taken, another session's id, or the database cannot store it.
            KeyError: There is no such session.
        """
        if self._persistence_backend != "database":
            with self._change:
                return super().copy_session(source_id, new_display_name)
        session_id = self._reserve(new_display_name)
        with ExitStack() as undoing:
            undoing.callback(self._display_names.pop, session_id, None)
            manager = self._build_db_scenario_manager(session_id)
            undoing.callback(manager.shutdown)
            undoing.callback(self._cascade_delete_db_session, session_id)
            self.get_scenario_manager(source_id).copy_datasets(manager)
            self._persist_session_to_db(session_id, new_display_name)
            undoing.pop_all()
        with self._change:
            self._sessions[session_id] = manager
            self._publish()
        return session_id

    def open(self) -> None:
        """Let all sessions run scenarios again after a `close`.

        Raises:
            DatabaseInUse: Another app has taken the database meanwhile.
            DatabaseUnavailable: It cannot be reached, or only through a pooler that shares sessions.
        """
        if self._ownership is not None:
            self._ownership.take()
        if True in [self.get_scenario_manager(session_id).open() for session_id in list(self._sessions)]:
            self.resume()

    def resume(self) -> None:
        """Queue again the scenarios that the last shutdown or kill has left in the queues of a database."""
        for session_id, name in self.listing.names.items():
            resume(self.get_scenario_manager(session_id), name, self._resume_runs)

    def close(self) -> None:
        """End idle worker threads, empty the queues, and close the database, without waiting for runs."""
        for session_id in list(self._sessions):
            self.get_scenario_manager(session_id).close()
        self._dispose()

    def shutdown(self) -> None:
        """End the worker threads after the queued runs, and close the database."""
        for session_id in list(self._sessions):
            self.get_scenario_manager(session_id).shutdown()
        self._dispose()

    # Overrides of the framework --------------------------------------------------------------------------------

    @staticmethod
    def _build_engine(database_url: str) -> Engine:
        from .database.engine import create_engine

        return create_engine(database_url)

    def _load_sessions_from_db(self) -> list[dict[str, str]]:
        from .database.engine import sessions_in_order

        return sessions_in_order(self._engine)

    def _init_db_schema(self) -> None:
        from .database.cleanup import sweep
        from .database.ownership import Ownership

        self._ownership = Ownership(self._engine)
        weakref.finalize(self, self._engine.dispose)  # where a program ends, or forgets the app, without closing it
        self._ownership.take()
        super()._init_db_schema()
        sweep(self._engine)

    def _register_filesystem_session(self, session_id: str, display_name: str, dir_name: str) -> None:
        folder = f"{self._data_folder}/{dir_name}" if self._has_persistent_state else None
        is_kept = self._has_persistent_state
        registry = ApiScenarioRegistry(self.logger, self._logs, self._events_in_memory(session_id))
        self._sessions[session_id] = self._build_scenario_manager(
            data_folder=folder, has_persistent_state=is_kept, scenario_repository=registry
        )
        self._display_names[session_id] = display_name
        self._directory_names[session_id] = dir_name

    def _build_db_scenario_manager(self, session_id: str) -> ApiScenarioManager:
        from .database.data_manager import ApiDataManager
        from .database.scenario_repository import ApiScenarioRepository

        shared: dict[str, Any] = {"engine": self._engine, "session_id": session_id, "logger": self.logger}
        data_manager = ApiDataManager(
            etl_factory=self._etl_factory,
            schemas=self._schemas,
            data_object_type=self._data_object_type,
            datasource_cache_size=self._hydrated_cache_size,
            storage=self._dataset_storage,
            **shared,
        )
        repository = ApiScenarioRepository(
            algorithms=self._algorithms,
            kpis=self._kpis,
            data_manager=data_manager,
            hydrated_cache_size=self._hydrated_cache_size,
            eager_startup=self._eager_startup,
            run_log=self._logs.most,
            events=self._stored_events(session_id),
            **shared,
        )
        # The framework does this, too, but only logs errors: the session would look empty.
        data_manager.startup()
        repository.startup()
        return self._build_scenario_manager(data_manager=data_manager, scenario_repository=repository)

    def _build_scenario_manager(self, **keywords: Any) -> ApiScenarioManager:  # noqa: ANN401 - the framework's own
        return ApiScenarioManager(
            etl_factory=self._etl_factory,
            kpis=self._kpis,
            algorithms=self._algorithms,
            schemas=self._schemas,
            data_object_type=self._data_object_type,
            logger=self.logger,
            save_type=self._save_type,
            autocreate=self._auto_create_scenario,
            default_algo_name=self._default_algo_name,
            default_param_values=self._default_param_values,
            autorun=self._autorun,
            history=self._history,
            on_run_ended=lambda outcome, seconds: self.on_run_ended(outcome, seconds),
            run_limits=self.run_limits,
            **keywords,
        )

    def _cascade_delete_db_session(self, session_id: str) -> None:
        from .database.cleanup import content_deletion

        with content_deletion(self._engine, session_id):
            super()._cascade_delete_db_session(session_id)

    def _dispose(self) -> None:
        if self._db_engine is not None:
            self._db_engine.dispose()
        if self._ownership is not None:
            self._ownership.release()

    def _reserve(self, display_name: str) -> str:
        """Reserve a free name for a new session, and return its id."""
        with self._change:
            _validate_display_name(display_name)
            check_session_name(display_name, self._display_names, self._db_engine)
            if display_name in self._display_names.values():
                raise ValueError(f"Session '{display_name}' already exists.")
            self._display_names[session_id := _new_session_uuid()] = display_name
            return session_id
