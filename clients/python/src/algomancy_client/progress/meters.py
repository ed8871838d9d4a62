"""Meters: a bar of tqdm or rich where one is installed, a line of text elsewhere, or a function of one's own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from ..extras import installed, needed
from .standing import Standing

#: Whether runs are shown while they are waited for, or what is called with their standing whenever it changes.
Progress = bool | Callable[[Standing], None]


class Meter(Protocol):
    """Shows standings, one after the other."""

    def show(self, standing: Standing) -> None: ...

    def close(self) -> None: ...


def meter_of(progress: Progress) -> Meter:
    """The meter that a caller asks for."""
    if callable(progress):
        return _Called(progress)
    if not progress:
        return _Called(lambda _: None)
    return next(made for make in _MAKERS if (made := make()) is not None)


class _Called:
    """Calls a function whenever the standing changes."""

    def __init__(self, function: Callable[[Standing], None]) -> None:
        self._function = function
        self._last: Standing | None = None

    def show(self, standing: Standing) -> None:
        if standing != self._last:
            self._last = standing
            self._function(standing)

    def close(self) -> None:
        """Nothing is open."""


class _Text:
    """A line on stderr: written over on a terminal, else one for each run that has ended."""

    def __init__(self) -> None:
        self._over = sys.stderr.isatty()
        self._last = ""

    def show(self, standing: Standing) -> None:
        line = str(standing) if self._over else str(standing).partition(";")[0]
        if line != self._last:
            before, after = ("\r", " " * max(0, len(self._last) - len(line))) if self._over else ("", "\n")
            print(before + line + after, end="", file=sys.stderr, flush=True)
            self._last = line

    def close(self) -> None:
        if self._over and self._last:
            print(file=sys.stderr)


class _Tqdm:
    """A bar of tqdm, which is a widget in a notebook that has some."""

    def __init__(self, module: object) -> None:
        form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}"
        self._bar = module.tqdm(total=100.0, bar_format=form)  # type: ignore[attr-defined]

    def show(self, standing: Standing) -> None:
        self._bar.set_description_str(str(standing).partition(";")[0], refresh=False)
        self._bar.n = standing.percent
        self._bar.refresh()

    def close(self) -> None:
        self._bar.close()


class _Rich:
    """A bar of rich, on stderr."""

    def __init__(self, module: object) -> None:
        console = needed("rich.console", "cli").Console(stderr=True)
        self._bar = module.Progress(console=console)  # type: ignore[attr-defined]
        self._bar.start()
        self._task = self._bar.add_task("", total=100.0)

    def show(self, standing: Standing) -> None:
        words = str(standing).partition(";")[0]
        self._bar.update(self._task, completed=standing.percent, description=words)

    def close(self) -> None:
        self._bar.stop()


def _of_tqdm() -> Meter | None:
    module = installed("tqdm.auto")
    return None if module is None else _Tqdm(module)


def _of_rich() -> Meter | None:
    module = installed("rich.progress")
    return None if module is None else _Rich(module)


#: What makes a meter, or None if its package is not installed: the first one that there is.
_MAKERS: tuple[Callable[[], Meter | None], ...] = (_of_tqdm, _of_rich, _Text)
