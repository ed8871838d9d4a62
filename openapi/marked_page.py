"""Pages of the documentation with generated parts, which stand between comments."""

_END = "<!-- End of the generated part. -->"


def renewed(page: str, source: str, content: str) -> str:
    """A page with one generated part renewed.

    Args:
        page: The text of the page.
        source: What the part is generated from, as in the comment before it.
        content: The part.

    Raises:
        ValueError: The page does not have the comments around the part.
    """
    start = f"<!-- Generated from {source} by `make openapi`. -->"
    before, opening, rest = page.partition(start)
    _, closing, after = rest.partition(_END)
    if not opening or not closing:
        raise ValueError(f"the page must have the lines {start!r} and {_END!r}")
    return f"{before}{start}\n\n{content.strip()}\n\n{_END}{after}"
