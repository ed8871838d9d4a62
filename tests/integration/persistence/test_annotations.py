"""Tags, labels and notes of scenarios are kept in a database."""

import sqlalchemy as sa

from ...conftest import API, create, default_session, upload_items
from ...support.databases import Database
from .test_queue import opened

TABLE = "algomancy_api_annotations"


def test_they_are_kept_over_a_restart(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        first = create(client, session, tag="first", labels={"kind": "base"}, note="n")
        second, third = create(client, session, tag="second"), create(client, session, tag="third", note="gone")
        client.patch(f"{session}/scenarios/{second}", json={"tag": "renamed", "labels": {"a": "1", "b": "2"}})
        client.patch(f"{session}/scenarios/{second}", json={"labels": {"a": None}})
        client.delete(f"{session}/scenarios/{third}")
        before = client.get(f"{session}/scenarios").content
    with opened(database) as client:
        assert client.get(f"{session}/scenarios").content == before
        assert client.get(f"{session}/scenarios/{first}").json()["note"] == "n"
        form = client.get(f"{session}/scenarios/{second}").json()
        assert (form["tag"], form["labels"]) == ("renamed", {"b": "2"})
        create(client, session, tag="second")
        assert database.rows()[TABLE] == 2


def test_they_are_deleted_with_their_session(database: Database) -> None:
    with opened(database) as client:
        client.post(f"{API}/sessions", json={"display_name": "other"})
        upload_items(client, f"{API}/sessions/other")
        create(client, f"{API}/sessions/other", labels={"a": "b"})
        assert database.rows()[TABLE] == 1
        assert client.delete(f"{API}/sessions/other").status_code == 200
        assert database.rows()[TABLE] == 0


def test_a_database_of_an_earlier_version_gets_the_table(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session)
        before = client.get(f"{session}/scenarios").content
    with database.connected() as connection:
        connection.execute(sa.text(f"DROP TABLE {TABLE}"))
    with opened(database) as client:
        assert client.get(f"{session}/scenarios").content == before
        assert client.patch(f"{session}/scenarios/{scenario_id}", json={"note": "new"}).status_code == 200


def test_what_is_left_of_a_kill_is_deleted(database: Database) -> None:
    with opened(database):
        pass
    with database.connected() as connection:
        left = sa.table(TABLE, sa.column("scenario_id"), sa.column("labels"))
        connection.execute(sa.insert(left).values(scenario_id="gone", labels="{}"))
    with opened(database):
        assert database.rows()[TABLE] == 0


def test_what_a_database_cannot_store_changes_nothing(database: Database) -> None:
    with opened(database) as client:
        session = default_session(client)
        upload_items(client, session)
        scenario_id = create(client, session, tag="kept")
        is_held = database.url.startswith("sqlite")
        for name, value in {"note": "a\0b", "tag": "c\0d"}.items():
            response = client.patch(f"{session}/scenarios/{scenario_id}", json={"labels": {"a": "e"}, name: value})
            assert response.status_code == (200 if is_held else 400)
            if is_held:
                assert response.json()[name] == value
            else:
                assert "which the database cannot store" in response.json()["detail"]
                assert "labels" not in client.get(f"{session}/scenarios").text
        response = client.patch(f"{session}/scenarios/{scenario_id}", json={"labels": {"a\0": "\0"}})
        assert response.json()["labels"]["a\0"] == "\0"
