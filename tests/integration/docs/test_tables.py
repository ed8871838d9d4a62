"""The tables of keywords, limits and routes match the code."""

import ast
import inspect
from dataclasses import fields
from typing import Any

import pytest
from algomancy_scenario import CoreConfig

from algomancy_api import ApiConfiguration, Limits, cli
from algomancy_api.application import OUTSIDE_PREFIX, UNDER_PREFIX
from algomancy_api.config.fields import settings_of

from ...support import wiring
from .pages import rows, text_of

CONFIGURATION = "docs/configuration.md"

UNITS = {"KiB": 1024, "Mi": 1024**2, "MiB": 1024**2, "GiB": 1024**3, "s": 1}

#: Keywords without a default, and a value for each.
REQUIRED = {
    name: wiring.settings()[name]
    for name in ("etl_factory", "schemas", "data_object_type", "algorithms", "kpis", "autocreate", "autorun")
}


def keywords() -> set[str]:
    core = set(inspect.signature(CoreConfig.__init__).parameters) - {"self", "_"}
    own = set(inspect.signature(ApiConfiguration.__init__).parameters) - {"self", "unknown"}
    return core | own


def default_of(keyword: str) -> Any:
    return getattr(ApiConfiguration(**REQUIRED), keyword)


def stated(text: str) -> Any:
    """The value that a cell shows as code."""
    return Limits() if text == "`Limits()`" else ast.literal_eval(text.strip("`"))


def test_every_keyword_is_in_the_configuration_page_once() -> None:
    listed = [cells[0].strip("`") for cells in rows(CONFIGURATION, "keyword", "default")]
    assert sorted(listed) == sorted(keywords())


@pytest.mark.parametrize("page", [CONFIGURATION, "README.md"])
def test_the_defaults_of_keywords_are_those_of_the_code(page: str) -> None:
    table = {cells[0].strip("`"): cells[1] for cells in rows(page, "keyword", "default")}
    assert table
    assert {name for name, text in table.items() if text == "required"} <= REQUIRED.keys()
    for name, text in table.items():
        if text != "required":
            assert stated(text) == default_of(name), name


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_keyword_is_required_and_listed_so(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        ApiConfiguration(**{key: value for key, value in REQUIRED.items() if key != name})
    assert [cells[1] for cells in rows(CONFIGURATION, "keyword", "default") if cells[0] == f"`{name}`"] == ["required"]


def test_every_limit_is_listed_once_with_its_default() -> None:
    table = [(cells[0].strip("`"), cells[1]) for cells in rows(CONFIGURATION, "limit", "default")]
    assert sorted(name for name, _ in table) == sorted(field.name for field in fields(Limits))
    for name, text in table:
        number, _, unit = text.partition(":")[0].replace(",", "").partition(" ")
        value = None if number == "None" else int(number) * UNITS.get(unit, 1)
        assert value == getattr(Limits(), name), name


def test_the_sentences_are_those_of_the_declarations() -> None:
    keywords = {cells[0].strip("`"): cells[2] for cells in rows(CONFIGURATION, "keyword", "default")}
    limits = {cells[0].strip("`"): cells[2:] for cells in rows(CONFIGURATION, "limit", "default")}
    settings = settings_of(ApiConfiguration)
    assert [one.name for one in settings if not keywords[one.name].startswith(one.sentence)] == []
    for limit in fields(Limits):
        assert limits[limit.name][0] == limit.metadata["beyond"]
        assert limits[limit.name][1].startswith(limit.metadata["sentence"])


def test_the_options_of_the_command_that_are_keywords_are_listed() -> None:
    options = vars(cli._parser().parse_args(["serve", "wiring:configuration"]))
    names = {f"`--{name.replace('_', '-')}`" for name in options.keys() & keywords()}
    [paragraph] = [part for part in text_of(CONFIGURATION).split("\n\n") if part.startswith("A few keywords")]
    assert {word.strip(",.") for word in paragraph.split() if word.startswith("`--")} == names


def test_the_tables_of_routes_are_whole() -> None:
    served = {(method, route.path) for route in (*UNDER_PREFIX, *OUTSIDE_PREFIX) for method in route.methods or ()}
    listed = {tuple(cells[0].replace("`", "").split(" ")) for cells in rows("docs/routes.md", "route", "does")}
    assert listed == {(method, path) for method, path in served if method != "HEAD"}
    assert all(f"`GET {path}`" in " ".join(text_of("docs/routes.md").split()) for path in ("/openapi.json", "/docs"))
