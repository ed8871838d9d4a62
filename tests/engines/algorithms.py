"""Algorithms for any engine: what they wait for, and what they tell, are files in a folder that is a parameter."""

import time
from pathlib import Path
from typing import Any

from algomancy_scenario import BaseParameterSet
from algomancy_scenario.result import ScenarioResult
from algomancy_utils.baseparameterset import StringParameter

from algomancy_api.engines import cancelled

from ..clients import PATIENCE
from ..wiring import Algorithm, Fails, Instant


class Folder(BaseParameterSet):
    """Where the files are."""

    def __init__(self) -> None:
        super().__init__("folder")
        self.add_parameters([StringParameter("folder", default="")])

    def validate(self) -> None:
        """Any will do."""


class Gated(Algorithm):
    """Tells by ``started`` that it runs, and ends when there is ``release``."""

    @staticmethod
    def initialize_parameters() -> Any:
        return Folder()

    @property
    def folder(self) -> Path:
        return Path(self.params["folder"])

    def tell(self, name: str, text: str = "") -> None:
        """Write a file, which is there with all of its text or not at all."""
        part = self.folder / f".{name}"
        part.write_text(text)
        part.rename(self.folder / name)

    def wait(self, name: str = "release") -> None:
        deadline = time.monotonic() + PATIENCE
        while not (self.folder / name).exists():
            if time.monotonic() > deadline:
                raise TimeoutError(name)
            self.each_moment()
            time.sleep(0.005)

    def each_moment(self) -> None:
        """What it does while it waits."""

    def run(self, data: Any) -> Any:
        self.set_progress(42)
        self.tell("started")
        self.wait()
        return ScenarioResult(data.id)


class Reports(Gated):
    """Sets its progress all the time."""

    def each_moment(self) -> None:
        self.set_progress(43)


class Asks(Gated):
    """Asks whether it was cancelled, and then ends as if all were well."""

    def run(self, data: Any) -> Any:
        self.tell("started")
        while not cancelled():
            time.sleep(0.005)
        self.tell("asked")
        return ScenarioResult(data.id)


class Swallows(Gated):
    """Goes on after a step that has failed, whatever that was."""

    def each_moment(self) -> None:
        try:
            self.set_progress(43)
        except Exception:
            self.tell("swallowed")


class Cleans(Gated):
    """Answers a stop with an error of its own."""

    def run(self, data: Any) -> Any:
        self.tell("started")
        try:
            self.wait()
        except BaseException as error:
            raise ValueError("while cleaning up") from error

    def each_moment(self) -> None:
        self.set_progress(43)


ALGORITHMS: dict[str, type[Algorithm]] = {
    algorithm.__name__: algorithm for algorithm in (Instant, Fails, Gated, Reports, Asks, Swallows, Cleans)
}
