"""Waits and events outlast a server that is killed and started again."""

from contextlib import ExitStack
from functools import partial
from pathlib import Path

from ...support.clients import eventually
from .conftest import Addresses, Served
from .platforms import Platform

WAYS = [
    ("Node.js", "direct"),
    ("Node.js", "nginx by number"),
    ("Chromium", "direct"),
    ("Chromium", "nginx by name"),
]


def test_waits_and_events_outlast_a_kill_of_the_server(
    platforms: dict[str, Platform], address: Addresses, served: Served, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        begun = [
            stack.enter_context(platforms[platform]("restart", address(way), f"restart {platform} {way}", tmp_path))
            for platform, way in WAYS
        ]
        for each in begun:
            eventually(partial(each.has_said, "running"))
        served.kill()
        served.start()
        for each in begun:
            seen = each.outcome()
            # The one that ran is cut off; the one that was queued is queued again.
            assert [run["status"] for run in seen["runs"]] == ["created", "complete"]
            assert [run["interrupted"] for run in seen["runs"]] == [True, False]
            assert seen["first"] == "snapshot"
            assert seen["hasProgress"]
            assert seen["wasLost"]
