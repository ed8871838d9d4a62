"""The wiring of the killed server: the tests' wiring, and an algorithm whose result is a table."""

import os
from typing import Any

import pandas as pd
from algomancy_scenario.result import ScenarioResult

from algomancy_api import ApiConfiguration

from ...support import wiring

#: Rows: length of the table of a result.
RESULT_ROWS = 400


class Table(ScenarioResult):
    """A result that is stored in a table of its own."""

    numbers: list[int] | None = None

    def to_sql_tables(self) -> dict[str, pd.DataFrame]:
        return {"numbers": pd.DataFrame({"number": self.numbers})}

    def from_sql_tables(self, tables: dict[str, pd.DataFrame]) -> None:
        self.numbers = tables["numbers"]["number"].to_list()

    def to_dict(self) -> dict[str, Any]:
        return {"numbers": self.numbers}


class Tabular(wiring.Algorithm):
    result_class = Table

    def run(self, data: Any) -> Any:
        result = Table(data.id)
        result.numbers = list(range(RESULT_ROWS))
        return result


ALGORITHMS = {"Instant": wiring.Instant, "Tabular": Tabular}


def configuration() -> ApiConfiguration:
    """The configuration on the database that the environment names."""
    database = {"persistence_backend": "database", "database_url": os.environ["WIRING_DATABASE"]}
    return wiring.configuration(algorithms=ALGORITHMS, **database)
