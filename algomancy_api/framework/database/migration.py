"""Conversion of a database's datasets and results between the forms in which they are stored.

Each dataset and each result is converted in one step, so a conversion that was interrupted goes on where it ended.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from ..session_manager import ApiSessionManager


@dataclass(frozen=True)
class Step:
    """The conversion of one dataset or result.

    Attributes:
        session: The display name of its session.
        name: What it is, and its name.
        convert: Does it, and returns what is different afterwards.
    """

    session: str
    name: str
    convert: Callable[[], list[str]]


def steps(sessions: ApiSessionManager, storage: str) -> list[Step]:
    """What is left to be converted to a storage, one of the values of ``dataset_storage``."""
    return list(_steps(sessions, storage))


def _steps(sessions: ApiSessionManager, storage: str) -> Iterator[Step]:
    for session_id, session in sessions.listing.names.items():
        scenarios: Any = sessions.get_scenario_manager(session_id)
        data, registry = scenarios._dm, scenarios._registry
        for key in data.keys_not_stored_as(storage):
            yield Step(session, f"dataset {key!r}", partial(_convert, data, key, storage))
        for scenario_id in registry.results_in_sql_tables():
            name = f"result of {registry.tag_of(scenario_id)!r}"
            yield Step(session, name, partial(registry.convert_result, scenario_id))


def _convert(data: Any, key: str, storage: str) -> list[str]:  # noqa: ANN401 - the data manager of a database
    before = data.get_data(key).to_sql_tables()
    data.convert(key, storage)
    return differences(before, data.get_data(key).to_sql_tables())


def differences(before: dict[str, pd.DataFrame], after: dict[str, pd.DataFrame]) -> list[str]:
    """What differs between two sets of tables, a line for each table."""
    found = [f"table {name!r} is missing" for name in before if name not in after]
    found += [f"table {name!r} is new" for name in after if name not in before]
    for name in filter(after.__contains__, before):
        try:
            pd.testing.assert_frame_equal(before[name], after[name], check_exact=True, check_freq=False)
        except AssertionError as error:
            found.append(f"table {name!r}: {' '.join(str(error).split())}")
    return found
