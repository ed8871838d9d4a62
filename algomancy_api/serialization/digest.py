"""The digest of a body, for its ETag and for finding equal bodies."""

from hashlib import sha256


def body_digest(body: bytes) -> bytes:
    """The SHA-256 digest of a body."""
    return sha256(body).digest()
