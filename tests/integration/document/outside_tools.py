"""Programs that `clients/setup` brings: linters, generators of clients, compilers of what they make."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from ...support.processes import ROOT

#: The sources of the clients, and the configurations of the programs.
SOURCES = Path(__file__).parent / "clients"

#: The folder of the packages.
PACKAGES = ROOT / ".tools" / "clients"

PYTHON = PACKAGES / "python" / "bin" / "python"

#: Seconds: limit of one program.
_LIMIT = 120

#: Nothing is sent to the makers of the programs.
_QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}


def run(
    folder: Path, command: Sequence[str | Path], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program of the packages in a folder, and return its exit code and its whole output as one text."""
    assert PACKAGES.is_dir(), "there are no packages: run tests/integration/document/clients/setup"
    path = os.pathsep.join(map(str, (PACKAGES / "node_modules" / ".bin", PYTHON.parent, os.environ["PATH"])))
    return subprocess.run(  # noqa: S603
        command,
        cwd=folder,
        env=os.environ | _QUIET | {"PATH": path} | (environment or {}),
        timeout=_LIMIT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def output_of(folder: Path, *command: str | Path, environment: dict[str, str] | None = None) -> str:
    """What a program prints; it must succeed."""
    result = run(folder, command, environment)
    assert result.returncode == 0, f"{' '.join(map(str, command))}\n{result.stdout[-20_000:]}"
    return result.stdout
