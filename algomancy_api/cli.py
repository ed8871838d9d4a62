"""The command ``algomancy-api``: serve the bundled problem or your own configuration, or make a token."""

import argparse
import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from starlette.applications import Starlette

from .auth.token_file import line_of
from .auth.tokens import ACCESSES, ALL_SESSIONS, Token, new_secret
from .config import ApiConfiguration
from .config.options import OPTIONS, add_options
from .launcher import TOKENS_FILE_VARIABLE, ApiLauncher, as_configuration, is_exposed

_LOG_LEVELS = ("critical", "error", "warning", "info", "debug")
_LOG_FORMATS = ("text", "json")

#: The options of keywords that `ApiLauncher.run` takes.
_OF_RUN = {"host", "port"}

_EPILOG = """\
examples:
  algomancy-api example
  algomancy-api example --data /srv/algomancy --port 8080
  algomancy-api token new --name dashboard --access read --session main >> tokens.toml
  ALGOMANCY_API_TOKENS_FILE=tokens.toml algomancy-api serve mypackage.wiring:configuration --host 0.0.0.0
"""


class UsageError(Exception):
    """A mistake of the user, in one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 2 for a mistake of the user."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except UsageError as error:
        print(f"algomancy-api: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, like the rest of the command, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {_one_line(message)}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="algomancy-api",
        description="Serve Algomancy over HTTP.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"algomancy-api {version('algomancy-api')}")
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="{example,serve,check,migrate,vacuum,token}"
    )

    example = commands.add_parser("example", help="serve the bundled problem: tours through the cities of TSPLIB")
    example.add_argument(
        "--data",
        type=Path,
        default=Path("algomancy-data"),
        metavar="FOLDER",
        help="where its SQLite database lies; made if it is missing (default: ./algomancy-data)",
    )
    example.set_defaults(configure=_example_configuration)

    serve = commands.add_parser("serve", help="serve a configuration of your own")
    _add_target(serve)

    _add_commands_without_server(commands)

    token = commands.add_parser("token", help="make access tokens")
    _add_token_commands(token)

    for command in (example, serve):
        command.set_defaults(run=_serve)
        add_options(command)
        command.add_argument(
            "--log-level", choices=_LOG_LEVELS, default="info", help="the least level to log (default: info)"
        )
        command.add_argument(
            "--log-format",
            choices=_LOG_FORMATS,
            default="text",
            help="text, or json: one object a line (default: text)",
        )
        command.add_argument(
            "--insecure",
            action="store_true",
            help="listen where other machines can reach the server, even without tokens",
        )
    return parser


def _add_target(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "target",
        metavar="MODULE:ATTRIBUTE",
        help="an ApiConfiguration, a CoreConfig, a dict, or a function that returns one",
    )
    parser.set_defaults(configure=_target_configuration)


def _add_commands_without_server(commands: Any) -> None:  # noqa: ANN401 - argparse names the type privately
    check = commands.add_parser(
        "check",
        help="try each part of a configuration of your own",
        description="Build each algorithm, KPI, schema and the ETL of a configuration once, write nothing, and print a "
        "line for each. The exit code is 1 if one does not work.",
    )
    _add_target(check)
    check.add_argument(
        "--dataset",
        type=Path,
        metavar="FILE",
        help="the JSON of a dataset, as GET .../data/{data_key} gives it: run each algorithm on it with its defaults",
    )
    check.set_defaults(run=_check)
    migrate = commands.add_parser(
        "migrate",
        help="convert the datasets and results of a database",
        description="Convert the datasets and results of a database while no server runs on it. An interrupted "
        "conversion goes on when it is run again. The exit code is 1 if something is different afterwards.",
    )
    _add_target(migrate)
    migrate.add_argument(
        "--to",
        choices=("columns", "tables"),
        default="columns",
        dest="storage",
        help="the dataset_storage to convert to (default: columns)",
    )
    migrate.set_defaults(run=_migrate)
    vacuum = commands.add_parser(
        "vacuum", help="shrink a database", description="Give unused space back to the disk; no server may run on it."
    )
    _add_target(vacuum)
    vacuum.set_defaults(run=_vacuum)


def _add_token_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(title="commands", required=True, metavar="{new}")
    new = commands.add_parser("new", help="print a new secret, which is kept nowhere, and its line for the tokens file")
    new.add_argument("--name", required=True, help="whose it is")
    new.add_argument("--access", choices=ACCESSES, required=True, help="what it may do")
    new.add_argument(
        "--session",
        action="append",
        dest="sessions",
        metavar="SESSION",
        help="a session that it sees, by id or name; may be given several times (default: all)",
    )
    new.set_defaults(run=_new_token)


def _new_token(options: argparse.Namespace) -> None:
    secret = new_secret()
    try:
        token = Token(options.name, secret, options.access, options.sessions or [ALL_SESSIONS])
    except ValueError as error:
        raise UsageError(str(error)) from error
    # The secret goes to stderr, so that stdout, which is the line alone, can be appended to the file.
    print(f"The secret of {token.name!r}, which is shown this once: {secret}", file=sys.stderr)
    print(line_of(token))


def _check(options: argparse.Namespace) -> int:
    from .check import check

    return 0 if check(options.configure(options), options.dataset) else 1


def _migrate(options: argparse.Namespace) -> int:
    from .maintenance import migrate

    configuration = options.configure(options)
    return 0 if _explained("the database cannot be converted", migrate, configuration, options.storage) else 1


def _vacuum(options: argparse.Namespace) -> None:
    from .maintenance import vacuum

    _explained("the database cannot be shrunk", vacuum, options.configure(options))


def _serve(options: argparse.Namespace) -> None:
    app = _build(options)
    ApiLauncher.run(
        app, host=options.host, port=options.port, log_level=options.log_level, log_format=options.log_format
    )


def _build(options: argparse.Namespace) -> Starlette:
    configure: Callable[[argparse.Namespace], ApiConfiguration] = options.configure
    configuration = configure(options)
    given = {name: value for name in OPTIONS.keys() - _OF_RUN if (value := getattr(options, name)) is not None}
    if given:
        keywords = configuration.as_dict() | given
        configuration = _explained("the options cannot be used", ApiConfiguration, **keywords)
    host = options.host or configuration.host
    if not options.insecure and is_exposed(configuration, host):
        raise UsageError(
            f"anyone who can reach {host} could do everything, since there are no tokens: make one with `algomancy-api "
            f"token new` and name its file in {TOKENS_FILE_VARIABLE}, or use --insecure"
        )
    return _explained("the server cannot be built", ApiLauncher.build, configuration)


def _example_configuration(options: argparse.Namespace) -> ApiConfiguration:
    from .example import build_example_config

    return _explained(f"the folder {options.data} cannot be used", build_example_config, options.data)


def _target_configuration(options: argparse.Namespace) -> ApiConfiguration:
    value = _load(options.target)
    if callable(value) and not isinstance(value, ApiConfiguration):
        value = _explained(f"{options.target} failed", value)
    return _explained(f"{options.target} is not a configuration", as_configuration, value)


def _load(target: str) -> Any:  # noqa: ANN401 - any object of the user's module
    module_name, _, attribute = target.partition(":")
    if not module_name or not attribute:
        raise UsageError(f"{target!r} must have the form module:attribute")
    if "" not in sys.path:
        sys.path.insert(0, "")  # the working folder, as with `python -m`
    value = _explained(f"module {module_name!r} cannot be imported", importlib.import_module, module_name)
    for name in attribute.split("."):
        value = _explained(f"{target!r} cannot be read", getattr, value, name)
    return value


def _explained[**P, R](context: str, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
    """The result of a call to the user's code. An exception becomes a `UsageError` of one line."""
    try:
        return call(*arguments, **keywords)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{context}: {type(error).__name__}: {_one_line(str(error)) or 'no message'}") from error


def _one_line(text: str) -> str:
    return " ".join(text.split())
