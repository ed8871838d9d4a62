"""Bodies of requests, and the forms of uploads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from .calls import Files

#: A file to upload: its path, or its name and its content.
File = str | os.PathLike[str] | tuple[str, bytes]


def encoded(body: object) -> bytes:
    """A body in JSON. Values of numpy and pandas are those of Python."""
    return msgspec.json.encode(body, enc_hook=_plain)


def decoded(text: str | bytes) -> Any:  # noqa: ANN401 - any JSON
    """What a text of JSON says."""
    return msgspec.json.decode(text)


def scenario_body(
    tag: str,
    dataset: str,
    algorithm: str,
    parameters: Mapping[str, object],
    data_parameters: Mapping[str, object] | None = None,
    labels: Mapping[str, str] | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """The body that creates a scenario, without what is not given."""
    optional = {"data_params": data_parameters, "labels": labels, "note": note}
    return {
        "tag": tag,
        "dataset_key": dataset,
        "algo_name": algorithm,
        "algo_params": dict(parameters),
        **{name: value for name, value in optional.items() if value},
    }


def files_of(field: str, files: tuple[File, ...]) -> Files:
    """What opens files for one attempt to upload them, so that each attempt reads them from their beginning.

    Args:
        field: The name of the field of the form.
        files: Paths, or pairs of a name and a content.
    """

    @contextmanager
    def opened() -> Iterator[list[tuple[str, Any]]]:
        with ExitStack() as stack:
            yield [(field, _part(stack, file)) for file in files]

    return opened


def _part(stack: ExitStack, file: File) -> tuple[str, Any]:
    if isinstance(file, tuple):
        return file
    path = Path(file)
    return path.name, stack.enter_context(path.open("rb"))


def _plain(value: object) -> object:
    if hasattr(value, "tolist"):  # scalars and arrays of numpy, columns of pandas
        return value.tolist()
    if isinstance(value, date):  # what pandas makes of it
        return value.isoformat()
    if isinstance(value, range):
        return list(value)
    raise TypeError(f"{value!r} is no value of a parameter: it has no form in JSON")
