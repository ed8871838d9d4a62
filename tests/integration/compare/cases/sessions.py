"""Sessions: list, create, copy, rename, delete; names of every kind."""

from collections.abc import Iterator
from urllib.parse import quote

from .request import API, Request, delete, get, patch, post

SESSIONS = f"{API}/sessions"

ODD_NAMES = (
    "a/b", "/", "with space", "Zürich", "100%", "a%2Fb", "?query#fragment", "a+b", "日本", "'\"<>", "from-json", "..",
    ".", "a\\b", "a;b=c", "tab\tline\n", "\U0001f600", "sessions", "copy", "é", "e\u0301", " padded ", "x" * 200,
    "null", "{}",
)  # fmt: skip

START = [
    get("list sessions", SESSIONS, saves={"main": "default"}),
    post("create session", SESSIONS, {"display_name": "other", "unknown": [1]}, saves={"other": "sessions.1.id"}),
    get("list two sessions", SESSIONS),
]

_CREATE = [
    post("create session, name taken", SESSIONS, {"display_name": "main"}),
    post("create session, name taken but for case", SESSIONS, {"display_name": "Main"}),
    delete("delete session whose name differs in case", f"{SESSIONS}/Main"),
    post("create session, name blank", SESSIONS, {"display_name": "   "}),
]

_COPY = [
    post("copy session by id", f"{SESSIONS}/{{main}}/copy", {"new_display_name": "copied", "more": 1}),
    get("data of a copied session", f"{SESSIONS}/copied/data"),
    get("scenarios of a copied session", f"{SESSIONS}/copied/scenarios"),
    post("copy session by name", f"{SESSIONS}/main/copy", {"new_display_name": "copied again"}),
    post("copy session, name taken", f"{SESSIONS}/main/copy", {"new_display_name": "other"}),
    post("copy session, its own name", f"{SESSIONS}/main/copy", {"new_display_name": "main"}),
    post("copy session, name blank", f"{SESSIONS}/main/copy", {"new_display_name": "\t"}),
    post("copy unknown session", f"{SESSIONS}/no-such/copy", {"new_display_name": "x"}),
    post("copy unknown session, wrong body", f"{SESSIONS}/no-such/copy", {"display_name": "x"}),
    delete("delete a copied session", f"{SESSIONS}/copied"),
    delete("delete another copied session", f"{SESSIONS}/copied%20again"),
]

_RENAME = [
    patch("rename session by id", f"{SESSIONS}/{{other}}", {"display_name": "renamed", "more": 1}),
    patch("rename session by name", f"{SESSIONS}/renamed", {"display_name": "other"}),
    patch("rename session to its own name", f"{SESSIONS}/{{other}}", {"display_name": "other"}),
    patch("rename session, name taken", f"{SESSIONS}/{{other}}", {"display_name": "main"}),
    patch("rename session, name blank", f"{SESSIONS}/{{other}}", {"display_name": " "}),
    patch("rename session, padded name", f"{SESSIONS}/{{other}}", {"display_name": " other "}),
    get("list sessions after a padded name", SESSIONS),
    patch("rename session back", f"{SESSIONS}/{{other}}", {"display_name": "other"}),
    patch("rename unknown session", f"{SESSIONS}/no-such", {"display_name": "x"}),
    patch("rename unknown session, wrong body", f"{SESSIONS}/no-such", {}),
]

_DELETE = [
    delete("delete unknown session", f"{SESSIONS}/no-such"),
    post("create session to delete", SESSIONS, {"display_name": "short-lived"}, saves={"short": "sessions.2.id"}),
    delete("delete session by id", f"{SESSIONS}/{{short}}"),
    get("a deleted session", f"{SESSIONS}/{{short}}/data"),
    delete("delete session again", f"{SESSIONS}/{{short}}"),
]


def _unknown_session() -> Iterator[Request]:
    """Each route under an unknown session, with a valid body."""
    scenario = {"tag": "x", "dataset_key": "items", "algo_name": "Instant"}
    paths = (
        "algorithms", "algorithms/Instant/parameters", "kpis", "scenarios", "scenarios/x", "scenarios/x/status",
        "processing", "data", "data/items", "data/items/parameters",
    )  # fmt: skip
    for path in paths:
        yield get(f"unknown session: GET {path}", f"{SESSIONS}/no-such/{path}")
    bodies = {
        "scenarios": scenario,
        "scenarios/x/run": None,
        "scenarios/x/reset": None,
        "data/items/derive": {"new_key": "x"},
        "data/from-json": {},
        "etl": None,
    }
    for path, body in bodies.items():
        yield post(f"unknown session: POST {path}", f"{SESSIONS}/no-such/{path}", body)
    yield delete("unknown session: DELETE scenarios/x", f"{SESSIONS}/no-such/scenarios/x")
    yield delete("unknown session: DELETE data/x", f"{SESSIONS}/no-such/data/x")


def _odd_names() -> Iterator[Request]:
    """Create, use, rename and delete a session of each name; delete it by its id if its name fails."""
    for name in ODD_NAMES:
        path = f"{SESSIONS}/{quote(name, safe='')}"
        yield post(f"create session {name!r:.40}", SESSIONS, {"display_name": name}, saves={"odd": "sessions.2.id"})
        yield get(f"data of session {name!r:.40}", f"{path}/data")
        yield patch(f"rename session {name!r:.40}", path, {"display_name": name})
        yield delete(f"delete session {name!r:.40}", path)
        yield delete(f"tidy up session {name!r:.40}", f"{SESSIONS}/{{odd}}")
    yield get("list sessions after odd names", SESSIONS)


SESSION_CASES = [*_CREATE, *_COPY, *_RENAME, *_DELETE, *_unknown_session(), *_odd_names()]

#: The last requests of a variant, which delete everything.
END = [
    delete("delete all but one session", f"{SESSIONS}/{{other}}"),
    delete("delete the last session", f"{SESSIONS}/{{main}}", saves={"fresh": "default"}),
    get("the fresh session", f"{SESSIONS}/main/data"),
    get("the session that is gone", f"{SESSIONS}/{{main}}/data"),
    delete("delete the last session by name", f"{SESSIONS}/main"),
    get("health at the end", "/health"),
]
