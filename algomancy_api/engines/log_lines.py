"""Text of others as lines of a log."""

#: Control characters and line breaks, as they look in a string literal.
_VISIBLE = {code: ascii(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


def one_line(text: str) -> str:
    """A text as one line, whatever it holds."""
    return text.translate(_VISIBLE)
