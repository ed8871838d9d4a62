"""Exceptions for files that are not read.

A child process sends them to its parent, so each takes its text as its only argument: it must pickle.

Neither is a ValueError: openpyxl would wrap it into one of its own.
"""


class FileTooLarge(Exception):
    """A file that has, or expands to, more than a limit allows."""


class UnreadableFile(Exception):
    """A file whose content does not match its extension; the message has the reason."""
