"""PgBouncer, a connection pooler, in front of the tests' PostgreSQL: on a socket in a temporary folder."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from ...support.clients import PATIENCE, eventually
from .cluster import Cluster

#: What to set to "required" where a missing PgBouncer is a fault and no reason to skip tests: as for PostgreSQL.
REQUIRED = "TEST_POSTGRESQL"

PORT = 6432

_PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

#: Configuration of PgBouncer: all clients use the one PostgreSQL user of the tests.
_CONFIGURATION = """\
[databases]
* = host={cluster} user=postgres

[pgbouncer]
unix_socket_dir = {folder}
listen_port = {port}
auth_type = any
logfile = {folder}/log
{settings}
"""


class PgBouncer:
    """A pooler, which may be started again with other settings.

    Attributes:
        folder: The folder of its socket.
    """

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.folder = folder
        self._cluster = cluster
        self._process: subprocess.Popen[bytes] | None = None
        owner = cluster.folder.stat()
        if os.geteuid() == 0:  # as which PgBouncer does not run
            os.chown(folder, owner.st_uid, owner.st_gid)

    def url(self, direct: str) -> str:
        """The address of a database through the pooler, from its own."""
        url = sa.make_url(direct).update_query_dict({"host": str(self.folder), "port": str(PORT)})
        return url.render_as_string(hide_password=False)

    def start(self, **settings: str | int) -> None:
        """Start it with those settings, and return when it takes connections."""
        assert _PROGRAM is not None, "there is no PgBouncer: run tests/integration/persistence/setup"
        lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
        text = _CONFIGURATION.format(cluster=self._cluster.folder, folder=self.folder, port=PORT, settings=lines)
        (self.folder / "pgbouncer.ini").write_text(text)
        # It must not outlive a test run that is killed.
        with_parent = [shutil.which("setpriv") or "setpriv", "--pdeathsig=KILL"]
        command = [*with_parent, _PROGRAM, "--quiet", str(self.folder / "pgbouncer.ini")]
        self._process = subprocess.Popen(command, **self._cluster.as_owner)  # noqa: S603
        eventually(self._answers)

    def stop(self) -> None:
        """Break off all its connections, and end."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None
            (self.folder / f".s.PGSQL.{PORT}").unlink(missing_ok=True)

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self.folder / "log").read_text()
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"user=postgres dbname=postgres host={self.folder} port={PORT}").close()
            return True
        return False


@contextlib.contextmanager
def running_pgbouncer(cluster: Cluster, **settings: str | int) -> Iterator[PgBouncer]:
    """A pooler with those settings, and gone at the end; where there is none, the test is skipped."""
    if _PROGRAM is None and os.environ.get(REQUIRED) != "required":
        pytest.skip("there is no PgBouncer: run tests/integration/persistence/setup")
    folder = Path(tempfile.mkdtemp(prefix="algomancy-pb-", dir="/tmp"))
    try:
        pooler = PgBouncer(cluster, folder)
        try:
            pooler.start(**settings)
            yield pooler
        finally:
            pooler.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
