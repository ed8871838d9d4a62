"""After a SIGKILL at any moment, confirmed changes are there, and nothing is half written."""

from pathlib import Path

from ...support.databases import Database
from .killing import kill_again_and_again


def test_what_was_answered_survives_six_kills(tmp_path: Path) -> None:
    assert kill_again_and_again(Database(f"sqlite:///{tmp_path}/wiring.sqlite"), 6, 1, print) > 10
