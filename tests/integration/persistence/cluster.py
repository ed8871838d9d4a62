"""A PostgreSQL server for the tests: on a socket in a temporary folder, stopped with the test process."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from ...support.clients import PATIENCE, eventually

#: System users: PostgreSQL refuses to run as root, so the first of these that exists runs it.
_USERS = ("postgres", "nobody")

#: A test's server may forget all in a loss of power, but nothing when it is killed.
_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "200",
}


def programs() -> Path | None:
    """The folder of the server's programs; None where there is no server."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((folder for folder in folders if (folder / "postgres").exists()), None)


class Cluster:
    """A server and its databases.

    Args:
        folder: Where it keeps its data, and its socket; it has to be short.
        programs: Where its programs are.

    Attributes:
        as_owner: How a program is started as the user whom the folder belongs to, for `subprocess`.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self._programs = programs
        self._server: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            for user in _USERS:
                with contextlib.suppress(LookupError):
                    shutil.chown(folder, user)
                    break
        owner = folder.stat()
        self.as_owner: dict[str, Any] = {"cwd": folder}
        if os.geteuid() == 0:
            self.as_owner |= {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        command = [str(programs / "initdb"), *options, str(folder / "data")]
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE, **self.as_owner)  # noqa: S603

    def start(self) -> None:
        """Start the server, and return when it takes connections."""
        options = _OPTIONS | {"unix_socket_directories": str(self.folder)}
        settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        # It must not outlive a test run that is killed.
        with_parent = [shutil.which("setpriv") or "setpriv", "--pdeathsig=QUIT"]
        command = [*with_parent, str(self._programs / "postgres"), "-D", str(self.folder / "data"), *settings]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, **self.as_owner)  # noqa: S603
        eventually(self._answers)

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server: SIGQUIT breaks off whatever it does, SIGKILL without its knowledge."""
        if self._server is not None:
            self._server.send_signal(how)
            self._server.wait(PATIENCE)
            self._server = None

    def url(self, database: str) -> str:
        """The address of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A new database, for SQLAlchemy; gone at the end."""
        name = f"test_{uuid.uuid4().hex}"
        self._execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield self.url(name)
        self._execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def disconnect_all(self) -> None:
        """End every connection but the one that says so, as a server's administrator may."""
        others = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname ~ '^test'"
        )
        self._execute(sql.SQL(others))

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with self._connected() as connection:
            connection.execute(statement)

    def _connected(self) -> psycopg.Connection[Any]:
        return psycopg.connect(f"user=postgres dbname=postgres host={self.folder}", autocommit=True)

    def _answers(self) -> bool:
        assert self._server is not None
        assert self._server.poll() is None, (self.folder / "log").read_text()
        try:
            self._connected().close()
        except psycopg.OperationalError:
            time.sleep(0.02)
            return False
        return True


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server at work, and gone at the end with all that it kept."""
    found = programs()
    assert found is not None, "there is no PostgreSQL: run tests/integration/persistence/setup"
    folder = Path(tempfile.mkdtemp(prefix="algomancy-pg-", dir="/tmp"))
    try:
        cluster = Cluster(folder, found)
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
