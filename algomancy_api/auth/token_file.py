"""The file with tokens, one a line, in TOML.

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

#: Bytes: size of the largest file, which has some hundred thousand tokens.
_MAX_SIZE = 16 * 1024 * 1024

#: A name that TOML takes without quotes.
_BARE = re.compile(r"[A-Za-z0-9_-]+")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What stands behind a name."""

    access: Access
    hash: str
    sessions: list[str]


def content_of(path: Path) -> bytes:
    """The content of the file.

    Raises:
        OSError: It cannot be read, or is something else than a file, or far too large.
    """
    with open(path, "rb", opener=_opened_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "Is not a regular file", str(path))
        content = file.read(_MAX_SIZE + 1)
    if len(content) > _MAX_SIZE:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def keyring_of(content: bytes, path: Path, others: Sequence[Token] = ()) -> Keyring:
    """The tokens of a content and those of the configuration.

    Args:
        content: The content of the file.
        path: The file, for what is said of its mistakes.
        others: The tokens of the configuration.

    Raises:
        ValueError: There is a mistake in it; the message has file and line.
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


def _text_of(content: bytes, path: Path) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is not UTF-8") from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _opened_at_once(path: str, flags: int) -> int:
    # Without O_NONBLOCK, opening a pipe waits for somebody who writes to it.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _quoted(text: str) -> str:
    # TOML wants escaped what JSON does, and one more.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
