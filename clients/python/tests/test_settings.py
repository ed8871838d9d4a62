from __future__ import annotations

import pytest

from algomancy_client.retries import Retries
from algomancy_client.settings import Settings


def test_arguments_go_before_the_environment() -> None:
    environment = {
        "ALGOMANCY_URL": "https://there",
        "ALGOMANCY_TOKEN": "alg_1",
        "ALGOMANCY_TIMEOUT": "5",
        "ALGOMANCY_RETRIES": "2",
    }
    assert Settings.of(environment=environment) == Settings("https://there/api/v1", "alg_1", 5.0, Retries(attempts=3))
    given = Settings.of("http://here/", token="alg_2", timeout=7, retries=0, environment=environment)  # noqa: S106
    assert given == Settings("http://here/api/v1", "alg_2", 7, Retries(attempts=1))


def test_without_either_it_is_the_server_of_this_machine() -> None:
    assert Settings.of(environment={}) == Settings("http://127.0.0.1:8051/api/v1")
    assert Settings.of(environment={"ALGOMANCY_TOKEN": ""}).token is None


@pytest.mark.parametrize(
    ("url", "prefix", "expected"),
    [
        ("http://host", "/api/v1", "http://host/api/v1"),
        ("http://host/api/v1/", "/api/v1", "http://host/api/v1"),
        ("http://host/tools/algomancy/", "/api/v1", "http://host/tools/algomancy/api/v1"),
        ("http://host", "", "http://host"),
        ("http://host", "/", "http://host"),
    ],
)
def test_the_prefix_is_added_once(url: str, prefix: str, expected: str) -> None:
    assert Settings.of(url, prefix=prefix, environment={}).url == expected


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="http:// or https://; got 'localhost:8051'"):
        Settings.of("localhost:8051", environment={})


def test_a_variable_that_is_no_number_is_named() -> None:
    with pytest.raises(ValueError, match="ALGOMANCY_TIMEOUT must be a number; got 'long'"):
        Settings.of(environment={"ALGOMANCY_TIMEOUT": "long"})


@pytest.mark.parametrize("token", ["gehörtmir", "a\nb"])
def test_a_token_that_no_header_can_have_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ValueError, match="visible characters") as caught:
        Settings.of(token=token, environment={})
    assert token not in str(caught.value)


def test_the_token_is_not_shown() -> None:
    assert "alg_1" not in repr(Settings.of(token="alg_1", environment={}))  # noqa: S106
