"""What a client reads of an exception in user code: type, message and cause, and the frames of the user's code."""

import sysconfig
import traceback
from collections.abc import Iterator
from pathlib import PurePath
from types import FrameType, TracebackType
from typing import NamedTuple

#: Characters: longest text of an error, which stands in each list and event; and of a traceback.
_LONGEST_ERROR = 4_000
_LONGEST_TRACEBACK = 32_000

#: Frames of one exception that are kept, half of them from each end.
_MOST_FRAMES = 60

#: Exceptions: longest chain of causes.
_MOST_CAUSES = 5

#: Packages between a session's thread and the user's code.
_FRAMEWORK = frozenset({"algomancy_api", "algomancy_data", "algomancy_scenario", "algomancy_utils"})

_EXAMPLE = "algomancy_api.example"

_INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
_INSTALLED_FOLDERS = frozenset({"site-packages", "dist-packages"})

#: Attribute of an exception: the report that came with it from another process.
_ATTRIBUTE = "_algomancy_api_report"


class Explained(Exception):
    """An exception whose text says all: clients need neither its type nor its frames."""


class FailureReport(NamedTuple):
    """The error of a failed run as one text, and the traceback of the user's code; None if no such code was on it."""

    error: str
    traceback: str | None = None


def report_of(error: BaseException) -> FailureReport:
    """The report of an exception, or the one that was attached to it."""
    attached: FailureReport | None = getattr(error, _ATTRIBUTE, None)
    if attached is not None:
        return attached
    if isinstance(error, Explained):
        return FailureReport(_shortened(message_of(error), _LONGEST_ERROR))
    return FailureReport(
        _shortened(_text_with_cause(error), _LONGEST_ERROR), _shortened(_traceback(error), _LONGEST_TRACEBACK) or None
    )


def attach_report(error: BaseException, report: FailureReport) -> None:
    """Attach a report to an exception whose frames are in another process."""
    setattr(error, _ATTRIBUTE, report)


def message_of(error: BaseException) -> str:
    """The text of an exception, whatever its ``__str__`` does."""
    try:
        return str(error)
    except Exception as worse:
        return f"{type(error).__name__}, whose text cannot be read: {type(worse).__name__}"


def message_or_place(error: BaseException) -> str:
    """The text of an exception; without one, ``AssertionError at planning/solve.py:42``."""
    return message if (message := message_of(error)).strip() else _text(error)


def _text_with_cause(error: BaseException) -> str:
    """``KpiError: Error computing KPI Cost (caused by KeyError: 'cost')``."""
    causes: list[BaseException] = []
    while (cause := (causes[-1] if causes else error).__cause__) is not None and len(causes) < _MOST_CAUSES:
        causes.append(cause)
    return _text(error) + "".join(f" (caused by {_text(cause)})" for cause in causes)


def _text(error: BaseException) -> str:
    """``KeyError: 'customers'``; without a message, ``AssertionError at solve.py:42``."""
    name = type(error).__name__
    if (message := message_of(error)).strip():
        return f"{name}: {message}"
    frames = _user_frames(error)
    return f"{name} at {_file(frames[-1][0])}:{frames[-1][1]}" if frames else name


def _traceback(error: BaseException) -> str:
    """The frames of an exception and of its causes, as Python prints them, but without folders and source lines."""
    parts: list[str] = []
    link, current = "", error
    for _ in range(_MOST_CAUSES + 1):
        frames = _user_frames(current)
        if frames:
            parts.append("\n".join(["Traceback (most recent call last):", *_lines(frames), _text(current)]) + link)
        if current.__cause__ is not None:
            link, current = (
                "\n\nThe above exception was the direct cause of the following exception:\n",
                current.__cause__,
            )
        elif current.__context__ is not None and not current.__suppress_context__:
            link, current = (
                "\n\nDuring handling of the above exception, another exception occurred:\n",
                current.__context__,
            )
        else:
            break
    return "\n".join(reversed(parts))


type _Frames = list[tuple[FrameType, int]]


def _lines(frames: _Frames) -> Iterator[str]:
    half = _MOST_FRAMES // 2
    left_out = len(frames) - 2 * half
    for number, (frame, line) in enumerate(frames):
        if left_out <= 0 or not half <= number < half + left_out:
            yield f'  File "{_file(frame)}", line {line}, in {frame.f_code.co_name}'
        elif number == half:
            yield f"  [{left_out} more frames]"


def _user_frames(error: BaseException) -> _Frames:
    """The frames of the user's code with their lines, the outermost first.

    Libraries are left out. The first package after the framework is the user's, even if it is installed.
    """
    frames = [(frame, line) for frame, line in _walk(error.__traceback__) if not _is_of_framework(frame)]
    own = next((_package(frame) for frame, _ in frames if not _is_of_python(frame)), None)
    return [(frame, line) for frame, line in frames if _package(frame) == own or not _is_installed(frame)]


def _walk(trace: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    return traceback.walk_tb(trace)


def _module(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__", ""))


def _package(frame: FrameType) -> str:
    return _module(frame).partition(".")[0]


def _is_of_framework(frame: FrameType) -> bool:
    is_example = _module(frame) == _EXAMPLE or _module(frame).startswith(f"{_EXAMPLE}.")
    return _package(frame) in _FRAMEWORK and not is_example


def _is_of_python(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    return file.startswith("<frozen ") or (_is_installed(frame) and not _INSTALLED_FOLDERS & set(PurePath(file).parts))


def _is_installed(frame: FrameType) -> bool:
    file = frame.f_code.co_filename
    is_below = file.startswith(tuple(f"{folder}/" for folder in _INSTALLED))
    return file.startswith("<frozen ") or is_below or not _INSTALLED_FOLDERS.isdisjoint(PurePath(file).parts)


def _file(frame: FrameType) -> str:
    """The file of a frame below the folder that its package is imported from: ``planning/solve.py``."""
    path = PurePath(frame.f_code.co_filename)
    module = _module(frame).split(".") + (["__init__"] if path.stem == "__init__" else [])
    within = path.parts[-len(module) :]
    return "/".join(within) if [*path.parent.parts, path.stem][-len(module) :] == module else path.name


def _shortened(text: str, longest: int) -> str:
    """A text that any database and any JSON can hold."""
    short = text if len(text) <= longest else f"{text[: longest - 1]}…"
    return short.replace("\0", "\\0").encode(errors="backslashreplace").decode()
