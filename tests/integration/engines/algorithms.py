"""Algorithms for any engine. They wait for files, and write files, in a folder that is a parameter."""

import copy
import ctypes
import json
import logging
import multiprocessing
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from algomancy_scenario import BaseParameterSet
from algomancy_scenario.result import ScenarioResult
from algomancy_utils.baseparameterset import IntervalParameter, StringParameter, TimeParameter

from algomancy_api.engines import cancelled, is_engine_process

from ...support.clients import PATIENCE
from ...support.wiring import Algorithm, Burns, Dooms, Exits, Fails, Instant, Recurses


class Seen(ScenarioResult):
    """What an algorithm saw."""

    def __init__(self, data_id: str, seen: Any = None) -> None:
        super().__init__(data_id)
        self.seen = seen

    def to_dict(self) -> dict[str, Any]:
        return {"seen": self.seen}


class Folder(BaseParameterSet):
    """The parameter: the folder of the files."""

    def __init__(self) -> None:
        super().__init__("folder")
        self.add_parameters([StringParameter("folder", default="")])

    def validate(self) -> None:
        """Accept any folder."""


class Window(BaseParameterSet):
    """Parameters with times. The class overrides nothing but what it must."""

    def __init__(self) -> None:
        super().__init__("window")
        self.add_parameters([TimeParameter("at"), IntervalParameter("between")])

    def validate(self) -> None:
        """Accept every combination."""


class Windowed(Algorithm):
    """Its result is what it sees of its parameters, and their text."""

    result_class = Seen

    @staticmethod
    def initialize_parameters() -> Any:
        return Window()

    def run(self, data: Any) -> Any:
        start, end = self.params["between"]
        return Seen(data.id, [self.params["at"].year, (end - start).days, self.params.serialize()])


class Gated(Algorithm):
    """Creates the file ``started`` and waits for the file ``release``."""

    @staticmethod
    def initialize_parameters() -> Any:
        return Folder()

    @property
    def folder(self) -> Path:
        return Path(self.params["folder"])

    def tell(self, name: str, text: str = "") -> None:
        """Write a file atomically."""
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


class Rich(ScenarioResult):
    """A result with a table, numbers and words."""

    def __init__(self, data_id: str, table: pd.DataFrame, notes: dict[str, Any]) -> None:
        super().__init__(data_id)
        self.table = table
        self.notes = notes

    def to_dict(self) -> dict[str, Any]:
        return {"rows": self.table.to_dict("records"), "notes": self.notes}

    def to_json(self) -> str:
        return json.dumps({"data_id": self.data_id, "table": self.table.to_dict("list"), "notes": self.notes})

    @classmethod
    def from_json(cls, json_string: str) -> Rich:
        stored = json.loads(json_string)
        return cls(stored["data_id"], pd.DataFrame(stored["table"]), stored["notes"])


class Enriches(Gated):
    """Makes its result of the dataset, of its parameters and of those of the dataset."""

    result_class = Rich

    def run(self, data: Any) -> Any:
        self.set_progress(100)
        notes = {
            "id": data.id,
            "folder": self.params["folder"],
            "limit": self.data_params["limit"],
            "name": self.name,
            "is engine process": is_engine_process(),
        }
        return Rich(data.id, data.get_table("items").assign(half=lambda table: table["weight"] / 2), notes)


class Divides(Algorithm):
    """Calls its own `run` for a part of the dataset, down to one row, and notes how many rows each call had."""

    result_class = Seen

    def run(self, data: Any) -> Any:
        table = data.tables["items"]
        if len(table) == 1:
            data.tables["found"] = table
            return Seen(data.id, [1])
        part = copy.copy(data)
        part.tables = {"items": table.iloc[1:]}
        found = self.run(part)
        return Seen(data.id, [len(table), *found.seen, "found" in part.tables])


class Changes(Algorithm):
    """Changes its dataset in each way that pandas has, after it has noted what it got."""

    result_class = Rich

    def run(self, data: Any) -> Any:
        table = data.tables["items"]
        notes = {"tables": list(data.tables), "index": [*table.index.names, *map(int, table.index)], **table.attrs}
        found = Rich(data.id, table.copy(), notes)
        table["weight"] = 0.0
        table.loc[0, "name"] = "changed"
        table["new"] = 1
        table.sort_values("id", ascending=False, inplace=True)
        table.drop(index=0, inplace=True)
        table.index.name = "changed"
        table.attrs["changed"] = True
        data.tables["more"] = table
        data.add_table("items", table.head(1))
        data.validation_messages = None
        return found


class Lengthy(Algorithm):
    """A result of 20 MB of strings and 20 MB of numbers."""

    result_class = Rich

    def run(self, data: Any) -> Any:
        count = 1_000_000
        table = pd.DataFrame({"number": range(count), "word": [f"word {number}" for number in range(count)]})
        return Rich(data.id, table, {})


class Prints(Algorithm):
    """Prints and logs in every way that there is."""

    def run(self, data: Any) -> Any:
        print("printed\tto stdout")
        print("printed to stderr", file=sys.stderr)
        os.write(1, b"bytes \xff\xfe of no text\n")
        os.write(2, b"x" * 20_000 + b"\n")
        logging.getLogger("solver").warning("logged %d", 7)
        try:
            raise ValueError("a reason")
        except ValueError:
            logging.getLogger("solver").exception("caught")
        assert self._logger is not None
        self._logger.log("by way of the framework")
        os.write(1, b"no end of line")
        return super().run(data)


class Shows(Gated):
    """Prints and logs, also a progress bar and a long line; the end comes when it is released."""

    def run(self, data: Any) -> Any:
        print("to stdout")
        print("to stderr", file=sys.stderr)
        logging.getLogger("solver").warning("logged %d\nin two lines", 7)
        for percent in range(101):
            sys.stderr.write(f"\r{percent} %")
        sys.stderr.write("\n")
        sys.stderr.flush()
        print("é" * 300_000)
        print()
        sys.stdout.flush()
        self.tell("started")
        self.wait()
        print("the end", end="")
        return ScenarioResult(data.id)


class Counts(Gated):
    """Prints its folder with the numbers from 0 to 19,999, and now and then waits for a reader."""

    def run(self, data: Any) -> Any:
        for number in range(20_000):
            print(self.params["folder"], number)
            if number % 2_000 == 0:
                time.sleep(0.02)
        return ScenarioResult(data.id)


class Floods(Algorithm):
    """Prints 300 MB as fast as its process can."""

    def run(self, data: Any) -> Any:
        print("the first line", flush=True)
        block = b"".join(b"line %09d, one of very many\n" % number for number in range(30_000))
        for _ in range(300_000_000 // len(block)):
            rest = memoryview(block)
            while rest:
                rest = rest[os.write(1, rest) :]
        print("the last line", flush=True)
        return super().run(data)


class Ends(Gated):
    """Ends its process, in the way that is the name of its dataset's scenario: its folder says which."""

    def run(self, data: Any) -> Any:
        print("last words", flush=True)
        HOW_TO_END[(self.folder / "how").read_text()]()


def crash() -> None:
    """A segmentation fault."""
    ctypes.string_at(0)


HOW_TO_END: dict[str, Callable[[], Any]] = {
    "SIGSEGV": crash,
    "SIGKILL": lambda: os.kill(os.getpid(), signal.SIGKILL),
    "SIGABRT": os.abort,
    "exit 3": lambda: os._exit(3),
    "exit 0": lambda: os._exit(0),
}


class Ignores(Gated):
    """Ignores a stop and SIGTERM."""

    def run(self, data: Any) -> Any:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self.tell("started", str(os.getpid()))
        while True:
            time.sleep(60)


class Hesitates(Gated):
    """Makes progress at once, unless there is ``hesitate``."""

    def run(self, data: Any) -> Any:
        if not (self.folder / "hesitate").exists():
            self.set_progress(42)
        self.tell("started", str(os.getpid()))
        self.wait()
        return ScenarioResult(data.id)


class Held(Gated):
    """Says which process it is in, and then sets its progress all the time."""

    def run(self, data: Any) -> Any:
        self.tell("started", str(os.getpid()))
        self.wait()
        return ScenarioResult(data.id)

    def each_moment(self) -> None:
        self.set_progress(43)


class Dies(Gated):
    """Kills its process as often as the file ``deaths`` says, and counts its runs in the file ``runs``."""

    def run(self, data: Any) -> Any:
        self.set_progress(42)
        with (self.folder / "runs").open("a") as runs:
            runs.write(".")
        if len((self.folder / "runs").read_text()) <= int((self.folder / "deaths").read_text()):
            os.kill(os.getpid(), signal.SIGKILL)
        return ScenarioResult(data.id)


class Spins(Gated):
    """Keeps the interpreter in one call of C for ever, with a process of its own beside it."""

    def run(self, data: Any) -> Any:
        sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self.tell("started", f"{os.getpid()} {sleeper.pid}")
        return re.match(r"(a+)+$", "a" * 60 + "b")


class Parallel(Gated):
    """Uses processes of its own."""

    def run(self, data: Any) -> Any:
        with multiprocessing.get_context("fork").Pool(2) as pool:
            assert pool.map(abs, [-1, 2]) == [1, 2]
        return super().run(data) if self.params["folder"] else ScenarioResult(data.id)


class Locked(ScenarioResult):
    """A result that cannot be pickled."""

    def __init__(self, data_id: str) -> None:
        super().__init__(data_id)
        self.parts = {"all": [threading.Lock()]}


class Locks(Algorithm):
    def run(self, data: Any) -> Any:
        return Locked(data.id)


class OddError(Exception):
    """An error that cannot be made of its text."""

    def __init__(self, code: int, *, because: str) -> None:
        super().__init__(f"{code}: {because}")


class RaisesOddly(Algorithm):
    def run(self, data: Any) -> Any:
        raise OddError(7, because="it is so")


class Misses(Algorithm):
    def run(self, data: Any) -> Any:
        nothing: dict[str, Any] = {}
        return nothing["a key"]


class Asserts(Algorithm):
    """An error without a message, and one that has another for its cause."""

    def run(self, data: Any) -> Any:
        try:
            raise AssertionError
        except AssertionError as error:
            raise RuntimeError("no solution") from error


def local_algorithm() -> type[Algorithm]:
    """A class that only this process can import."""

    class Local(Algorithm):
        """Like any other."""

    return Local


#: Algorithms that need no folder.
FREE: tuple[type[Algorithm], ...] = (
    Windowed, Asserts, Divides,
    Instant, Fails, Exits, Dooms, Recurses, Changes, Lengthy, Prints, Floods, Locks, RaisesOddly, Misses, Burns,
)  # fmt: skip

GATED: tuple[type[Algorithm], ...] = (
    Gated,
    Reports,
    Asks,
    Swallows,
    Cleans,
    Enriches,
    Shows,
    Counts,
    Ends,
    Ignores,
    Hesitates,
    Held,
    Dies,
    Spins,
    Parallel,
)

ALGORITHMS: dict[str, type[Algorithm]] = {
    algorithm.__name__: algorithm for algorithm in (*FREE, *GATED, local_algorithm())
}
