"""Copies of datasets."""

import copy
from contextlib import suppress
from typing import Any

from algomancy_data import BaseDataSource, DataClassification, DataSource

#: The methods of the framework that make its derived datasets: through JSON, which changes values.
_THROUGH_JSON = ("derive", "to_json", "from_json")


#: Attribute of a derived dataset: the key of the one that it was derived from.
_ORIGIN = "_algomancy_api_derived_from"


def origin_of(source: BaseDataSource) -> str | None:
    """The key that the dataset had from which another was derived; None if it was not derived, or it is unknown."""
    origin: str | None = getattr(source, _ORIGIN, None)
    return origin


def set_origin(source: BaseDataSource, key: str | None) -> None:
    """Note from which dataset another was derived, unless its class takes no such note."""
    with suppress(AttributeError):
        setattr(source, _ORIGIN, key)


def renewed(source: BaseDataSource, key: str) -> BaseDataSource:
    """A complete copy of a dataset under a key, with a new id."""
    copied = copy.deepcopy(source)
    copied._set_name(key)
    copied._reset_id()
    return copied


def derived(source: BaseDataSource, key: str) -> BaseDataSource:
    """The dataset that is derived from another, under a new key, with a note of where it is from."""
    made = _derived(source, key)
    set_origin(made, str(source.name))
    return made


def _derived(source: BaseDataSource, key: str) -> BaseDataSource:
    """The dataset that is derived from another, under a new key.

    The framework's own `derive` converts to JSON and back. Its result is made without that here. A class with methods
    of its own decides what its derived datasets are.
    """
    if not isinstance(source, DataSource) or not all(_is_inherited(type(source), name) for name in _THROUGH_JSON):
        return source.derive(key)  # type: ignore[no-any-return]  # the framework's is not annotated
    created: Any = source.creation_datetime
    copied = type(source)(ds_type=DataClassification.DERIVED_DATA, name=key, creation_datetime=created)
    for name, frame in source.tables.items():
        copied.add_table(name, frame.copy(deep=False))  # pandas copies a column when it is changed
    copied._post_derive()
    return copied


def _is_inherited(kind: type[DataSource], name: str) -> bool:
    own, framework = getattr(kind, name), getattr(DataSource, name)
    return getattr(own, "__func__", own) is getattr(framework, "__func__", framework)
