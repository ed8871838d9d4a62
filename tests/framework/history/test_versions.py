"""The version of the module that an algorithm comes from."""

import sys
from importlib.metadata import version
from types import ModuleType

import pandas as pd
import pytest

from algomancy_api.framework.history.versions import server_version, version_of


def test_the_server_has_its_own() -> None:
    assert server_version() == version("algomancy-api")


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("pandas.core.frame", pd.__version__),  # of its package
        ("algomancy_api.example", version("algomancy-api")),  # of its distribution
        ("tests.framework.history.test_versions", None),
        ("no.such.module", None),
        ("__main__", None),
    ],
)
def test_a_module_has_that_of_its_package_or_distribution(module: str, expected: str | None) -> None:
    assert version_of(module) == expected


def test_that_of_the_module_itself_is_the_first_choice(monkeypatch: pytest.MonkeyPatch) -> None:
    own, package = ModuleType("a_wiring.solver"), ModuleType("a_wiring")
    own.__version__, package.__version__ = "2.1", "1.0"  # type: ignore[attr-defined]
    odd = ModuleType("a_wiring.odd")
    odd.__version__ = (3, 0)  # type: ignore[attr-defined]
    for module in (own, package, odd):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    assert version_of("a_wiring.solver") == "2.1"
    assert version_of("a_wiring.odd") == "1.0"
