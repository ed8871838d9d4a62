"""The `Idempotency-Key` of a request, after draft-ietf-httpapi-idempotency-key-header."""

import re
from hashlib import sha256

from starlette.types import Scope

from ...auth.identity import sender_of
from ...errors import Invalid
from ...openapi.idempotency import HEADER, LONGEST

_NAME = HEADER.lower().encode()

#: A key, in quotes as the draft has it, or without, as most clients send it.
_KEY = re.compile(rb'"([\x20-\x7e]+)"|([\x21\x23-\x7e][\x20-\x7e]*)')

#: The sender of requests without a token: who retries may have another address by then.
_ANYBODY = "anybody"


def has_key(scope: Scope) -> bool:
    """Whether a request has the header, whatever its value."""
    return _NAME in [name for name, _ in scope["headers"]]


def key_of(scope: Scope) -> bytes:
    """The key of a request that has one.

    Raises:
        Invalid: It is none.
    """
    values = [value for name, value in scope["headers"] if name == _NAME]
    found = _KEY.fullmatch(values[0].strip()) if len(values) == 1 else None
    key = b"" if found is None else found[1] or found[2]
    if not 0 < len(key) <= LONGEST:
        raise Invalid(
            f"{HEADER} must be sent once, with 1 to {LONGEST} printable ASCII characters, such as a random UUID"
        )
    return key


def keyed_sender(scope: Scope) -> str:
    """Who may use a key again: the user of a request, or anybody if there are no tokens."""
    return sender_of(scope) if getattr(scope.get("user"), "is_authenticated", False) else _ANYBODY


def key_id(sender: str, key: bytes) -> str:
    """The digest of a key and its sender."""
    return sha256(b"%b\0%b" % (sender.encode("utf-8", "backslashreplace"), key)).hexdigest()
