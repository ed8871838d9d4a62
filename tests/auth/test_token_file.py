"""The format of the token file, and its error messages."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api import ApiLauncher, Token
from algomancy_api.auth import token_file
from algomancy_api.auth.token_file import keyring_of, line_of
from algomancy_api.auth.tokens import Keyring, new_secret

from ..support import wiring

ONE, TWO = Token("one", "first-secret"), Token("two", "second-secret", "admin", ["main"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.toml"


def keyring_in(path: Path, *others: Token) -> Keyring:
    return keyring_of(path.read_bytes(), path, others)


def has(keyring: Keyring, *secrets: str) -> list[bool]:
    return [keyring.token_of(secret.encode()) is not None for secret in secrets]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(texts.filter(lambda name: bool(name.strip()) and name.isprintable()), st.lists(texts, min_size=1))
def test_a_line_says_all_of_a_token(name: str, sessions: list[str]) -> None:
    token = Token(name, new_secret(), "write", sessions)
    [read] = token_file._tokens_in(line_of(token))
    assert read == token


def test_what_a_text_calls_the_end_of_a_line_is_none(path: Path) -> None:
    path.write_text(line_of(Token("one", "first-secret", "read", ["a\u2028b", "a\x85b", "a\nb", "a\r\nb", "a\x0bb"])))
    token = keyring_in(path).token_of(b"first-secret")
    assert token is not None
    assert list(token.sessions) == ["a\u2028b", "a\x85b", "a\nb", "a\r\nb", "a\x0bb"]


def test_a_file_may_have_comments_and_blank_lines(path: Path) -> None:
    lines = ["\ufeff# people", "", f"  {line_of(ONE)}  # the first", "\t", line_of(TWO).replace("two = ", "'two'=")]
    path.write_bytes("\r\n".join(lines).encode())
    assert has(keyring_in(path), "first-secret", "second-secret", "third") == [True, True, False]


GOOD = line_of(ONE)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("one", "Expected '=' after a key"),
        ("one = ", "Invalid value"),
        ("two = 5", "Expected `object`"),
        ("[two]", "missing required field"),
        (GOOD.replace("one", "two").replace("hash", "hush"), "unknown field `hush`"),
        (GOOD.replace("one", "two").replace(', sessions = ["*"]', ""), "missing required field `sessions`"),
        (GOOD.replace("one", "two").replace('"read"', '"all"'), "Invalid enum value 'all'"),
        (GOOD.replace("one", "two").replace('["*"]', '"*"'), "Expected `array`"),
        (GOOD.replace("one", "two").replace('["*"]', "[]"), "sessions of a token"),
        ('two = { access = "read", hash = "my-own-secret", sessions = ["*"] }', "hash must be the hash of a secret"),
        (GOOD.replace("one", '" "'), "the name of a token must be printable"),
        (line_of(TWO).replace("two", "one"), "two tokens have the name 'one'"),
        (GOOD.replace("one", "two"), "the tokens 'one' and 'two' have the same secret"),
        (line_of(Token("configured", "x")), "two tokens have the name 'configured'"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(path: Path, line: str, says: str) -> None:
    path.write_text(f"# people\n{GOOD}\n{line}\n")
    with pytest.raises(ValueError, match=f"tokens.toml, line 3: .*{says}") as refusal:
        keyring_in(path, Token("configured", "configured-secret"))
    assert "my-own-secret" not in str(refusal.value)


def test_what_cannot_be_read_is_told_with_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = path.with_name("pipe")
    os.mkfifo(pipe)
    for tokens in (path, path.parent, pipe):
        with pytest.raises(ValueError, match=f"{tokens.name}: (No such file|Is a directory|Is not a regular file)"):
            ApiLauncher.build(wiring.configuration(tokens_file=tokens))
    path.write_text(f"#{' ' * 100}")
    with monkeypatch.context() as patch:
        patch.setattr(token_file, "_MAX_SIZE", 100)
        with pytest.raises(ValueError, match="File too large"):
            ApiLauncher.build(wiring.configuration(tokens_file=path))
    path.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="is not UTF-8"):
        ApiLauncher.build(wiring.configuration(tokens_file=path))
