"""Keywords of the configuration as options of the command."""

import argparse
from collections.abc import Callable
from contextlib import suppress
from typing import Any, get_args

from .configuration import ApiConfiguration
from .fields import Setting, settings_of

#: The keywords that are options, and what stands for the value of each in ``--help``; nothing for one that is only on.
OPTIONS = {
    "host": "HOST",
    "port": "PORT",
    "engine": "ENGINE",
    "engine_address": "ADDRESS",
    "engine_workers": "COUNT",
    "run_timeout": "SECONDS",
    "cookie_auth": "",
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options. The value of one that is not given is None."""
    for one in settings_of(ApiConfiguration):
        if one.name in OPTIONS:
            _add_option(parser, one)


def _add_option(parser: argparse.ArgumentParser, setting: Setting) -> None:
    default = "the configuration's" if setting.default is None else f"the configuration's, else {setting.default}"
    help_text = f"{setting.sentence} (default: {default})".replace("`", "").replace("%", "%%")
    name = f"--{setting.name.replace('_', '-')}"
    if setting.type is bool:
        parser.add_argument(name, action="store_true", default=None, help=help_text)
    else:
        parser.add_argument(name, type=_reader(setting), metavar=OPTIONS[setting.name], help=help_text)


def _reader(setting: Setting) -> Callable[[str], Any]:
    """What makes a value of a keyword from the text of its option."""
    convert = _number if {int, float} & {setting.type, *get_args(setting.type)} else str

    def read(text: str) -> Any:  # noqa: ANN401 - of the type of the keyword
        try:
            return setting.value_from(convert(text))
        except ValueError as error:
            rule = setting.words.removeprefix("None or ")
            raise argparse.ArgumentTypeError(f"must be {rule}; got {text!r}") from error

    return read


def _number(text: str) -> int | float | str:
    """A number, or the text as it is if it is none, so that the rule of the keyword names it."""
    with suppress(ValueError):
        return int(text) if text.isascii() and text.isdigit() else float(text)
    return text
