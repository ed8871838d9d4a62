"""Generate the client without an event loop, `_sync`, from the one with it, `_async`.

Usage: generate.py [--check]
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import unasync

PACKAGE = Path(__file__).parent / "src" / "algomancy_client"

#: Names that differ, beside `await`, `async for` and the like.
NAMES = {
    **{
        f"Async{name}": name
        for name in (
            "Calls", "Client", "Dataset", "Scenario", "Scenarios", "Session", "Tables", "Transport", "Waiting",
        )
    },
    "_async": "_sync",
    "aclose": "close",
    "aclosing": "closing",
    "aiter_lines": "iter_lines",
    "aread": "read",
    "asyncio": "time",
}  # fmt: skip

_NOTE = "# Generated from _async by `make client`: change that, and run it again.\n"

_DOCSTRING = "The client, written once: `_sync` is generated from this folder by `make client`."
_GENERATED = "The client without an event loop, generated from `_async` by `make client`."


def generated() -> dict[str, str]:
    """The content of each module of `_sync`, by its name."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "_sync"
        rule = unasync.Rule(str(PACKAGE / "_async"), str(target), NAMES)
        unasync.unasync_files([str(path) for path in sorted((PACKAGE / "_async").glob("*.py"))], [rule])
        for path in target.glob("*.py"):
            path.write_text(_NOTE + path.read_text().replace(_DOCSTRING, _GENERATED))
        # Without `await`, lines are shorter, and imports in another order.
        _ruff("check", "--quiet", "--fix", "--select", "I", str(target))
        _ruff("format", "--quiet", str(target))
        return {path.name: path.read_text() for path in target.glob("*.py")}


def _ruff(*arguments: str) -> None:
    ruff = Path(sys.executable).parent / "ruff"
    settings = ("--config", PACKAGE.parents[1] / "pyproject.toml")
    subprocess.run([ruff, *arguments, *settings], check=True)  # noqa: S603 - the one beside this Python


def main(arguments: list[str]) -> int:
    """Write the modules, or with `--check` only say which of them are out of date."""
    target = PACKAGE / "_sync"
    modules = generated()
    present = {path.name: path.read_text() for path in target.glob("*.py")}
    stale = sorted(name for name in modules.keys() | present.keys() if modules.get(name) != present.get(name))
    if "--check" in arguments:
        for name in stale:
            print(f"{target / name} is out of date: run `make client`", file=sys.stderr)
        return bool(stale)
    target.mkdir(exist_ok=True)
    for name in stale:
        if name in modules:
            (target / name).write_text(modules[name])
        else:
            (target / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
