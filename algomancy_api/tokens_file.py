"""The file with tokens, one a line, in TOML: read at the start, and again whenever it has changed.

```toml
# name = { access, hash, sessions }
"night shift" = { access = "write", hash = "sha256:…", sessions = ["main"] }
```
"""

import json
import logging
import re
import time
import tomllib
from collections.abc import Iterator, Sequence
from math import inf
from os import PathLike
from pathlib import Path

import anyio.to_thread
import msgspec

from .tokens import Access, Keyring, Token, is_hash

_logger = logging.getLogger("algomancy_api")

#: How often the file is looked at, at most, in seconds.
_INTERVAL = 1.0

#: A name that TOML takes without quotes.
_BARE = re.compile(r"[A-Za-z0-9_-]+")


_UNCHANGED = "The tokens stay as they were: %s"


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What stands behind a name."""

    access: Access
    hash: str
    sessions: list[str]


class TokensFile:
    """The tokens of a file and those of a configuration, as the file is now.

    What is wrong with a changed file is logged, and what was read before stays: it may be half written. A file that
    is gone has no tokens any more. It counts as gone when it is missing twice: an editor may take it away for a moment.

    Args:
        path: The file.
        others: The tokens of the configuration.

    Raises:
        ValueError: The file cannot be read, or something in it is wrong; the message has file and line.
    """

    def __init__(self, path: str | PathLike[str], others: Sequence[Token] = ()) -> None:
        self._path = Path(path)
        self._others = others
        self._times_missing = 0
        try:
            self._state = _state_of(self._path)
            self._keyring = self._read()
        except OSError as error:
            raise ValueError(f"{self._path}: {error.strerror}") from error
        self._next_check = time.monotonic() + _INTERVAL

    async def keyring(self) -> Keyring:
        """The tokens as they are, or were at most a second ago."""
        if time.monotonic() >= self._next_check:
            self._next_check = inf  # nobody else looks meanwhile
            try:
                await anyio.to_thread.run_sync(self._check)
            finally:
                self._next_check = time.monotonic() + _INTERVAL
        return self._keyring

    def _check(self) -> None:
        try:
            state = _state_of(self._path)
            if state is None:
                self._miss()
            elif state != self._state:
                # Taken before the file is read: what changes after that is seen the next time.
                self._state, self._times_missing = state, 0
                self._keyring = self._read()
                _logger.info("%s has changed, and was read again", self._path)
        except ValueError as error:
            _logger.error(_UNCHANGED, error)
        except OSError as error:
            self._state = None  # to be tried again: what is wrong with it may be over without a change
            _logger.error(_UNCHANGED, error)

    def _miss(self) -> None:
        self._state = None
        self._times_missing += 1
        if self._times_missing == 2:
            self._keyring = Keyring(self._others)
            _logger.error("%s is gone, and its tokens with it", self._path)

    def _read(self) -> Keyring:
        keyring = Keyring(self._others)
        for number, line in enumerate(_text_of(self._path).split("\n"), 1):
            try:
                for token in _tokens_in(line):
                    keyring.add(token)
            except ValueError as error:
                raise ValueError(f"{self._path}, line {number}: {error}") from error
        return keyring


def line_of(token: Token) -> str:
    """A token as a line of such a file."""
    name = token.name if _BARE.fullmatch(token.name) else _quoted(token.name)
    sessions = ", ".join(map(_quoted, token.sessions))
    return f"{name} = {{ access = {_quoted(token.access)}, hash = {_quoted(token.secret)}, sessions = [{sessions}] }}"


def _tokens_in(line: str) -> Iterator[Token]:
    """The token of a line, or none if it is blank or a comment."""
    for name, value in tomllib.loads(line).items():
        entry = msgspec.convert(value, _Entry)
        if not is_hash(entry.hash):
            raise ValueError("hash must be the hash of a secret, as `algomancy-api token new` prints it")
        yield Token(name, entry.hash, entry.access, entry.sessions)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8") from error


def _state_of(path: Path) -> tuple[int, ...] | None:
    """What changes when a file is written or replaced; None if there is none."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _quoted(text: str) -> str:
    # TOML wants escaped what JSON does, and one more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
