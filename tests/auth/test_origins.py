"""Requests that a page of another origin may have made."""

import pytest

from algomancy_api.auth.origins import OtherOrigin, check_origin

ALLOWED = frozenset({"https://app.example.org"})

OWN = [
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "same-origin", "origin": "https://api.example.org"},
    {"sec-fetch-site": "none"},
    {"origin": "https://api.example.org"},
    {"origin": "https://app.example.org"},
    {"origin": "https://app.example.org", "sec-fetch-site": "same-site"},
    {"x-requested-with": "curl"},
]

OTHERS = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": ""},
    {"sec-fetch-site": "same-site", "origin": "https://api.example.org"},
    {"sec-fetch-site": "cross-site", "x-requested-with": "x"},
    {"origin": "https://evil.example"},
    {"origin": "https://api.example.org:8443"},
    {"origin": "https://api.example.org.evil.example"},
    {"origin": "https://evil.example", "x-requested-with": "x"},
    {"origin": "http://app.example.org"},
    {"origin": "null"},
    {"origin": ""},
]


def check(headers: dict[str, str], *, needs_proof: bool = True) -> None:
    everything = {"host": "api.example.org"} | headers
    raw = [(name.encode(), value.encode()) for name, value in everything.items()]
    check_origin({"type": "http", "headers": raw}, ALLOWED, needs_proof=needs_proof)


@pytest.mark.parametrize("headers", OWN, ids=str)
@pytest.mark.parametrize("needs_proof", [True, False])
def test_a_page_of_this_server_and_a_program(headers: dict[str, str], needs_proof: bool) -> None:
    check(headers, needs_proof=needs_proof)


@pytest.mark.parametrize("headers", OTHERS, ids=str)
@pytest.mark.parametrize("needs_proof", [True, False])
def test_a_page_of_another_origin(headers: dict[str, str], needs_proof: bool) -> None:
    with pytest.raises(OtherOrigin, match="X-Requested-With"):
        check(headers, needs_proof=needs_proof)


def test_what_says_nothing_of_its_origin_is_refused_where_that_needs_proof() -> None:
    check({}, needs_proof=False)
    with pytest.raises(OtherOrigin):
        check({})
