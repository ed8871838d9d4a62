import pytest

from algomancy_api.example.problem import TravellingSalesmanData
from algomancy_api.example.seed import BUNDLED, DATA, files

from .helpers import Bundled, etl


@pytest.fixture(scope="session")
def bundled() -> Bundled:
    """Dataset key -> the dataset as the ETL builds it."""
    return {key: _loaded(key, folder) for key, folder in BUNDLED.items()}


@pytest.fixture
def pcb442(bundled: Bundled) -> TravellingSalesmanData:
    return bundled["Master data"]


def _loaded(key: str, folder: str) -> TravellingSalesmanData:
    data = etl(files(DATA / folder), key).datasource
    assert isinstance(data, TravellingSalesmanData)
    return data
