"""The wiring of both servers. It uses only what both environments have.

uvicorn imports it by its bare name and calls `app`, which reads the variables ``COMPARE_FOLDER`` and
``COMPARE_VARIANT``.
"""

import os
from pathlib import Path
from typing import Any

from algomancy_api import ApiConfiguration, ApiLauncher

from .algorithms import ALGORITHMS, KPIS
from .data import SCHEMAS, EtlFactory, Items


def settings(variant: str, folder: Path) -> dict[str, Any]:
    """Keywords of the configuration of a variant."""
    common: dict[str, Any] = {
        "etl_factory": EtlFactory,
        "kpis": KPIS,
        "algorithms": ALGORITHMS,
        "schemas": SCHEMAS,
        "data_object_type": Items,
        "autocreate": False,
        "autorun": False,
        "title": "Compared",
    }
    own: dict[str, dict[str, Any]] = {
        "memory": {},
        "sqlite": {"persistence_backend": "database", "database_url": f"sqlite:///{folder}/compared.sqlite"},
        "locked": {"prefix": "/v2", "allow_session_create": False, "cors_origins": ["http://page.example"]},
    }
    return common | own[variant]


def app() -> Any:
    """The app of the variant that the environment names."""
    folder = Path(os.environ["COMPARE_FOLDER"])
    return ApiLauncher.build(ApiConfiguration(**settings(os.environ["COMPARE_VARIANT"], folder)))
