"""The format of the token file: TOML, one token on each line.

```toml
# name = { access, hash, sessions }
"night shift" = { access = "write", hash = "sha256:…", sessions = ["main"] }
```
"""

import errno
import json
import os
import re
import stat
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from .tokens import Access, Keyring, Token, is_hash

#: Bytes: maximum size of the file, some hundred thousand tokens.
_MAX_SIZE = 16 * 1024 * 1024

#: A name that TOML allows without quotes.
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """The value of a token's name."""

    access: Access
    hash: str
    sessions: list[str]


def content_of(path: Path) -> bytes:
    """The content of the token file.

    Raises:
        OSError: The file cannot be read, is not a regular file, or is far too large.
    """
    with open(path, "rb", opener=_open_without_blocking) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "Is not a regular file", str(path))
        content = file.read(_MAX_SIZE + 1)
    if len(content) > _MAX_SIZE:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def keyring_of(content: bytes, path: Path, others: Sequence[Token] = ()) -> Keyring:
    """The tokens of the file and those of the configuration.

    Args:
        content: The content of the file.
        path: The path of the file, for error messages.
        others: The tokens of the configuration.

    Raises:
        ValueError: The file has an error; the message has path and line.
    """
    keyring = Keyring(others)
    for number, line in enumerate(_text_of(content, path).split("\n"), 1):
        try:
            for token in _tokens_in(line):
                keyring.add(token)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{path}, line {number}: {error}") from error
    return keyring


def line_of(token: Token) -> str:
    """A token as a line of the token file."""
    name = token.name if _BARE.fullmatch(token.name) else _quoted(token.name)
    sessions = ", ".join(map(_quoted, token.sessions))
    return f"{name} = {{ access = {_quoted(token.access)}, hash = {_quoted(token.secret)}, sessions = [{sessions}] }}"


def _tokens_in(line: str) -> Iterator[Token]:
    """The token of a line; nothing if the line is blank or a comment."""
    for name, value in tomllib.loads(line).items():
        entry = msgspec.convert(value, _Entry)
        if not is_hash(entry.hash):
            raise ValueError("hash must be the hash of a secret, as `algomancy-api token new` prints it")
        yield Token(name, entry.hash, entry.access, entry.sessions)


def _text_of(content: bytes, path: Path) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _open_without_blocking(path: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a named pipe waits for a writer.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _quoted(text: str) -> str:
    # TOML escapes the same characters as JSON, and DEL.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
