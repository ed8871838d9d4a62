"""What cannot be kept."""


class Unkeepable(ValueError):
    """A table that cannot be written exactly. The message names the column, the cell where there is one, and the type.

    Raised before a byte is written.
    """


class Refused(ValueError):
    """A value that cannot be written exactly, and its position among the others, where it is one of many.

    It becomes an `Unkeepable` where the column is known.
    """

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


def type_name(value: object) -> str:
    """The full name of a value's type, without the module if that is `builtins`."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
