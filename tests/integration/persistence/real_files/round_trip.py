"""Files go in by the ETL of an app, and what it loads comes back wherever the dataset is read from."""

import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from algomancy_data import DataSource

from algomancy_api.framework.database.storage.catalogue import COLUMNS

from ....conftest import API
from ....support.clients import AppClient
from ....support.databases import Database
from ....support.frames import assert_same_frame
from ..test_persistence import opened
from . import wiring

#: The URL path of a session.
MAIN = f"{API}/sessions/main"


class Verdict(StrEnum):
    """What became of a file: it came back equal, did not go in, or is not as it was."""

    EQUAL = "equal"
    REFUSED = "refused"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Outcome:
    """A verdict, and why if it is not equal."""

    verdict: Verdict
    why: str = ""


def outcomes(database: Database, files: Mapping[str, Path], storage: str = COLUMNS) -> dict[str, Outcome]:
    """What became of each file, by its name, on an empty database.

    Each file becomes a dataset. It is compared after an eviction, in a copy of the session, as a derived dataset, and
    in each of these places after a restart.
    """
    schemas = {name: wiring.schemas_of(path, name) for name, path in files.items()}
    all_schemas = [schema for of_a_file in schemas.values() for schema in of_a_file]
    wired = {
        "etl_factory": wiring.EtlFactory,
        "schemas": all_schemas,
        "data_object_type": DataSource,
        "hydrated_cache_size": 1,
        "dataset_storage": storage,
    }
    with opened(database, **wired) as client:
        found = {name: _upload(client, name, path, schemas[name]) for name, path in files.items()}
        documents = {name: _document(client, name) for name in _equal(found)}
        for name in documents:
            _post(client, f"{_dataset(name)}/derive", {"new_key": _derived(name)})
        _post(client, f"{MAIN}/copy", {"new_display_name": "copy"})
        found |= {name: _compare(client, name, documents[name], "after an eviction") for name in _equal(found)}
    with opened(database, **wired) as client:
        found |= {name: _compare(client, name, documents[name], "after a restart") for name in _equal(found)}
    return found


def _equal(found: Mapping[str, Outcome]) -> list[str]:
    return [name for name, outcome in found.items() if outcome.verdict is Verdict.EQUAL]


def _derived(name: str) -> str:
    return f"derived from {name}"


def _dataset(name: str) -> str:
    return f"{MAIN}/data/{quote(name, safe='')}"


def _post(client: AppClient, url: str, body: object) -> None:
    response = client.post(url, json=body)
    assert response.status_code == 201, response.text


def _document(client: AppClient, name: str) -> bytes:
    response = client.get(_dataset(name))
    assert response.status_code == 200, response.text
    return response.content


def _upload(client: AppClient, name: str, path: Path, schemas: Iterable[type[wiring.AnyFile]]) -> Outcome:
    """Upload a file under the name of each of its schemas."""
    content = path.read_bytes()
    files = [("files", (f"{schema.file_name()}{path.suffix}", content)) for schema in schemas]
    response = client.post(f"{MAIN}/etl", data={"dataset_name": name}, files=files)
    if response.status_code in (400, 413):
        return Outcome(Verdict.REFUSED, response.json()["detail"])
    if response.status_code != 200 or not response.json()["success"]:
        return Outcome(Verdict.DIFFERENT, f"{response.status_code}: {response.text}")
    return Outcome(Verdict.EQUAL)


def _compare(client: AppClient, name: str, document: bytes, when: str) -> Outcome:
    """Compare each dataset of a file with what the ETL loaded, and its document with the first one."""
    for session in ("main", "copy"):
        for key in (name, _derived(name)):
            manager = client.app.state.session_manager.get_scenario_manager(session)  # type: ignore[attr-defined]
            if difference := _difference(manager.get_data(key).tables, wiring.LOADED[name]):
                return Outcome(Verdict.DIFFERENT, f"{key!r} in session {session!r} {when}: {difference}")
    if _document(client, name) != document:
        return Outcome(Verdict.DIFFERENT, f"the document of {name!r} {when}")
    return Outcome(Verdict.EQUAL)


def _difference(tables: Mapping[str, pd.DataFrame], loaded: Mapping[str, pd.DataFrame]) -> str:
    if list(tables) != list(loaded):
        return f"tables {list(tables)} instead of {list(loaded)}"
    for name, frame in loaded.items():
        try:
            pd.testing.assert_frame_equal(
                tables[name], frame, check_column_type=True, check_index_type=True, check_exact=True, check_freq=True
            )
            assert_same_frame(tables[name], frame)
        except AssertionError as error:
            line = traceback.extract_tb(error.__traceback__)[-1].line
            return f"table {name!r}: {str(error) or line}"
    return ""
