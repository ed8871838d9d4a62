"""An ETL for any engine, whose end depends on the dataset's name, and a wiring for a server process."""

import os
import time
from pathlib import Path
from typing import Any

from algomancy_data import ETLConstructionError

from algomancy_api import ApiConfiguration

from ...support import wiring
from .algorithms import ALGORITHMS


class EndingEtl(wiring.EtlFactory):
    @classmethod
    def build_pipeline(cls, dataset_name: str, files: Any, schemas: Any, logger: Any = None) -> Any:
        print("at work on", dataset_name)
        if dataset_name == "crash":
            os._exit(4)
        if dataset_name == "refuse":
            raise ETLConstructionError("no such thing")
        if dataset_name == "fail":
            raise ValueError("not today")
        if dataset_name.startswith("wait "):
            Path(dataset_name.removeprefix("wait ")).touch()
            time.sleep(600)
        return super().build_pipeline(dataset_name, files, schemas, logger)


def configuration(**overrides: Any) -> ApiConfiguration:
    """The wiring of this suite on the process engine, for a process of its own."""
    keywords = {"algorithms": ALGORITHMS, "etl_factory": EndingEtl, "engine": "process", "engine_workers": 2}
    return wiring.on_sqlite(os.environ["WIRING_FOLDER"], **keywords | overrides)
