"""The refusals of a file. They cross from a child to its parent, so each has its text as its one argument.

Neither is a ValueError: openpyxl would wrap it into one of its own.
"""


class FileTooLarge(Exception):
    """A file holds, or unfolds to, more than a limit."""


class UnreadableFile(Exception):
    """A file is not what its extension says, and why."""
