"""PostgreSQL behind a pooler: a server whose lock would be shared with others does not start, and leaves no lock."""

import contextlib
import os
import threading
from collections.abc import Iterator

import psycopg
import pytest
import sqlalchemy as sa

from algomancy_api import ApiLauncher
from algomancy_api.framework import ConnectionsShared, DatabaseInUse, DatabaseUnavailable
from algomancy_api.framework.database.dialects.postgresql import advisory_lock, poolers

from ...conftest import API, default_session, upload_items
from ...support.clients import calling, eventually
from ...support.databases import Database
from ...support.errors import assert_error
from ...support.processes import COMMAND, Process, free_port
from .cluster import Cluster
from .pgbouncer import PORT, PgBouncer, running_pgbouncer
from .test_ownership import TARGET, started_second

#: As often as chance must not decide.
OFTEN = 20

REFUSED = "connect to PostgreSQL directly, or have the pooler use session mode for this database"


@pytest.fixture
def direct(cluster: Cluster) -> Iterator[Database]:
    """A new database, without a pooler."""
    with cluster.database() as url:
        yield Database(url)


def start(database: Database) -> None:
    """Start an app and end it."""
    ApiLauncher.build(database.configuration()).state.session_manager.shutdown()


def advisory_locks(direct: Database) -> int:
    """How many advisory locks anybody has in a database."""
    held = (
        "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_locks.database = pg_database.oid "
        "WHERE locktype = 'advisory' AND datname = current_database()"
    )
    with direct.connected() as connection:
        return int(connection.exec_driver_sql(held).scalar_one())


@contextlib.contextmanager
def others_at_work(pooler: PgBouncer, direct: Database, count: int) -> Iterator[None]:
    """Clients of the pooler that have one short transaction after the other."""
    database = sa.make_url(direct.url).database
    done = threading.Event()
    at_work = threading.Barrier(count + 1)

    def work() -> None:
        options = f"user=postgres dbname={database} host={pooler.folder} port={PORT}"
        with psycopg.connect(options, prepare_threshold=None) as connection:
            at_work.wait()
            while not done.is_set():
                connection.execute("SELECT pg_sleep(random() / 500)")
                connection.commit()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        at_work.wait()
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("mode", ["transaction", "statement"])
@pytest.mark.parametrize("sessions", [1, 20])
@pytest.mark.parametrize("in_turn", [0, 1])
def test_no_app_starts_on_shared_sessions(
    cluster: Cluster, direct: Database, mode: str, sessions: int, in_turn: int
) -> None:
    with running_pgbouncer(cluster, pool_mode=mode, default_pool_size=sessions, server_round_robin=in_turn) as pooler:
        for _ in range(OFTEN):
            with pytest.raises(ConnectionsShared, match=REFUSED):
                start(Database(pooler.url(direct.url)))
        assert advisory_locks(direct) == 0
        with direct.connected() as connection:
            assert sa.inspect(connection).get_table_names() == []
    start(direct)


@pytest.mark.parametrize(("sessions", "others"), [(1, 3), (2, 1), (2, 3), (5, 3), (5, 10)])
def test_no_app_starts_on_sessions_that_others_use_as_well(
    cluster: Cluster, direct: Database, sessions: int, others: int
) -> None:
    with (
        running_pgbouncer(cluster, pool_mode="transaction", default_pool_size=sessions) as pooler,
        others_at_work(pooler, direct, others),
    ):
        for _ in range(OFTEN):
            with pytest.raises(ConnectionsShared):
                start(Database(pooler.url(direct.url)))
        assert advisory_locks(direct) == 0


def test_no_app_starts_behind_several_poolers_of_one_address(cluster: Cluster, direct: Database) -> None:
    with (
        running_pgbouncer(cluster, pool_mode="transaction") as one,
        running_pgbouncer(cluster, pool_mode="transaction") as other,
    ):
        hosts = {"host": f"{one.folder},{other.folder}", "port": f"{PORT},{PORT}", "load_balance_hosts": "random"}
        url = sa.make_url(direct.url).update_query_dict(hosts).render_as_string()
        for _ in range(OFTEN):
            with pytest.raises(ConnectionsShared):
                start(Database(url))


def test_an_app_starts_without_a_pooler_however_busy_the_database_is(direct: Database) -> None:
    with contextlib.ExitStack() as others:
        for _ in range(5):
            others.enter_context(direct.connected()).exec_driver_sql("SELECT 1")
        for _ in range(OFTEN):
            start(direct)


def test_the_command_says_so_in_one_line(cluster: Cluster, direct: Database) -> None:
    with running_pgbouncer(cluster, pool_mode="transaction") as pooler:
        database = Database(pooler.url(direct.url))
        server = started_second(
            database, *COMMAND, "serve", f"tests.support.wiring:{TARGET}", "--port", str(free_port())
        )
    assert (server.returncode, server.stdout) == (2, "")
    [line] = server.stderr.splitlines()
    assert REFUSED in line


def test_in_session_mode_one_server_owns_the_database_until_it_is_killed(cluster: Cluster, direct: Database) -> None:
    with running_pgbouncer(cluster, pool_mode="session") as pooler:
        database = Database(pooler.url(direct.url))
        server = Process(TARGET, free_port(), WIRING_DATABASE=database.url)
        for second in (database, direct):
            with pytest.raises(DatabaseInUse, match=f"is in use by process {server.process_id} on "):
                ApiLauncher.build(second.configuration())
        session = default_session(server.client)
        assert upload_items(server.client, session).status_code == 200
        server.end()
        app = ApiLauncher.build(database.configuration())
        with calling(app) as client:
            assert client.get(f"{session}/data").json() == {"keys": ["items"]}
        app.state.session_manager.shutdown()


def test_a_server_without_a_pooler_keeps_off_one_behind_it(cluster: Cluster, direct: Database) -> None:
    app = ApiLauncher.build(direct.configuration())
    with running_pgbouncer(cluster, pool_mode="transaction") as pooler, pytest.raises(DatabaseUnavailable):
        ApiLauncher.build(Database(pooler.url(direct.url)).configuration())
    with calling(app) as client:
        assert client.post(f"{API}/sessions", json={"display_name": "unharmed"}).status_code == 201
    app.state.session_manager.shutdown()


def test_a_pool_that_has_no_second_session_is_refused_in_time(
    cluster: Cluster, direct: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poolers, "_PATIENCE", 0.5)
    with (
        running_pgbouncer(cluster, pool_mode="session", default_pool_size=1) as pooler,
        pytest.raises(DatabaseUnavailable, match="its pool is too small"),
    ):
        ApiLauncher.build(Database(pooler.url(direct.url)).configuration())


def test_a_session_that_is_used_again_has_no_lock_of_an_app_that_is_closed(cluster: Cluster, direct: Database) -> None:
    with running_pgbouncer(cluster, pool_mode="session", server_reset_query="") as pooler:
        start(Database(pooler.url(direct.url)))
        assert advisory_locks(direct) == 0
        start(direct)


def test_an_app_that_comes_to_share_sessions_answers_503_until_it_does_no_longer(
    cluster: Cluster, direct: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advisory_lock, "_TRUSTED", 0)
    with running_pgbouncer(cluster, pool_mode="session") as pooler:
        app = ApiLauncher.build(Database(pooler.url(direct.url)).configuration())
        with calling(app) as client:
            for mode, status in (("transaction", 503), ("session", 201)):
                pooler.stop()
                pooler.start(pool_mode=mode)
                answer = client.post(f"{API}/sessions", json={"display_name": mode})
                if status == 503:
                    assert_error(answer, 503)
                    assert advisory_locks(direct) == 0
                assert answer.status_code == status
        app.state.session_manager.shutdown()


@pytest.fixture
def lavish(direct: Database) -> Database:
    """A database that gives the lock to everybody, as some do that speak PostgreSQL's protocol."""
    with direct.connected() as connection:
        connection.exec_driver_sql("CREATE SCHEMA lavish")
        connection.exec_driver_sql(
            "CREATE FUNCTION lavish.pg_try_advisory_xact_lock(int, int) RETURNS bool LANGUAGE sql AS 'SELECT true'"
        )
    return Database(f"{direct.url}&options=-csearch_path=lavish,pg_catalog")


def test_no_app_starts_where_a_second_connection_gets_the_lock(direct: Database, lavish: Database) -> None:
    with pytest.raises(ConnectionsShared):
        ApiLauncher.build(lavish.configuration())
    eventually(lambda: advisory_locks(direct) == 0)


def test_a_child_of_a_fork_does_not_give_back_the_lock_of_its_parent(direct: Database) -> None:
    app = ApiLauncher.build(direct.configuration())
    child = os.fork()
    if not child:
        try:
            app.state.session_manager._ownership.release()
        finally:
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert advisory_locks(direct) == 1
    app.state.session_manager.shutdown()
