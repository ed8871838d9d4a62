"""Generated parts of documentation pages, each between two comments."""

_END = "<!-- End of the generated part. -->"


def renewed(page: str, source: str, content: str) -> str:
    """A page with one generated part replaced.

    Args:
        page: The text of the page.
        source: The source of the part, as named in the comment before it.
        content: The new text of the part.

    Raises:
        ValueError: The page lacks the comments around the part.
    """
    start = f"<!-- Generated from {source} by `make openapi`. -->"
    before, opening, rest = page.partition(start)
    _, closing, after = rest.partition(_END)
    if not opening or not closing:
        raise ValueError(f"the page must have the lines {start!r} and {_END!r}")
    return f"{before}{start}\n\n{content.strip()}\n\n{_END}{after}"
