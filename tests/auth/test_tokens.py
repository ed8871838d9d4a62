"""Tokens: what is stored of a secret, and which values are rejected."""

import pickle
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api import ApiConfiguration, Token
from algomancy_api.auth.tokens import Keyring, hash_of, new_secret

from ..support import wiring

SECRET = "a-secret-that-nobody-knows"  # noqa: S105 - but for this test


def test_the_secret_is_nowhere() -> None:
    token = Token("x", SECRET)
    configuration = wiring.configuration(tokens=[token])
    assert (token.access, list(token.sessions)) == ("read", ["*"])
    for text in (repr(token), str(vars(token)), repr(configuration.as_dict()), repr(pickle.dumps(token))):
        assert SECRET not in text
    assert token.secret not in repr(token)


def test_a_hash_stands_for_its_secret_and_is_none() -> None:
    token = Token("x", SECRET)
    assert Token("x", token.secret) == token == Token("x", hash_of(SECRET))
    keyring = Keyring([token])
    assert keyring.token_of(SECRET.encode()) is token
    for guess in (token.secret, token.secret.removeprefix("sha256:"), SECRET[:-1], f"{SECRET} ", ""):
        assert keyring.token_of(guess.encode()) is None


@given(st.lists(st.from_regex(r"[!-~]{1,30}", fullmatch=True), unique=True, min_size=1), st.binary())
def test_each_secret_finds_its_token_and_no_other(secrets: list[str], guess: bytes) -> None:
    secrets = [secret for secret in secrets if not secret.startswith("sha256:")]
    tokens = {secret: Token(str(number), secret) for number, secret in enumerate(secrets)}
    keyring = Keyring(tokens.values())
    assert [keyring.token_of(secret.encode()) for secret in secrets] == list(tokens.values())
    assert guess.decode("latin-1") in secrets or keyring.token_of(guess) is None


def test_what_is_compared_is_all_of_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.auth.tokens._KEY_SIZE", 0)  # as if the beginnings were the same
    keyring = Keyring([Token("x", SECRET)])
    assert keyring.token_of(b"another") is None
    assert keyring.token_of(SECRET.encode()) is not None


WRONG: list[tuple[dict[str, Any], str]] = [
    *(({"name": name}, "name") for name in ("", " ", "a\nb", "\x00", None, 1)),
    *(({"access": access}, "read, write, admin") for access in ("", "open", "READ", None, ["read"])),
    *(({"sessions": sessions}, "sessions") for sessions in ("*", [], [""], [1], None, {"main"})),
    *(({"secret": secret}, "visible ASCII") for secret in ("", " ", "a b", "é", "a\n", None, b"bytes")),
    *(
        ({"secret": f"sha256:{digits}"}, "64 hexadecimal digits")
        for digits in ("", "0" * 63, "0" * 65, "A" * 64, "g" * 64)
    ),
]


@pytest.mark.parametrize(("change", "says"), WRONG)
def test_what_breaks_a_rule_is_refused_without_showing_the_secret(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says) as refusal:
        Token(**({"name": "x", "secret": SECRET} | change))
    shown = str(refusal.value)
    assert SECRET not in shown
    assert "é" not in shown
    assert "0" * 60 not in shown


def test_secrets_are_long_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(re.fullmatch(r"alg_[\w-]{43}", secret) for secret in secrets)


# In a configuration --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tokens", "says"),
    [
        ([Token("x", "one"), Token("x", "two")], "two tokens have the name 'x'"),
        ([Token("x", "one"), Token("y", "one")], "the tokens 'x' and 'y' have the same secret"),
        ([Token("x", "one"), Token("y", Token("x", "one").secret)], "the tokens 'x' and 'y' have the same secret"),
        ([SECRET], "tokens must be a list of Token$"),
        ({"x": SECRET}, "tokens must be a list of Token$"),
        (SECRET, "tokens must be a list of Token$"),
        (None, "tokens must be a list of Token$"),
    ],
)
def test_a_configuration_refuses_tokens_that_are_none_or_alike(tokens: Any, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wiring.configuration(tokens=tokens)


@pytest.mark.parametrize(
    "others", [{"tokens": [Token("x", SECRET)]}, {"tokens_file": "tokens.toml"}, {"cookie_auth": True}]
)
def test_a_backend_takes_the_place_of_tokens(others: dict[str, Any]) -> None:
    class Backend:
        async def authenticate(self, conn: Any) -> None:
            """Know nobody."""

    with pytest.raises(ValueError, match="authentication takes the place of tokens, tokens_file and cookie_auth"):
        wiring.configuration(authentication=Backend(), **others)
    backend = Backend()
    configuration = wiring.configuration(authentication=backend)
    assert ApiConfiguration(**configuration.as_dict()).authentication is backend
