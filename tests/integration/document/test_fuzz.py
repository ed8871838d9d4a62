"""The running example conforms to its document. This is the short form with a fixed seed; `fuzz` has the long one."""

from .fuzz import run


def test_the_running_example_does_as_its_document_says() -> None:
    assert run("--phases", "examples,coverage", "--seed", "1", "--no-color") == 0
