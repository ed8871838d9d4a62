"""The wiring of the chaos test: algorithms that do what solvers do to their process, and to the machine."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import algomancy_api
from algomancy_api import ApiConfiguration

from ...support import wiring


class Works(wiring.Algorithm):
    """Improves its solution for up to a second, on a thread of its own, and ends when it is asked to."""

    def run(self, data: Any) -> Any:
        thread = threading.Thread(target=self.improve, args=(super().run(data),))
        thread.start()
        end = time.monotonic() + random.uniform(0, 1)  # noqa: S311
        while time.monotonic() < end and not algomancy_api.stopping():
            self.set_progress(50)
            time.sleep(0.01)
        thread.join()
        return super().run(data)

    def improve(self, result: Any) -> None:
        for objective in range(random.randrange(5), 0, -1):  # noqa: S311
            self.report(result, objective=objective)  # type: ignore[attr-defined]
            time.sleep(0.02)


class Leaves(wiring.Algorithm):
    """Starts a process in a session of its own, makes shared memory and files, and fails as often as not."""

    def run(self, data: Any) -> Any:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
        SharedMemory(create=True, size=1_000_000).close()
        tempfile.mkdtemp()
        time.sleep(random.uniform(0, 0.5))  # noqa: S311
        if random.random() < 0.5:  # noqa: S311
            raise ValueError("no luck")
        return super().run(data)


class Dies(wiring.Algorithm):
    """Ends its process in one of several ways, or does not."""

    def run(self, data: Any) -> Any:
        time.sleep(random.uniform(0, 0.2))  # noqa: S311
        how = random.choice([None, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM])  # noqa: S311
        if how is not None:
            os.kill(os.getpid(), how)
        return super().run(data)


class Prints(wiring.Algorithm):
    """Prints some megabytes."""

    def run(self, data: Any) -> Any:
        for _ in range(20_000):
            print("x" * 200)
        return super().run(data)


class Sleeps(wiring.Algorithm):
    """Hears of nothing for ten seconds."""

    def run(self, data: Any) -> Any:
        time.sleep(10)
        return super().run(data)


ALGORITHMS = {kind.__name__: kind for kind in (Works, Leaves, Dies, Prints, Sleeps, wiring.Instant)}


def configuration() -> ApiConfiguration:
    """The configuration on the database and the engine that the environment names."""
    return wiring.configuration(
        algorithms=ALGORITHMS,
        persistence_backend="database",
        database_url=os.environ["WIRING_DATABASE"],
        engine=os.environ["WIRING_ENGINE"],
        engine_address=os.environ.get("WIRING_ADDRESS"),
        engine_workers=2,
    )
