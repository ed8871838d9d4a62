"""Malicious JSON and MessagePack bodies on every route that takes one: rejected, with a short response."""

import json
import tracemalloc
from typing import Any

import msgspec
import pytest

from ...conftest import API, create
from ...support.clients import AppClient
from ...support.errors import assert_error

JSON, MESSAGEPACK = "application/json", "application/msgpack"
MIB = 1024**2

#: The routes that take a document, in a session with the dataset ``items`` and a scenario.
ROUTES = [
    ("POST", f"{API}/sessions"),
    ("PATCH", "{session}"),
    ("POST", "{session}/copy"),
    ("POST", "{session}/scenarios"),
    ("POST", "{session}/run"),
    ("POST", "{session}/scenarios/{scenario}/run"),
    ("POST", "{session}/data/items/derive"),
    ("POST", "{session}/data/from-json"),
]

#: Few bytes that claim to be many, or nest: a reader that believes them runs out of something.
HOSTILE: dict[str, tuple[str, bytes]] = {
    "an array of 2^32 items": (MESSAGEPACK, b"\xdd\xff\xff\xff\xff"),
    "a map of 2^32 members": (MESSAGEPACK, b"\xdf\xff\xff\xff\xff"),
    "a text of 2^32 bytes": (MESSAGEPACK, b"\xdb\xff\xff\xff\xff"),
    "bytes of 2^32": (MESSAGEPACK, b"\xc6\xff\xff\xff\xff"),
    "an extension of 2^32 bytes": (MESSAGEPACK, b"\xc9\xff\xff\xff\xff\x05"),
    "such a text behind a name": (MESSAGEPACK, b"\x81\xacdisplay_name\xdb\xff\xff\xff\xff"),
    "such arrays in one another": (MESSAGEPACK, b"\xdd\xff\xff\xff\xff" * 1000),
    "arrays that nest": (MESSAGEPACK, b"\x91" * MIB),
    "maps that nest": (MESSAGEPACK, b"\x81\xa1a" * (MIB // 3)),
    "an extension": (MESSAGEPACK, b"\x81\xacdisplay_name\xd4\x2a\x00"),
    "a pickle as an extension": (MESSAGEPACK, b"\xc7\x0b\x01cos\nsystem\n."),
    "a moment out of range": (MESSAGEPACK, b"\x81\xacdisplay_name\xc7\x0c\xff" + b"\xff" * 12),
    "keys that cannot be hashed": (MESSAGEPACK, b"\x81\x81\x80\x80\x01"),
    "lists that nest": (JSON, b"[" * MIB),
    "objects that nest": (JSON, b'{"display_name":' * (MIB // 16)),
    "lists that nest and end": (JSON, b"[" * (MIB // 2) + b"]" * (MIB // 2)),
    "an unknown field that nests": (JSON, b'{"x":' + b"[" * 1000 + b"]" * 1000 + b"}"),
    "a number of many digits": (JSON, b"9" * MIB),
    "an exponent": (JSON, b"1e999999999"),
    "a text that does not end": (JSON, b'{"display_name": "' + b"\\" * MIB),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("route", ROUTES, ids=" ".join)
def test_it_is_refused_and_takes_no_more_memory_than_it_has(
    in_memory: tuple[AppClient, str, str], route: tuple[str, str], hostile: str
) -> None:
    client, session, scenario = in_memory
    media_type, content = HOSTILE[hostile]
    before = state(client, session)
    tracemalloc.start()
    response = client.request(
        route[0], route[1].format(session=session, scenario=scenario), content=content, headers=typed(media_type)
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code in (400, 422), response.text
    assert_error(response, response.status_code)
    assert len(response.content) < 1000
    assert peak < 16 * MIB
    assert state(client, session) == before


@pytest.mark.parametrize("media_type", [JSON, MESSAGEPACK])
def test_of_a_field_that_is_there_twice_the_last_one_counts_everywhere(
    in_memory: tuple[AppClient, str, str], media_type: str
) -> None:
    """Whatever reads a body first, what is checked is what is done."""
    client, _, _ = in_memory
    twice = {
        JSON: b'{"display_name": "first", "display_name": "last"}',
        MESSAGEPACK: b"\x82" + b"".join(msgspec.msgpack.encode(text) for text in ("display_name", "first") * 1)
        + b"".join(msgspec.msgpack.encode(text) for text in ("display_name", "last")),
    }[media_type]  # fmt: skip
    created = client.post(f"{API}/sessions", content=twice, headers=typed(media_type))
    assert [session["display_name"] for session in created.json()["sessions"]] == ["main", "last"]


#: Values for a parameter of any kind that no kind takes, or that only its own does.
VALUES: list[Any] = [
    None, True, "true", "", "x" * MIB, -1, 2**63, 2**200, 1e308, -0.0, "NaN", "1; DROP TABLE", "__import__('os')", [],
    {}, [[[[]]]], {"a": {"b": 1}}, ["red"] * 1000, {"__class__": "x"}, "\0", "\ud800", "2026-99-99", "9" * 5000,
]  # fmt: skip


@pytest.mark.parametrize(
    "parameter", ["text", "count", "ratio", "flag", "color", "colors", "unknown", "", "\0", "__class__"]
)
def test_a_parameter_has_a_value_of_its_kind_or_is_refused(
    in_memory: tuple[AppClient, str, str], parameter: str
) -> None:
    client, session, _ = in_memory
    for number, value in enumerate(VALUES):
        body = {
            "tag": f"{number}", "dataset_key": "items", "algo_name": "Parametrised", "algo_params": {parameter: value}
        }  # fmt: skip
        created = client.post(f"{session}/scenarios", content=json.dumps(body), headers=typed(JSON))
        assert created.status_code in (201, 400, 422), (value, created.text)
        if created.status_code == 201:
            form = client.get(f"{session}/scenarios").json()[-1]["algorithm"]["parameters"]
            assert isinstance(form[parameter], KINDS[parameter])
        else:
            assert_error(created, created.status_code)


KINDS: dict[str, Any] = {
    "text": str, "count": int, "ratio": float | int, "flag": bool, "color": str, "colors": list
}  # fmt: skip


@pytest.fixture
def in_memory(client: AppClient, session: str) -> tuple[AppClient, str, str]:
    """A client, and the addresses that the routes need."""
    return client, session, create(client, session)


@pytest.fixture(params=["memory"])
def app(app: Any) -> Any:
    """The wiring's app in memory: a body that is refused gets to no database."""
    return app


def typed(media_type: str) -> dict[str, str]:
    return {"Content-Type": media_type}


def state(client: AppClient, session: str) -> list[Any]:
    return [client.get(path).json() for path in (f"{API}/sessions", f"{session}/data", f"{session}/scenarios")]
