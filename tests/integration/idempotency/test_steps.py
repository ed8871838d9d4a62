"""Whatever a killed server has stored of a request with a key, its retry has the effect once, and the right answer.

A kill leaves what is committed. So the database is copied before each commit of a request, and at its end, and the
request is sent again to a server on each of these copies.
"""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from algomancy_api.framework.idempotency.pending import pending_key

from ...conftest import API, upload_items
from ...support.databases import Database
from ..persistence.test_persistence import opened
from .requests import CHANGES, KEY, MAIN, POSTS, fill
from .test_again import REPLAYED, content, idle

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+")


def stored_in(folder: Path) -> Database:
    return Database(f"sqlite:///{folder}/wiring.sqlite")


@contextmanager
def copied_at_each_commit(folder: Path) -> Iterator[list[Path]]:
    """The folders with the copies of a database, which grow with each commit of a request, and by one at the end.

    What runs and their logs commit is not copied: a kill cuts them off, which a key has no part in.
    """
    copies: list[Path] = []

    def copy() -> None:
        copies.append(folder / str(len(copies)))
        copies[-1].mkdir()
        with (
            closing(sqlite3.connect(folder / "wiring.sqlite")) as source,
            closing(sqlite3.connect(copies[-1] / "wiring.sqlite")) as target,
        ):
            source.backup(target)

    def copy_of_request(_connection: object) -> None:
        if pending_key.get() is not None:
            copy()

    sa.event.listen(sa.Engine, "commit", copy_of_request)
    try:
        yield copies
    finally:
        sa.event.remove(sa.Engine, "commit", copy_of_request)
    copy()


def seen(client: Any) -> Any:
    """What a client sees, without ids and times, and how often each scenario has run."""
    shown = {}
    for name, (datasets, summaries) in content(client).items():
        url = f"{API}/sessions/{name}/scenarios"
        runs = {each["tag"]: len(client.get(f"{url}/{each['id']}/runs").json()) for each in summaries}
        shown[name] = datasets, runs, {each["tag"]: each["status"] for each in summaries}
    return shown


@pytest.mark.parametrize("name", POSTS)
def test_a_retry_after_a_kill_at_any_step(tmp_path: Path, name: str) -> None:
    with opened(stored_in(tmp_path)) as client:
        upload_items(client, MAIN)
        fill(client)
        idle(client)
        with copied_at_each_commit(tmp_path) as copies:
            first = POSTS[name](client, KEY)
            assert first.is_success, first.text
            idle(client)  # a listener is not removed while a run commits
        after = seen(client)
    answers = []
    for copy in copies:
        with opened(stored_in(copy)) as client:
            again = POSTS[name](client, KEY)
            assert again.status_code == first.status_code, again.text
            assert _ID.sub("", again.text) == _ID.sub("", first.text)
            idle(client)
            assert seen(client) == after
            answers.append((again.headers.get(REPLAYED), again.text == first.text))
            assert POSTS[name](client, KEY).content == again.content
        shutil.rmtree(copy)
    # Nothing is stored before the effect; from then on, the answer is the same to the last byte.
    assert answers[0][0] is None
    assert answers[-1] == ("true", True)
    assert sorted(answers, key=lambda answer: answer[0] is not None) == answers


@pytest.mark.parametrize("name", CHANGES)
def test_a_retry_of_many_changes_does_what_is_left(tmp_path: Path, name: str) -> None:
    with opened(stored_in(tmp_path)) as client:
        upload_items(client, MAIN)
        fill(client)
        idle(client)
        with copied_at_each_commit(tmp_path) as copies:
            first = CHANGES[name](client, KEY)
        after = seen(client)
    for copy in copies:
        with opened(stored_in(copy)) as client:
            again = CHANGES[name](client, KEY)
            assert again.status_code == first.status_code, again.text
            assert again.json().keys() == first.json().keys()
            assert seen(client) == after
            if copy is copies[-1]:
                assert (again.headers.get(REPLAYED), again.text) == ("true", first.text)
        shutil.rmtree(copy)
