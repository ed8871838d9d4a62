"""A full disk: a clear error, nothing half stored, and normal service once there is space again."""

import subprocess
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from algomancy_scenario.result import ScenarioResult

from algomancy_api import ApiLauncher
from algomancy_api.framework.database.storage import blobs

from ...conftest import create, default_session, upload_items
from ...support import wiring
from ...support.clients import calling, ended
from ...support.databases import Database
from ...support.errors import assert_error
from .test_persistence import opened

_SIZE = 3 * 1024 * 1024


class SmallDisk:
    """A file system of three megabytes, in which a ballast takes what is left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self, but: int = 0) -> None:
        """Leave so many bytes free."""
        with self._ballast.open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                ballast.truncate(max(0, ballast.tell() - but))

    def clear(self) -> None:
        self._ballast.unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["/bin/mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "none", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:  # noqa: S603
        pytest.skip("a small file system can be mounted by root alone")
    yield SmallDisk(folder)
    subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)  # noqa: S603


class LargeResult(ScenarioResult):
    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"text": "x" * 500_000}

    def to_json(self) -> str:
        return super().to_json().removesuffix("}") + f', "text": "{"x" * 500_000}"}}'


class Large(wiring.Algorithm):
    result_class = LargeResult

    def run(self, data: Any) -> Any:
        return LargeResult(data.id)


LONG_TABLE = "id;name;weight\n" + "".join(f"{number};item {number};0.5\n" for number in range(12_000))


def test_a_full_disk_of_the_database(disk: SmallDisk) -> None:
    configuration = Database(f"sqlite:///{disk.folder}/wiring.sqlite").configuration(algorithms={"Large": Large})
    app = ApiLauncher.build(configuration)
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario = create(client, session, "Large")
        disk.fill()
        assert_error(upload_items(client, session, "long", LONG_TABLE), 507, "full")
        assert_error(upload_items(client, session, "items", LONG_TABLE, "?replace=true"), 507, "full")
        client.post(f"{session}/scenarios/{scenario}/run")
        failed = ended(client, session, scenario)
        assert failed["status"] == "failed"
        assert "full" in failed["result"]["error"]
        assert client.get(f"{session}/data").json() == {"keys": ["items"]}
        assert len(client.get(f"{session}/data/items").json()["tables"]["items"]["data"]) == 3
        disk.clear()
        assert upload_items(client, session, "later").status_code == 200
        assert client.post(f"{session}/scenarios/{scenario}/reset").status_code == 200
        client.post(f"{session}/scenarios/{scenario}/run")
        complete = ended(client, session, scenario)
        assert complete["status"] == "complete"
    app.state.session_manager.shutdown()
    app = ApiLauncher.build(configuration)
    with calling(app) as client:
        assert client.get(f"{session}/data").json() == {"keys": ["items", "later"]}
        assert client.get(f"{session}/scenarios/{scenario}").json()["status"] == "complete"
    app.state.session_manager.shutdown()


def test_what_a_full_disk_cut_short_takes_no_space_afterwards(disk: SmallDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_BYTES_AT_ONCE", 1)
    monkeypatch.setattr("algomancy_api.framework.database.storage.columns.PIECE", 50_000)
    rows = (f"{number};{sha256(b'%d' % number).hexdigest()};0.5\n" for number in range(30_000))
    long_table = "id;name;weight\n" + "".join(rows)  # which is large when it is compressed, too
    database = Database(f"sqlite:///{disk.folder}/wiring.sqlite")
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        before = database.rows()
        disk.fill(but=900_000)  # enough for some of the pieces
        for number in range(3):
            assert_error(upload_items(client, session, f"long {number}", long_table), 507, "full")
        disk.clear()
        upload_items(client, session, "later")
        assert database.stored() == 2
        assert database.rows()["algomancy_api_blobs"] == 2 * before["algomancy_api_blobs"]


def test_a_full_disk_of_the_uploads(disk: SmallDisk, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(disk.folder))
    with opened(database) as client:
        session = default_session(client)
        disk.fill()
        assert_error(upload_items(client, session, "long", LONG_TABLE), 507, "uploads")
        scenario_free = client.get(f"{session}/data").json()
        assert scenario_free == {"keys": []}
        disk.clear()
        assert upload_items(client, session, "long", LONG_TABLE).status_code == 200
        disk.fill()
        assert_error(upload_items(client, session, "longer", LONG_TABLE), 507, "uploads")
        disk.clear()
        assert upload_items(client, session, "longer", LONG_TABLE).status_code == 200
