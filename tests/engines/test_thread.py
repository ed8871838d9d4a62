"""What an algorithm on the thread engine gets: a dataset with tables of its own."""

from typing import Any

import pandas as pd
from algomancy_data import BaseDataSource, DataClassification, DataSource

from algomancy_api.engines.thread import with_own_tables


class Extended(DataSource):
    """A dataset with an attribute of its own."""

    def __init__(self, **keywords: Any) -> None:
        super().__init__(DataClassification.MASTER_DATA, **keywords)
        self.limits = {"depots": 3}


class Other(BaseDataSource):
    """A dataset without tables that this package knows of."""

    tables = {"t": pd.DataFrame({"x": [1]})}  # noqa: RUF012 - never changed

    def to_json(self) -> str:
        return "{}"

    @classmethod
    def from_json(cls, json_string: str) -> Any:
        return cls(DataClassification.MASTER_DATA)


def test_a_copy_is_of_the_same_class_with_the_same_id_and_attributes() -> None:
    data = Extended(name="d")
    tables: Any = {"t": pd.DataFrame({"x": [1]}), "s": pd.Series([1]), "n": None}
    data.tables = tables
    own = with_own_tables(data)
    assert type(own) is Extended
    assert (own.id, own.name, own.limits) == (data.id, "d", {"depots": 3})
    own.tables["t"].loc[0, "x"] = 2
    own.tables["s"].iloc[0] = 2
    del own.tables["n"]
    own.limits = {}
    assert tables["t"]["x"].tolist() == [1]
    assert tables["s"].tolist() == [1]
    assert list(data.tables) == ["t", "s", "n"]
    assert data.limits == {"depots": 3}


def test_a_dataset_of_another_class_is_handed_over_as_it_is() -> None:
    data = Other(DataClassification.MASTER_DATA)
    assert with_own_tables(data) is data


def test_no_column_is_copied_before_it_is_changed() -> None:
    data = Extended(name="d")
    data.add_table("t", pd.DataFrame({"x": range(100), "y": range(100)}))
    own = with_own_tables(data)
    assert own.tables["t"]["x"].to_numpy().base is data.tables["t"]["x"].to_numpy().base
