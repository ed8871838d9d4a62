"""The tables of keywords and limits in ``docs/configuration.md``, generated from their declarations."""

from collections.abc import Iterable
from dataclasses import Field, fields
from typing import Any, get_args

from marked_page import renewed

from algomancy_api import ApiConfiguration, Limits
from algomancy_api.config.fields import REQUIRED, Section, Setting, settings_of

_SECTIONS: tuple[Section, ...] = get_args(Section.__value__)

_SETTINGS = settings_of(ApiConfiguration)

#: Placeholders for the required keywords of `ApiConfiguration`, to build one and read the other defaults from it.
_PLACEHOLDERS: dict[str, Any] = {one.name: False for one in _SETTINGS if one.default is REQUIRED}


def with_tables(page: str) -> str:
    """The page with new tables.

    Raises:
        ValueError: The page lacks the comments around a table.
    """
    defaults = ApiConfiguration(**_PLACEHOLDERS)
    for section in _SECTIONS:
        rows = (_keyword(one, getattr(defaults, one.name)) for one in _SETTINGS if one.section == section)
        page = renewed(page, f"the keywords of {section!r}", _table(("keyword", "default", "meaning"), rows))
    return renewed(
        page, "the fields of Limits", _table(("limit", "default", "beyond it", "of"), map(_limit, fields(Limits)))
    )


def _table(heading: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rule = f"|{'---|' * len(heading)}"
    return "\n".join([_row(heading), rule, *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _keyword(one: Setting, default: object) -> tuple[str, ...]:
    shown = "required" if one.default is REQUIRED else f"`{_as_code(default)}`"
    return f"`{one.name}`", shown, _with_link(one.sentence, one.see)


def _limit(limit: Field[Any]) -> tuple[str, ...]:
    shown = _with_unit(getattr(Limits(), limit.name), limit.metadata["unit"])
    meaning = _with_link(limit.metadata["sentence"], limit.metadata["see"])
    return f"`{limit.name}`", shown, limit.metadata["beyond"], meaning


def _as_code(value: object) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return "Limits()" if value == Limits() else repr(value)


def _with_unit(value: float | None, unit: str | None) -> str:
    """A value in readable units, like "64 MiB" for 67108864 bytes."""
    if value is None:
        return "None"
    if unit == "s":
        return f"{value:g} s"
    if unit is None:
        return f"{value:,}"
    exponent = next(number for number in (3, 2, 1, 0) if value % 1024**number == 0)
    prefix = ("", "Ki", "Mi", "Gi")[exponent]
    return f"{value / 1024**exponent:,.0f} {prefix}{'B' if unit == 'B' else ''}"


def _with_link(sentence: str, page: str | None) -> str:
    """The sentence and a link to a page. The text of the link is the anchor or the name of the page."""
    if page is None:
        return sentence
    text = page.rpartition("#")[2].removesuffix(".md").replace("-", " ")
    return f"{sentence} ([{text}]({page}))"
