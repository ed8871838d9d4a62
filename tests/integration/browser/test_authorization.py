"""Login in Swagger UI: the token is sent with every request and survives a reload."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from algomancy_api import Token
from algomancy_api.auth.tokens import new_secret

from .conftest import Visit
from .servers import guarded
from .swagger import Answer, fill

READER, ADMIN = new_secret(), new_secret()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[str]:
    with guarded(tmp_path / "data", Token("reader", READER), Token("admin", ADMIN, "admin", ["main"])) as url:
        yield url


def test_a_token_outlives_the_page(root: str, visit: Visit) -> None:
    with visit(root) as docs:
        before = docs.execute(docs.form("getHealth"))
        assert (before.status, before.body["sessions"]) == (200, [])
        assert "authorization" not in before.sent
        docs.authorize(READER)
        docs.reload()
        answer = docs.execute(docs.form("listSessions"))  # the page comes back with the other one unfolded
        assert answer.status == 200
        assert answer.sent["authorization"] == f"Bearer {READER}"
        assert [session["display_name"] for session in answer.body["sessions"]] == ["main"]


def test_a_scenario_is_made_by_who_may(root: str, visit: Visit) -> None:
    with visit(root) as docs:
        docs.authorize(ADMIN)
        form = docs.form("createScenario")
        fill(form, session_id="main")
        assert docs.execute(form).status == 201


@pytest.mark.parametrize(("secret", "status"), [(None, 401), (f"{READER}x", 401), (READER, 403)])
def test_who_may_not_is_shown_why(root: str, visit: Visit, secret: str | None, status: int) -> None:
    answers: list[Answer] = []

    def try_to_create() -> None:
        with visit(root) as docs:
            if secret is not None:
                docs.authorize(secret)
            form = docs.form("createScenario")
            fill(form, session_id="main")
            answers.append(docs.execute(form))

    with pytest.raises(AssertionError, match=f"console: Failed to load resource.* {status}"):
        try_to_create()  # the browser itself complains of such an answer
    [answer] = answers
    assert answer.status == status
    assert list(answer.body) == ["detail"]
