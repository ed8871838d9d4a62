"""Uploads, sweeps, waits, events and errors, in Node.js and in Chromium, by every way to a server."""

from pathlib import Path
from typing import Any

import pytest

from .conftest import Addresses
from .platforms import Platform

WAYS = [
    ("Node.js", "direct"),
    ("Node.js", "nginx by number"),
    ("Chromium", "direct"),
    ("Chromium", "other origin"),
    ("Chromium", "nginx by name"),
]

SEEN: dict[str, Any] = {
    "uploaded": True,
    "refused": {"table": "cities", "column": "x", "row": 0, "severity": "CRITICAL"},
    "tags": [" start_city=1", " start_city=2", " start_city=3"],
    "again": True,
    "statuses": ["complete", "complete", "complete"],
    "kpis": ["Computing time", "Gap to optimum", "Tour length"],
    "percent": 100,
    "compared": 3,
    "missing": {"isNotFound": True, "detail": "Scenario 'none' not found", "status": 404, "hasRequestId": True},
    "unauthorized": True,
    "resumed": ["snapshot", "status"],
    "followed": {"status": "complete", "progress": 100},
}


@pytest.mark.parametrize(("platform", "way"), WAYS)
def test_a_client_uploads_sweeps_waits_and_follows(
    platforms: dict[str, Platform], address: Addresses, platform: str, way: str, tmp_path: Path
) -> None:
    name = f"{platform} {way}"
    with platforms[platform]("sweep", address(way), name, tmp_path) as underway:
        assert underway.outcome() == SEEN
