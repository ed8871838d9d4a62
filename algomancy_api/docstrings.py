"""Docstrings of classes whose fields are declared with a sentence each."""

from collections.abc import Iterable
from inspect import cleandoc
from textwrap import fill

#: Characters: length of a line.
_WIDTH = 112


def with_section(docstring: str | None, heading: str, entries: Iterable[tuple[str, str]]) -> str:
    """A docstring with one section more, such as ``Args``, with an entry for each name and its text."""
    wrapped = (
        fill(f"{name}: {text}.", _WIDTH, initial_indent=" " * 4, subsequent_indent=" " * 8) for name, text in entries
    )
    return "\n".join([cleandoc(docstring or ""), "", f"{heading}:", *wrapped])
