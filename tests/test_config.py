"""The configuration: defaults, rules, and its conversion back to keywords."""

import inspect
import re
from pathlib import Path
from typing import Any, assert_type

import pytest
from algomancy_scenario import CoreConfig
from hypothesis import given
from hypothesis import strategies as st
from starlette.authentication import AuthenticationBackend

from algomancy_api import ApiConfiguration, Limits, Token, Webhook
from algomancy_api.config.fields import REQUIRED, settings_of

from .support import wiring
from .support.receivers import SECRET

HOOK, OTHER_HOOK = (Webhook("https://a.example", SECRET), Webhook("https://a.example/x", SECRET, name="b"))

DEFAULTS = {
    "dataset_storage": "columns",
    "resume_runs": "queued",
    "title": "Algomancy API",
    "host": "127.0.0.1",
    "port": 8051,
    "prefix": "/api/v1",
    "cors_origins": [],
    "allow_session_create": True,
    "compression": True,
    "shutdown_grace": 10,
    "idempotency_seconds": 86_400,
    "idempotency_keys": 100_000,
    "metrics": False,
    "engine": "thread",
    "engine_address": None,
    "engine_workers": None,
    "session_runs": None,
    "runs_per_token": None,
    "run_log": 10_000_000,
    "run_timeout": None,
    "keep_runs": 5,
    "threads_per_run": None,
    "memory_per_run": None,
    "limits": Limits(),
    "forwarded_allow_ips": None,
    "docs_url": "/docs",
    "console_url": "/console",
    "openapi_url": "/openapi.json",
    "webhooks": [],
    "tokens": [],
    "tokens_file": None,
    "authentication": None,
    "allowed_hosts": None,
    "cookie_auth": False,
}

ACCEPTED: dict[str, list[Any]] = {
    "resume_runs": ["queued", "all", "none"],
    "host": ["0.0.0.0", "::1", "example.org"],  # noqa: S104 - nothing listens there
    "port": [1, 80, 65535],
    "prefix": ["/", "/x", "/x/", "/a/b/c"],
    "cors_origins": [[], ["*"], ["https://one.example", "https://two.example"]],
    "cookie_auth": [True, False],
    "allow_session_create": [True, False],
    "compression": [True, False],
    "shutdown_grace": [1, 0.5, 3600.0],
    "idempotency_seconds": [0, 0.5, 604_800],
    "idempotency_keys": [1, 1_000_000],
    "metrics": [True, False],
    "engine": ["thread"],
    "engine_address": [None, "tcp://127.0.0.1:8786", "tls://scheduler.example:8786"],
    "engine_workers": [None, 1, 64],
    "session_runs": [None, 1, 64],
    "runs_per_token": [None, 1, 64],
    "run_log": [200_000, 10**9],
    "run_timeout": [None, 1, 0.5, 86_400],
    "keep_runs": [0, 1, 1_000],
    "limits": [Limits(), Limits(body=1, wait=0.5, head_wait=1), Limits(requests=1), Limits(requests=None, streams=1)],
    "forwarded_allow_ips": [None, "*", "10.0.0.1", "10.0.0.1, 10.0.0.2", ["10.0.0.1", "10.0.0.0/8"]],
    "docs_url": [None, "/x", "/x/y"],
    "console_url": [None, "/x", "/x/y"],
    "openapi_url": [None, "/x.json"],
    "tokens": [[], [Token("x", "a"), Token("y", "b", "admin", ["main"])]],
    "webhooks": [[], [HOOK], [HOOK, OTHER_HOOK]],
    "tokens_file": [None, "tokens.toml", Path("tokens.toml")],
    "authentication": [None, AuthenticationBackend()],
    "allowed_hosts": [None, ["a.example", "*.b.example", "127.0.0.1", "::1", "localhost", "my_host"]],
}

REFUSED: dict[str, list[Any]] = {
    "resume_runs": ["", "Queued", None, True, ["all"]],
    "title": ["", " ", None, 1],
    "host": ["", " ", None, 1, b"127.0.0.1", ["127.0.0.1"]],
    "port": [0, -1, 65536, "8051", 8051.0, None, True, False],
    "prefix": ["", "api/v1", " /api", None, 1, b"/api", ["/api"], "/{x}"],
    "cors_origins": ["*", "https://one.example", [""], [" "], [None], [1], ["https://one.example", ""], {"a": 1}, 1],
    "cookie_auth": [None, 0, 1, "yes", []],
    "allow_session_create": [None, 0, 1, "yes", []],
    "compression": [None, 0, 1, "gzip", ["gzip"]],
    "shutdown_grace": [0, -1, None, True, "10", float("nan"), float("inf")],
    "idempotency_seconds": [-1, None, True, "10", float("nan"), float("inf")],
    "idempotency_keys": [0, -1, None, 1.0, "2", True],
    "metrics": [None, 0, 1, "prometheus", []],
    "engine": ["", "threads", "Thread", None, 1, ["thread"], {}],
    "engine_address": ["", "127.0.0.1:8786", "tcp://", "tcp://a b:1", "://host:1", 8786, ["tcp://127.0.0.1:8786"]],
    "engine_workers": [0, -1, 1.0, "2", True],
    "session_runs": [0, -1, 1.0, "2", True],
    "keep_runs": [-1, 1.0, "5", None, True],
    "runs_per_token": [0, -1, 1.0, "2", True],
    "run_log": [199_999, 0, -1, 1e6, None, "1000000", True],
    "run_timeout": [0, -1, -0.5, float("inf"), float("nan"), "1", True, [1]],
    "limits": [
        1,
        [1],
        {"bodies": 1},
        {"body": 0},
        {"body": 1.0},
        {"body": True},
        {"wait": 0},
        {"wait": float("inf")},
        {"streams": 0},
        {"streams": None},
        {"requests": 0},
        {"requests": 0.5},
        {"requests": True},
    ],
    "forwarded_allow_ips": ["", " ", [], [""], ["10.0.0.1", " "], [None], 1, True, {"10.0.0.1": 1}],
    "docs_url": ["", "/", "docs", "/docs/", 1, True, ["/docs"]],
    "console_url": ["", "/", "console", "/console/", 1, True, ["/console"]],
    "openapi_url": ["", "/", "openapi.json", "/openapi/", 1, True, ["/openapi.json"]],
    "webhooks": [None, HOOK, "https://a.example", [1], [HOOK, HOOK], {"a": HOOK}],
    "tokens_file": ["", " ", 1, True, ["tokens.toml"], b"tokens.toml"],
    "authentication": [1, "token", object(), AuthenticationBackend.authenticate],
    "allowed_hosts": [
        [],
        "a.example",
        [""],
        ["*"],
        ["a:80"],
        ["[::1]"],
        ["https://a"],
        ["a.*"],
        ["a/b"],
        [1],
        {"a": 1},
        1,
    ],
}

EVERYTHING = {
    "title": "A title",
    "host": "0.0.0.0",  # noqa: S104 - nothing listens there
    "port": 80,
    "prefix": "/x",
    "cors_origins": ["https://one.example"],
    "cookie_auth": True,
    "allow_session_create": False,
    "compression": False,
    "shutdown_grace": 2.5,
    "idempotency_seconds": 60,
    "idempotency_keys": 10,
    "metrics": True,
    "engine": "thread",
    "engine_address": "tcp://127.0.0.1:8786",
    "engine_workers": 3,
    "session_runs": 2,
    "runs_per_token": 5,
    "run_log": 1_000_000,
    "run_timeout": 60,
    "keep_runs": 7,
    "limits": Limits(upload=5),
    "forwarded_allow_ips": ["10.0.0.1"],
    "docs_url": "/page",
    "console_url": "/people",
    "openapi_url": None,
    "webhooks": [HOOK],
    "tokens": [Token("x", "a")],
    "tokens_file": "tokens.toml",
    "authentication": None,
    "allowed_hosts": ["a.example"],
    "data_path": "elsewhere",
    "has_persistent_state": True,
    "save_type": "parquet",
    "persistence_backend": "database",
    "database_url": "sqlite:///nowhere.sqlite",
    "hydrated_cache_size": 7,
    "eager_startup": True,
    "autocreate": True,
    "default_algo": "Parametrised",
    "default_algo_params_values": {"count": 5},
    "autorun": True,
}


def cases(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(field, value) for field, values in table.items() for value in values]


def without_title() -> dict[str, Any]:
    return {keyword: value for keyword, value in wiring.settings().items() if keyword != "title"}


def test_the_defaults_are_those_of_the_contract() -> None:
    configuration = ApiConfiguration(**without_title())
    assert {field: getattr(configuration, field) for field in DEFAULTS} == DEFAULTS


@pytest.mark.parametrize(("field", "value"), cases(ACCEPTED))
def test_a_value_that_follows_its_rule_is_kept(field: str, value: Any) -> None:
    assert getattr(wiring.configuration(**{field: value}), field) == value


@pytest.mark.parametrize(("field", "value"), cases(REFUSED))
def test_a_value_that_breaks_its_rule_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=field):
        wiring.configuration(**{field: value})


@given(st.integers())
def test_a_port_is_a_number_of_sixteen_bits_but_not_zero(port: int) -> None:
    if port in range(1, 65536):
        assert wiring.configuration(port=port).port == port
    else:
        with pytest.raises(ValueError, match=r"port must be an integer from 1 to 65535; got "):
            wiring.configuration(port=port)


def test_the_message_says_what_was_given() -> None:
    with pytest.raises(ValueError, match=r"^prefix must be a string that .*; got 'api'$"):
        wiring.configuration(prefix="api")


def test_the_engines_that_there_are_are_listed() -> None:
    with pytest.raises(ValueError, match=r"^engine must be one of 'thread'.*; got 'cluster'$"):
        wiring.configuration(engine="cluster")


@pytest.mark.parametrize("missing", ["etl_factory", "kpis", "algorithms", "schemas", "data_object_type"])
def test_what_the_framework_requires_is_required(missing: str) -> None:
    with pytest.raises(ValueError, match=missing):
        wiring.configuration(**{missing: None})


def test_every_keyword_of_the_framework_is_known(caplog: pytest.LogCaptureFixture) -> None:
    keywords = inspect.signature(CoreConfig).parameters.keys() - {"_"}
    settings = wiring.settings() | EVERYTHING
    assert keywords <= settings.keys()
    configuration = ApiConfiguration(**settings)
    assert {keyword: getattr(configuration, keyword) for keyword in settings} == settings
    assert caplog.records == []


def test_every_keyword_is_in_the_signature_in_the_docstring_and_in_as_dict() -> None:
    settings = {one.name: one for one in settings_of(ApiConfiguration)}
    assert DEFAULTS.keys() | inspect.signature(CoreConfig).parameters.keys() - {"_"} == settings.keys()
    for signature in (inspect.signature(ApiConfiguration), inspect.signature(ApiConfiguration.__init__)):
        parameters = {name: one for name, one in signature.parameters.items() if name != "self"}
        assert parameters.pop("unknown").kind is inspect.Parameter.VAR_KEYWORD
        assert {name: (one.kind, one.default, one.annotation) for name, one in parameters.items()} == {
            name: (inspect.Parameter.KEYWORD_ONLY, one.default, one.type) for name, one in settings.items()
        }
    listed = re.findall(r"^    (\w+): ", (ApiConfiguration.__doc__ or "").partition("Args:\n")[2], re.MULTILINE)
    assert listed == list(settings)
    assert wiring.configuration().as_dict().keys() == settings.keys()


def test_every_keyword_is_either_the_frameworks_or_has_a_rule() -> None:
    core = inspect.signature(CoreConfig).parameters.keys() - {"_"}
    assert {one.name for one in settings_of(ApiConfiguration) if one.rule is None} == core


def test_the_defaults_of_the_framework_are_its_own() -> None:
    core = inspect.signature(CoreConfig).parameters
    settings = [one for one in settings_of(ApiConfiguration) if one.rule is None and one.default is not REQUIRED]
    differing = {one.name: one.default for one in settings if one.default != core[one.name].default}
    assert differing == {"title": "Algomancy API"}


def test_type_checkers_see_the_keywords_and_the_attributes() -> None:
    """They do if mypy finds no fault here, with no comment too many."""
    settings = wiring.settings()
    with pytest.raises(ValueError, match="port"):
        ApiConfiguration(**settings, port="80")  # type: ignore[arg-type]
    ApiConfiguration(**settings, prot=80)  # type: ignore[call-arg]
    configuration = ApiConfiguration(**settings, limits={"body": 5}, tokens=(Token("x", "a"),), cors_origins=None)
    assert_type(configuration.port, int)
    assert_type(configuration.engine_workers, int | None)
    assert_type(configuration.limits, Limits)
    assert_type(configuration.tokens, list[Token])
    assert_type(configuration.cors_origins, list[str])
    assert_type(configuration.persistence_backend, str)


@pytest.mark.parametrize("overrides", [{}, EVERYTHING, {"cors_origins": ("a",), "forwarded_allow_ips": ("*",)}])
def test_as_dict_gives_the_same_configuration_again(overrides: dict[str, Any]) -> None:
    configuration = wiring.configuration(**overrides)
    again = ApiConfiguration(**configuration.as_dict())
    assert vars(again) == vars(configuration)
    assert configuration.as_dict().keys() == vars(configuration).keys()


def test_limits_can_be_given_by_those_that_differ() -> None:
    assert wiring.configuration(limits={"body": 5}).limits == Limits(body=5)


def test_a_list_that_its_giver_changes_later_changes_nothing_here() -> None:
    given: dict[str, list[Any]] = {
        "cors_origins": ["https://one.example"],
        "forwarded_allow_ips": ["10.0.0.1"],
        "tokens": [Token("x", "a")],
        "allowed_hosts": ["a.example"],
    }
    before = {field: list(value) for field, value in given.items()}
    configuration = wiring.configuration(**given)
    for value in given.values():
        value.append("*")
    configuration.as_dict()["cors_origins"].append("*")
    configuration.as_dict()["tokens"].clear()
    assert {field: getattr(configuration, field) for field in given} == before


def test_two_configurations_do_not_share_a_default() -> None:
    wiring.configuration().cors_origins.append("*")
    assert wiring.configuration().cors_origins == []


def test_an_unknown_keyword_is_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    configuration = wiring.configuration(assets_path="assets", titel="A typing mistake")
    assert not hasattr(configuration, "titel")
    assert [(record.levelname, record.name) for record in caplog.records] == [("WARNING", "algomancy_api.config")] * 2
    assert "'assets_path'" in caplog.messages[0]
    assert "'titel'" in caplog.messages[1]


def test_keywords_are_given_by_name() -> None:
    with pytest.raises(TypeError):
        ApiConfiguration("A title")  # type: ignore[call-arg]
