"""Algorithms, KPIs and scenarios: create, run, watch, reset, delete."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from .request import Request, delete, ended, get, has, post, under_way
from .sessions import SESSIONS

MAIN = f"{SESSIONS}/{{main}}"
SCENARIOS = f"{MAIN}/scenarios"

ALGORITHMS = ("Instant", "Fails", "Waits", "Holds", "Parametrised", "Timed", "Slash/ed näme")

TEMPLATES = [
    get("algorithms", f"{MAIN}/algorithms"),
    get("algorithms by session name", f"{SESSIONS}/main/algorithms"),
    get("KPIs", f"{MAIN}/kpis"),
    *(get(f"parameters of {name}", f"{MAIN}/algorithms/{quote(name, safe='')}/parameters") for name in ALGORITHMS),
    get("parameters of an unknown algorithm", f"{MAIN}/algorithms/no-such/parameters"),
    get("an algorithm without its parameters", f"{MAIN}/algorithms/Instant"),
]


def new(tag: str, algorithm: str = "Instant", **more: Any) -> dict[str, Any]:
    """The body that creates a scenario."""
    return {"tag": tag, "dataset_key": "items", "algo_name": algorithm} | more


def _is_null(document: Any) -> bool:
    return document is None


def _life(tag: str, algorithm: str) -> Iterator[Request]:
    """A scenario from creation to deletion, with a second run in between."""
    path = f"{SCENARIOS}/{{{tag}}}"
    yield post(f"{tag}: create", SCENARIOS, new(tag, algorithm), saves={tag: "id"})
    yield get(f"{tag}: get", path)
    yield get(f"{tag}: status", f"{path}/status")
    yield get(f"{tag}: in summary", SCENARIOS)
    yield post(f"{tag}: reset before a run", f"{path}/reset")
    yield post(f"{tag}: run", f"{path}/run", view=under_way)
    yield get(f"{tag}: status at its end", f"{path}/status", until=ended)
    yield get(f"{tag}: at its end", path, until=ended)
    yield get(f"{tag}: in summary at its end", SCENARIOS, until=ended)
    yield get(f"{tag}: processing at its end", f"{MAIN}/processing", until=_is_null)
    yield post(f"{tag}: run at its end", f"{path}/run")
    yield post(f"{tag}: reset", f"{path}/reset")
    yield get(f"{tag}: after the reset", path)
    yield get(f"{tag}: status after the reset", f"{path}/status")
    yield get(f"{tag}: in summary after the reset", SCENARIOS)
    yield post(f"{tag}: run again", f"{path}/run", view=under_way)
    yield get(f"{tag}: at its second end", path, until=ended)
    yield delete(f"{tag}: delete", path)
    yield get(f"{tag}: once deleted", path)
    yield get(f"{tag}: status once deleted", f"{path}/status")
    yield delete(f"{tag}: delete again", path)
    yield get(f"{tag}: in summary once deleted", SCENARIOS)


def _queue() -> Iterator[Request]:
    """A scenario that is processing, and a second one in the queue."""
    for tag in ("running", "waiting"):
        body = new(tag, "Waits", algo_params={"gate": "queue"})
        yield post(f"{tag}: create", SCENARIOS, body, saves={tag: "id"})
        if tag == "waiting":
            yield post("waiting: run", f"{SCENARIOS}/{{waiting}}/run")
        else:
            yield post("running: run", f"{SCENARIOS}/{{running}}/run", view=under_way)
            path = f"{SCENARIOS}/{{running}}/status"
            yield get("running: status", path, until=has(status="processing", progress=42))
    for tag in ("running", "waiting"):
        path = f"{SCENARIOS}/{{{tag}}}"
        yield get(f"{tag}: get", path)
        yield post(f"{tag}: run twice", f"{path}/run")
        yield post(f"{tag}: reset too early", f"{path}/reset")
    yield get("waiting: status", f"{SCENARIOS}/{{waiting}}/status")
    yield get("running and waiting: in summary", SCENARIOS)
    yield get("running: processing", f"{MAIN}/processing")
    yield delete("running: delete the dataset", f"{MAIN}/data/items")
    yield get("running: status at its end", f"{SCENARIOS}/{{running}}/status", opens="queue", until=ended)
    yield get("waiting: status at its end", f"{SCENARIOS}/{{waiting}}/status", until=ended)
    for tag in ("running", "waiting"):
        yield get(f"{tag}: at its end", f"{SCENARIOS}/{{{tag}}}", until=ended)
        yield delete(f"{tag}: delete", f"{SCENARIOS}/{{{tag}}}")


def _deleted_too_early() -> Iterator[Request]:
    """Deletions during a run, which the contract rejects. Afterwards both servers have the same state."""
    path = f"{SCENARIOS}/{{busy}}"
    yield post("busy: create", SCENARIOS, new("busy", "Waits", algo_params={"gate": "busy"}), saves={"busy": "id"})
    yield post("busy: run", f"{path}/run", view=under_way)
    yield get("busy: status", f"{path}/status", until=has(status="processing", progress=42))
    yield delete("busy: delete while it runs", path)
    yield get("busy: its end", f"{path}/status", opens="busy", until=ended)
    yield get("busy: nothing is processed", f"{MAIN}/processing", until=_is_null)
    yield delete("busy: delete at its end", path)

    session, saved = f"{SESSIONS}/doomed", {"doomed": "id"}
    yield post("doomed: create session", SESSIONS, {"display_name": "main's twin"})
    yield delete("doomed: delete twin", f"{SESSIONS}/main's%20twin")
    yield post("doomed: copy session", f"{MAIN}/copy", {"new_display_name": "doomed"})
    body = new("doomed", "Waits", algo_params={"gate": "doomed"})
    yield post("doomed: create", f"{session}/scenarios", body, saves=saved)
    yield post("doomed: run", f"{session}/scenarios/{{doomed}}/run", view=under_way)
    path = f"{session}/scenarios/{{doomed}}/status"
    yield get("doomed: status", path, until=has(status="processing", progress=42))
    yield delete("doomed: delete the session", session)
    yield get("doomed: its end", path, opens="doomed", until=ended)
    yield get("doomed: processing", f"{session}/processing", until=_is_null)
    yield delete("doomed: delete the session at its end", session)
    yield get("doomed: sessions", SESSIONS)


_REFUSED = [
    post("scenario, unknown dataset", SCENARIOS, new("x") | {"dataset_key": "no-such"}),
    post("scenario, unknown algorithm", SCENARIOS, new("x", "no-such")),
    post("scenario, both unknown", SCENARIOS, new("x", "no-such") | {"dataset_key": "no-such"}),
    post("scenario, blank tag", SCENARIOS, new("  "), saves={"blank": "id"}),
    delete("delete the scenario with the blank tag", f"{SCENARIOS}/{{blank}}"),
    post("scenario to collide with", SCENARIOS, new("taken", "Slash/ed näme", unknown=1), saves={"taken": "id"}),
    post("scenario, tag taken", SCENARIOS, new("taken")),
    post("scenario, tag taken and unknown algorithm", SCENARIOS, new("taken", "no-such")),
    post("scenario, odd tag", SCENARIOS, new("a/b ü\n日本"), saves={"odd": "id"}),
    get("scenarios with odd tags", SCENARIOS),
    get("scenario by its tag", f"{SCENARIOS}/taken"),
    delete("delete the taken tag", f"{SCENARIOS}/{{taken}}"),
    delete("delete the odd tag", f"{SCENARIOS}/{{odd}}"),
    get("unknown scenario", f"{SCENARIOS}/no-such"),
    get("unknown scenario: status", f"{SCENARIOS}/no-such/status"),
    post("unknown scenario: run", f"{SCENARIOS}/no-such/run"),
    post("unknown scenario: reset", f"{SCENARIOS}/no-such/reset"),
    delete("unknown scenario: delete", f"{SCENARIOS}/no-such"),
    get("unknown scenario with a slash", f"{SCENARIOS}/a%2Fb"),
    get("scenario of another session", f"{SESSIONS}/{{other}}/scenarios/{{odd}}"),
]

SCENARIO_CASES = [
    get("no scenarios", SCENARIOS),
    get("nothing is processed", f"{MAIN}/processing"),
    *_life("succeeds", "Instant"),
    *_life("breaks", "Fails"),
    *_queue(),
    *_deleted_too_early(),
    *_REFUSED,
]
