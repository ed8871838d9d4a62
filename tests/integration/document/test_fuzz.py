"""The running example does as its document says. Here in short, and always the same; `fuzz` has no end."""

from .fuzz import run


def test_the_running_example_does_as_its_document_says() -> None:
    assert run("--phases", "examples,coverage", "--seed", "1", "--no-color") == 0
