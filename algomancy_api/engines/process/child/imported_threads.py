"""The module whose import starts threads: the program that is run in a new interpreter to find it."""

import builtins
import os
import sys
import warnings
from collections.abc import Iterable
from importlib.util import resolve_name
from multiprocessing import spawn
from pathlib import Path
from typing import Any

#: Names of threads whose library stops and starts them around a fork: that of Arrow's allocator.
_SAFE = ("jemalloc_bg_thd",)

#: Its number of links is that of the threads, and two.
_TASKS = Path("/proc/self/task")

#: What a line of its output begins with.
ANSWER = "algomancy-api found threads after: "


def main(modules: Iterable[str], main_path: str | None) -> None:
    """Import modules, and print the first one that leaves more threads than there were.

    Args:
        modules: Their names, in the order in which the fork server imports them.
        main_path: The path of the main module; None for none.
    """
    _watch_imports(_left_after_fork())
    if main_path is not None:
        _tried(spawn.import_main_path, main_path)
    for name in modules:
        if name != "__main__":
            _tried(__import__, name)


def _tried(load: Any, name: str) -> None:  # noqa: ANN401 - a function of one argument
    try:
        load(name)
    except Exception as error:
        sys.stderr.write(f"{name}: {type(error).__name__}: {error}\n")


def _watch_imports(before: int) -> None:
    original, tasks = builtins.__import__, 0

    def end_if_more(name: str) -> None:
        nonlocal tasks
        former, tasks = tasks, _TASKS.stat().st_nlink  # it grows with each; ten thousands of imports are looked at
        if tasks != former and count("self") > before and _left_after_fork() > before:
            sys.stdout.write(f"\n{ANSWER}{name}\n")
            sys.stdout.flush()
            os._exit(0)

    def watched(name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0) -> Any:  # noqa: A002, ANN401
        end_if_more((globals or {}).get("__name__") or name)  # the module has started them before this import of it
        module = original(name, globals, locals, fromlist, level)
        end_if_more(_imported(name, globals, fromlist, level))  # an import within this one has returned before it
        return module

    builtins.__import__ = watched


def _imported(name: str, globals: Any, fromlist: Any, level: int) -> str:  # noqa: A002, ANN401
    """The full name of what an import statement imports; of a module's name and a name in it, the module's."""
    package = (globals or {}).get("__package__") or ""
    full = resolve_name("." * level + name, package) if level else name
    within = [f"{full}.{one}" for one in fromlist or () if f"{full}.{one}" in sys.modules]
    return within[-1] if within else full


def _left_after_fork() -> int:
    """The number of threads after a fork, before which some libraries end theirs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork with threads: the child only exits
        child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return count("self")


def count(process_id: int | str) -> int:
    """The number of a process's threads that a fork leaves behind.

    Raises:
        OSError: The system does not tell.
    """
    names = [(thread / "comm").read_text().strip() for thread in Path(f"/proc/{process_id}/task").iterdir()]
    return sum(name not in _SAFE for name in names)
