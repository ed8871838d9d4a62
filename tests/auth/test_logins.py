"""Logins: what a cookie stands for, until it is not used for a while, ended, or one of too many."""

import pytest

from algomancy_api.auth import logins as module
from algomancy_api.auth.logins import COOKIE, IDLE, MOST, Logins, login_cookie

ONE, OTHER = b"digest of one token", b"digest of another"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the logins see, which a test moves on."""
    now = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def test_a_login_stands_for_its_token_until_it_ends() -> None:
    logins = Logins()
    first, second = logins.begin(ONE), logins.begin(OTHER)
    assert [logins.token_of(value) for value in (first, second, first)] == [ONE, OTHER, ONE]
    logins.end(first)
    logins.end(first)
    assert [logins.token_of(value) for value in (first, second)] == [None, OTHER]


def test_what_is_no_login_stands_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    logins = Logins()
    value = logins.begin(ONE)
    for guess in ("", "x", value[:-1], f"{value}=", value.swapcase(), "é"):
        assert logins.token_of(guess) is None
        logins.end(guess)
    assert logins.token_of(value) == ONE
    monkeypatch.setattr(module, "_KEY_SIZE", 0)  # as if the beginnings were the same
    alike = Logins()
    value = alike.begin(ONE)
    assert (alike.token_of("another"), alike.token_of(value)) == (None, ONE)


def test_no_value_is_kept() -> None:
    logins = Logins()
    values = {logins.begin(ONE) for _ in range(20)}
    assert len(values) == 20
    assert {len(value) for value in values} == {43}, "256 bits"
    assert [value for value in values if value in repr(vars(logins))] == []


def test_a_login_that_is_not_used_ends(clock: list[float]) -> None:
    logins = Logins()
    used, idle = logins.begin(ONE), logins.begin(ONE)
    clock[0] += IDLE - 1
    assert logins.token_of(used) == ONE
    clock[0] += 1
    assert (logins.token_of(used), logins.token_of(idle)) == (ONE, None)
    logins.begin(OTHER)
    assert len(logins._logins) == 2, "those whose time is over are forgotten"
    clock[0] += IDLE
    logins.begin(OTHER)
    assert len(logins._logins) == 1


def test_one_too_many_ends_the_one_that_was_not_used_for_the_longest_time() -> None:
    logins = Logins()
    others = logins.begin(OTHER)
    values = [logins.begin(ONE) for _ in range(MOST)]
    assert logins.token_of(values[0]) == ONE
    logins.begin(ONE)
    assert [logins.token_of(value) for value in values[:3]] == [ONE, None, ONE]
    assert logins.token_of(others) == OTHER, "it takes none from another token"


@pytest.mark.parametrize(
    ("header", "value"),
    [
        (f"{COOKIE}=abc", "abc"),
        (f"a=1; {COOKIE}=abc; b=2", "abc"),
        (f"a={COOKIE}", None),
        (f"x{COOKIE}=abc", None),
        (f"{COOKIE}", ""),
        ("a=1", None),
        ("", None),
        (f"é=ü;{COOKIE}=abc", "abc"),
    ],
)
def test_the_cookie_of_a_request(header: str, value: str | None) -> None:
    scope = {"type": "http", "headers": [(b"accept", b"*/*"), (b"cookie", header.encode("latin-1"))]}
    assert login_cookie(scope) == value
    assert login_cookie({"type": "http", "headers": []}) is None
