"""Secrets and signatures, as Standard Webhooks (https://www.standardwebhooks.com) says."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable

#: Before the base64 of a secret.
PREFIX = "whsec_"

#: Bytes: the shortest and the longest secret.
_SHORTEST, _LONGEST = 24, 64

_RULE = f"{PREFIX!r} and the base64 of {_SHORTEST} to {_LONGEST} random bytes"


def key_of(secret: object) -> bytes:
    """The key of a secret.

    Raises:
        ValueError: It is no secret. The message does not show it.
    """
    if not isinstance(secret, str) or not secret.startswith(PREFIX):
        raise ValueError(f"its secret must be {_RULE}")
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError(f"its secret must be {_RULE}; it has other characters than those of base64") from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ValueError(f"its secret must be {_RULE}; it has {len(key)} bytes")
    return key


def signature_of(keys: Iterable[bytes], event_id: str, timestamp: int, body: bytes) -> str:
    """The value of the header `webhook-signature`: a signature with each key, with spaces between.

    Args:
        keys: The keys.
        event_id: The value of `webhook-id`.
        timestamp: The value of `webhook-timestamp`.
        body: The body.
    """
    content = b".".join((event_id.encode(), str(timestamp).encode(), body))
    digests = (hmac.new(key, content, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
