"""Headers of every answer, which tell a browser what it may not do with one."""

from collections.abc import Sequence

type Headers = tuple[tuple[bytes, bytes], ...]

#: No browser takes an answer for another type than it is said to be of: JSON is no script, whatever a name in it says.
_NO_SNIFFING = (b"x-content-type-options", b"nosniff")

_POLICY = b"cross-origin-resource-policy"

#: Of an answer that no page of another origin may embed.
GUARDED: Headers = (_NO_SNIFFING, (_POLICY, b"same-origin"))

#: Of one that any page may.
SHARED: Headers = (_NO_SNIFFING, (_POLICY, b"cross-origin"))


def headers_for(origins: Sequence[str], *, has_backend: bool) -> Headers:
    """The headers of an app's answers.

    The pages of origins that are named ask by CORS, to which the policy does not apply. It applies to what is embedded,
    as a script or an image is: a browser sends cookies for that, and asks nobody.

    Args:
        origins: The origins whose pages may read the answers, ``"*"`` for all.
        has_backend: Whether a host decides by itself who comes; perhaps by cookies, which are not for all.
    """
    return SHARED if "*" in origins and not has_backend else GUARDED
