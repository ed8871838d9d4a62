"""Untrusted text escaped for a log."""

#: Escapes of control characters and line breaks, as in a string literal.
_ESCAPES = {code: ascii(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


def one_line(text: str) -> str:
    """A text on one line: control characters and line breaks are escaped."""
    return text.translate(_ESCAPES)
