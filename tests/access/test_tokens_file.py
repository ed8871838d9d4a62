"""The file with tokens: how it is read, what is said of its mistakes, and that it may change at any time."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from algomancy_api import ApiLauncher, Token, tokens_file
from algomancy_api.tokens import Keyring, new_secret
from algomancy_api.tokens_file import TokensFile, line_of

from .. import wiring
from ..clients import AppClient, calling, eventually, serving
from ..conftest import API

ONE, TWO = Token("one", "first-secret"), Token("two", "second-secret", "admin", ["main"])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tokens.toml"


def has(keyring: Keyring, *secrets: str) -> list[bool]:
    return [keyring.token_of(secret.encode()) is not None for secret in secrets]


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(texts.filter(lambda name: bool(name.strip()) and name.isprintable()), st.lists(texts, min_size=1))
def test_a_line_says_all_of_a_token(name: str, sessions: list[str]) -> None:
    token = Token(name, new_secret(), "write", sessions)
    [read] = tokens_file._tokens_in(line_of(token))
    assert read == token


def test_what_a_text_calls_the_end_of_a_line_is_none(path: Path) -> None:
    path.write_text(line_of(Token("one", "first-secret", "read", ["a\u2028b", "a\x85b", "a\nb", "a\r\nb", "a\x0bb"])))
    token = TokensFile(path)._keyring.token_of(b"first-secret")
    assert token is not None
    assert list(token.sessions) == ["a\u2028b", "a\x85b", "a\nb", "a\r\nb", "a\x0bb"]


def test_a_file_may_have_comments_and_blank_lines(path: Path) -> None:
    lines = ["\ufeff# people", "", f"  {line_of(ONE)}  # the first", "\t", line_of(TWO).replace("two = ", "'two'=")]
    path.write_bytes("\r\n".join(lines).encode())
    assert has(TokensFile(path)._keyring, "first-secret", "second-secret", "third") == [True, True, False]


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
        (line_of(TWO).replace("two", "one"), "two tokens are called 'one'"),
        (GOOD.replace("one", "two"), "the tokens 'one' and 'two' have one secret"),
        (line_of(Token("configured", "x")), "two tokens are called 'configured'"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(path: Path, line: str, says: str) -> None:
    path.write_text(f"# people\n{GOOD}\n{line}\n")
    with pytest.raises(ValueError, match=f"tokens.toml, line 3: .*{says}") as refusal:
        TokensFile(path, [Token("configured", "configured-secret")])
    assert "my-own-secret" not in str(refusal.value)


def test_what_cannot_be_read_is_told_with_the_file(path: Path) -> None:
    for tokens in (path, path.parent):
        with pytest.raises(ValueError, match=f"{tokens.name}: (No such file|Is a directory)"):
            ApiLauncher.build(wiring.configuration(tokens_file=tokens))
    path.write_bytes(b"\xff")
    with pytest.raises(ValueError, match="is not UTF-8"):
        ApiLauncher.build(wiring.configuration(tokens_file=path))


# While it is in use --------------------------------------------------------------------------------------------


@pytest.fixture
def client(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppClient]:
    """A client of an app that looks at the file at each request; it has the token ``one``."""
    monkeypatch.setattr(tokens_file, "_INTERVAL", 0.0)
    path.write_text(line_of(ONE))
    app = ApiLauncher.build(wiring.configuration(tokens_file=str(path), tokens=[Token("fixed", "fixed-secret")]))
    with calling(app) as client:
        client.declared_only = False
        yield client
    app.state.session_manager.shutdown()


def statuses(client: AppClient) -> list[int]:
    """What the first, the second and the configured token find."""
    secrets = ("first-secret", "second-secret", "fixed-secret")
    headers = [{"Authorization": f"Bearer {secret}"} for secret in secrets]
    return [client.get(f"{API}/sessions", headers=header).status_code for header in headers]


def replace(path: Path, text: str) -> None:
    """Write a file as careful programs do: beside it, then in its place."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


@pytest.mark.parametrize("write", [Path.write_text, replace])
def test_a_change_counts_from_the_next_request(client: AppClient, path: Path, write: object) -> None:
    assert callable(write)
    assert statuses(client) == [200, 401, 200]
    write(path, f"{line_of(ONE)}\n{line_of(TWO)}")
    assert statuses(client) == [200, 200, 200]
    write(path, line_of(TWO))
    assert statuses(client) == [401, 200, 200]
    write(path, "")
    assert statuses(client) == [401, 401, 200]


def test_one_of_the_same_size_and_time_is_noticed_by_its_place(client: AppClient, path: Path) -> None:
    before = path.stat()
    three = line_of(Token("two", "second-secret"))
    assert len(three) == before.st_size
    other = path.with_suffix(".new")
    other.write_text(three)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)
    assert statuses(client) == [401, 200, 200]


@pytest.mark.parametrize(
    "broken", ["nonsense", f"{line_of(TWO)}\n{line_of(TWO)}", line_of(Token("fixed", "x")), "\x00"]
)
def test_a_broken_one_changes_nothing_and_is_logged_once(
    client: AppClient, path: Path, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(broken)
    for _ in range(3):
        assert statuses(client) == [200, 401, 200]
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert "The tokens stay as they were: " in record.getMessage()
    assert f"{path}, line " in record.getMessage()
    path.write_text(line_of(TWO))
    assert statuses(client) == [401, 200, 200]


def test_one_that_cannot_be_read_for_a_while_is_read_after_that(
    client: AppClient, path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    path.write_text(line_of(TWO))
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", fail)
        assert statuses(client) == [200, 401, 200]
        assert "The tokens stay as they were: [Errno 13] Permission denied" in caplog.text
    assert statuses(client) == [401, 200, 200]


def test_one_that_is_gone_for_good_has_no_tokens(
    client: AppClient, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.rename(path.with_suffix(".away"))
    assert client.get(f"{API}/sessions", headers={"Authorization": "Bearer first-secret"}).status_code == 200
    assert statuses(client) == [401, 401, 200]
    assert statuses(client) == [401, 401, 200]
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
        f"{path} is gone, and its tokens with it"
    ]
    path.with_suffix(".away").rename(path)
    assert statuses(client) == [200, 401, 200]


def test_one_that_is_missing_for_a_moment_changes_nothing(client: AppClient, path: Path) -> None:
    for _ in range(3):
        path.rename(path.with_suffix(".away"))
        assert client.get(f"{API}/sessions", headers={"Authorization": "Bearer first-secret"}).status_code == 200
        path.with_suffix(".away").rename(path)
        assert statuses(client) == [200, 401, 200]


def test_it_is_looked_at_once_a_second_by_one_of_many_requests(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Path] = []
    state_of = tokens_file._state_of

    def counted(file: Path) -> tuple[int, ...] | None:
        looks.append(file)
        return state_of(file)

    path.write_text(line_of(ONE))
    app = ApiLauncher.build(wiring.configuration(tokens_file=path))
    monkeypatch.setattr(tokens_file, "_state_of", counted)
    headers = {"Authorization": "Bearer first-secret"}
    with serving(app) as url, httpx.Client(base_url=url, headers=headers) as http:
        eventually(lambda: http.get(f"{API}/sessions").status_code == 200 and looks)
        looks.clear()
        for _ in range(50):
            assert http.get(f"{API}/sessions").status_code == 200
        assert len(looks) < 10
        path.write_text(line_of(TWO))
        eventually(lambda: http.get(f"{API}/sessions").status_code == 401)
    app.state.session_manager.shutdown()
