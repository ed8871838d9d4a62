"""Spectral and Redocly find no error in the document: in its file, and as served with tokens."""

import json
from pathlib import Path
from typing import Any

import pytest

from ...support.identities import TOKENS
from ...support.validation import FILE
from ...test_launcher import called
from .outside_tools import SOURCES, run

LINTERS: dict[str, list[str | Path]] = {
    "spectral": ["spectral", "lint", "--ruleset", SOURCES / "spectral.yaml", "document.json"],
    "redocly": ["redocly", "lint", "document.json"],
}


def linted(linter: str, document: dict[str, Any], folder: Path) -> tuple[int, str]:
    """The exit code of a linter, which is 0 if there are no errors, and what it prints."""
    (folder / "document.json").write_text(json.dumps(document, indent=2))
    result = run(folder, LINTERS[linter])
    return result.returncode, result.stdout


@pytest.mark.parametrize("linter", LINTERS)
def test_the_file_has_no_error(linter: str, tmp_path: Path) -> None:
    code, found = linted(linter, json.loads(FILE.read_bytes()), tmp_path)
    assert code == 0, found


@pytest.mark.parametrize("linter", LINTERS)
def test_the_document_of_a_server_with_tokens_has_no_error(linter: str, tmp_path: Path) -> None:
    with called(tokens=TOKENS) as client:
        document = client.get("/openapi.json").json()
    code, found = linted(linter, document, tmp_path)
    assert code == 0, found


@pytest.mark.parametrize("linter", LINTERS)
def test_a_fault_is_found(linter: str, tmp_path: Path) -> None:
    document = json.loads(FILE.read_bytes())
    document["paths"]["/sessions"]["post"]["operationId"] = "listSessions"
    code, found = linted(linter, document, tmp_path)
    assert code == 1
    assert "listSessions" in found or "operation-operationId-unique" in found
