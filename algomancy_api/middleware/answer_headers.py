"""The security headers of every response: nosniff, and the Cross-Origin-Resource-Policy."""

from collections.abc import Sequence

type Headers = tuple[tuple[bytes, bytes], ...]

#: Browsers must not guess another type than the Content-Type: JSON never runs as a script, whatever text is in it.
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")

_POLICY = b"cross-origin-resource-policy"

#: Headers of a response that no page of another origin may embed.
GUARDED: Headers = (_NO_SNIFFING, (_POLICY, b"same-origin"))

#: Headers of a response that any page may embed.
SHARED: Headers = (_NO_SNIFFING, (_POLICY, b"cross-origin"))


def headers_for(origins: Sequence[str], *, has_backend: bool) -> Headers:
    """The security headers of an app's responses.

    The policy does not apply to CORS requests, so the pages of named origins do not need a weaker one. It applies to
    embedded resources such as scripts and images, for which a browser sends cookies without a preflight.

    Args:
        origins: The origins whose pages may read the responses; ``"*"`` for all.
        has_backend: Whether the host has its own authentication. It may use cookies, so no page may embed a response.
    """
    return SHARED if "*" in origins and not has_backend else GUARDED
