"""Tickets: each is used once, within its time, and only so many are kept."""

from typing import Any

import pytest
from starlette.authentication import AuthCredentials, SimpleUser

from algomancy_api.auth import tickets as module
from algomancy_api.auth.tickets import LIFETIME, PREFIX, Tickets
from algomancy_api.errors import TooMany

USER = SimpleUser("somebody")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time that the tickets see, which a test moves on."""
    now = [1000.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    return now


def issue(tickets: Tickets, session_id: str = "s", sender: str = "somebody") -> bytes:
    return tickets.issue(session_id, sender, AuthCredentials(["read"]), USER).encode()


def everything_kept(value: Any) -> str:
    return repr(vars(value))


def test_a_ticket_is_used_once() -> None:
    tickets = Tickets()
    first, second = issue(tickets, "one"), issue(tickets, "two")
    for secret, session_id in ((second, "two"), (first, "one")):
        used = tickets.use(secret)
        assert used is not None
        assert (used.session_id, used.user, used.credentials.scopes) == (session_id, USER, ["read"])
        assert tickets.use(secret) is None


def test_what_is_no_ticket_uses_none_up() -> None:
    tickets = Tickets()
    secret = issue(tickets)
    for guess in (b"", b"x", secret[:-1], secret + b"=", secret.upper(), PREFIX.encode(), b"\xff" * 40):
        assert tickets.use(guess) is None
    assert tickets.use(secret) is not None


def test_what_is_compared_is_all_of_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEY_SIZE", 0)  # as if the beginnings were the same
    tickets = Tickets()
    secret = issue(tickets)
    assert tickets.use(b"another") is None
    assert tickets.use(secret) is not None


def test_a_ticket_ends_after_a_minute(clock: list[float]) -> None:
    tickets = Tickets()
    in_time, too_late = issue(tickets), issue(tickets)
    clock[0] += LIFETIME - 0.001
    assert tickets.use(in_time) is not None
    clock[0] += 0.001
    assert tickets.use(too_late) is None


def test_no_secret_is_kept_and_no_two_are_the_same() -> None:
    tickets = Tickets()
    secrets = {issue(tickets).decode() for _ in range(100)}
    assert len(secrets) == 100
    kept = everything_kept(tickets)
    assert [secret for secret in secrets if secret in kept or secret.removeprefix(PREFIX) in kept] == []
    assert min(map(len, secrets)) == len(PREFIX) + 43  # 256 bits


def test_a_sender_has_so_many_and_takes_none_from_another(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    monkeypatch.setattr(module, "_MOST_OF_SENDER", 2)
    tickets = Tickets()
    first = issue(tickets)
    issue(tickets)
    with pytest.raises(TooMany, match="not used yet") as refused:
        issue(tickets)
    assert refused.value.retry_after == LIFETIME
    issue(tickets, sender="another")
    tickets.use(first)
    issue(tickets)
    clock[0] += LIFETIME
    issue(tickets)
    assert len(tickets._unused) == 1, "those whose time is over are forgotten"
    assert tickets._by_sender == {"somebody": 1}


def test_all_together_have_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST", 2)
    tickets = Tickets()
    kept = [issue(tickets, sender=sender) for sender in "ab"]
    with pytest.raises(TooMany):
        issue(tickets, sender="c")
    assert [tickets.use(secret) is not None for secret in kept] == [True, True]
