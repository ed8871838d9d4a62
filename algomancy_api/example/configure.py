"""The configuration of the example: problem, algorithms, KPIs and a database in a folder of your choice."""

import os
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from ..config import ApiConfiguration
from .algorithms import ALGORITHMS
from .etl import CityETLFactory
from .kpis import KPIS
from .problem import TravellingSalesmanData
from .schemas import SCHEMAS
from .seed import seed

DATABASE = "algomancy.sqlite"


def build_example_config(
    data: str | os.PathLike[str] = "algomancy-data",
    **overrides: Any,  # noqa: ANN401 - any keyword of the configuration
) -> ApiConfiguration:
    """A configuration that serves the example.

    The bundled datasets are loaded first, if the persistence backend is a database without any dataset.

    Args:
        data: The folder of the database; created if it does not exist.
        overrides: Keywords of `ApiConfiguration` that replace the example's.

    Raises:
        OSError: The folder cannot be created.
        ValueError: An override breaks a rule of `ApiConfiguration`.
    """
    folder = Path(data).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    config = ApiConfiguration(**_settings(folder) | overrides)
    if config.persistence_backend == "database":
        seed(config)
    return config


def _settings(folder: Path) -> dict[str, Any]:
    url = URL.create("sqlite", database=str(folder / DATABASE))
    return {
        "title": "Algomancy API example",
        "data_path": str(folder),
        "has_persistent_state": False,
        "persistence_backend": "database",
        "database_url": url.render_as_string(hide_password=False),
        "data_object_type": TravellingSalesmanData,
        "etl_factory": CityETLFactory,
        "algorithms": ALGORITHMS,
        "kpis": KPIS,
        "schemas": SCHEMAS,
        "autocreate": False,
        "autorun": False,
    }
