"""JSON and MessagePack bodies with mutations: each is accepted or rejected, never a 5xx."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from algomancy_api.serialization.messagepack import packed

from .app import Request, fuzzed_app
from .mutations import in_pieces, mutated

_DATASET = {
    "metadata": {"id": "d", "name": "d", "type": "master_data", "creation_datetime": "2026-01-02 03:04:05"},
    "tables": {"items": {"columns": ["id", "name"], "data": [{"id": 1, "name": "a"}], "index": [0]}},
}

#: Routes with a valid body. A space at the end of a path only makes the key unique.
_BODIES: dict[tuple[str, bytes], Any] = {
    ("POST", b"/api/v1/sessions"): {"display_name": "second"},
    ("PATCH", b"%s"): {"display_name": "renamed"},
    ("POST", b"%s/copy"): {"new_display_name": "copy"},
    ("POST", b"%s/scenarios"): {
        "tag": "t",
        "dataset_key": "items",
        "algo_name": "Parametrised",
        "algo_params": {"count": 3, "ratio": 0.5, "text": "x", "flag": True, "color": "red", "colors": ["blue"]},
        "data_params": {"limit": 7},
        "run": False,
    },
    ("POST", b"%s/scenarios "): {
        "tag": "times",
        "dataset_key": "items",
        "algo_name": "Timed",
        "algo_params": {"at": "2026-01-01T00:00:00", "between": ["2026-01-01", "2026-02-01T00:00:00.5"]},
    },
    ("POST", b"%r/run"): {"timeout": 5},
    ("POST", b"%s/run"): {"scenario_ids": ["0b7ff1f4-5d0c-4b8e-9d0a-6a3f0c1c2a58", "x"]},
    ("POST", b"%s/data/items/derive"): {"new_key": "derived"},
    ("POST", b"%s/data/from-json"): _DATASET,
}

_TYPES = {"application/json": lambda text: text, "application/msgpack": packed}

_SEEDS = {
    (route, media_type): [form(json.dumps(body).encode()), form(json.dumps(body | {"extra": [None, 1.5]}).encode())]
    for route, body in _BODIES.items()
    for media_type, form in _TYPES.items()
}


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Requests with a mutated body."""
    (method, path), media_type = draw(st.sampled_from(sorted(_SEEDS)))
    body = draw(mutated(_SEEDS[(method, path), media_type]) | st.binary(max_size=60))
    accept = draw(st.sampled_from([b"*/*", b"application/msgpack", b"application/json"]))
    headers = [(b"content-type", media_type.encode()), (b"accept", accept)]
    return Request(method, path.strip(), headers, draw(in_pieces(body)))


@pytest.mark.parametrize("media_type", list(_TYPES))
@pytest.mark.parametrize("route", list(_BODIES))
def test_the_seeds_are_accepted(route: tuple[str, bytes], media_type: str) -> None:
    method, path = route
    fuzzed_app().renew()
    answer = fuzzed_app().answer(
        Request(method, path.strip(), [(b"content-type", media_type.encode())], _SEEDS[route, media_type][:1])
    )
    assert answer.status in (200, 201, 202)


@settings(max_examples=200, deadline=None)
@given(requests())
def test_any_body_is_taken_or_refused(request: Request) -> None:
    fuzzed_app().answer(request)
