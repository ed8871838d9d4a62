"""The command ``algomancy-api``: serve the bundled problem, or a configuration of one's own, or make a token."""

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
from .engines import ENGINES, is_time_limit
from .launcher import TOKENS_FILE_VARIABLE, ApiLauncher, as_configuration, is_exposed

_LOG_LEVELS = ("critical", "error", "warning", "info", "debug")
_LOG_FORMATS = ("text", "json")

#: The options that stand for a keyword of the configuration.
_ENGINE = ("engine", "engine_address", "engine_workers", "run_timeout")

_EPILOG = """\
examples:
  algomancy-api example
  algomancy-api example --data /srv/algomancy --port 8080
  algomancy-api token new --name dashboard --access read --session main >> tokens.toml
  ALGOMANCY_API_TOKENS_FILE=tokens.toml algomancy-api serve mypackage.wiring:configuration --host 0.0.0.0
"""


class UsageError(Exception):
    """What the user has to change, in one line."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 2 if there is something to change in how it was called."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UsageError as error:
        print(f"algomancy-api: error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, as the rest of the command does; ``--help`` has the rest."""

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
    commands = parser.add_subparsers(title="commands", required=True, metavar="{example,serve,token}")

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
    serve.add_argument(
        "target",
        metavar="MODULE:ATTRIBUTE",
        help="an ApiConfiguration, a CoreConfig, a dict, or a function that returns one",
    )
    serve.set_defaults(configure=_target_configuration)

    token = commands.add_parser("token", help="make tokens for those who may come in")
    _add_token_commands(token)

    for command in (example, serve):
        command.set_defaults(run=_serve)
        command.add_argument(
            "--host", type=_host, help="the address to listen on (default: the configuration's, else 127.0.0.1)"
        )
        command.add_argument(
            "--port", type=_port, help="the port to listen on (default: the configuration's, else 8051)"
        )
        command.add_argument(
            "--engine", choices=list(ENGINES), help="where algorithms run (default: the configuration's, else thread)"
        )
        command.add_argument(
            "--engine-address",
            metavar="ADDRESS",
            help="where the Dask scheduler is, like tcp://host:8786 (default: the configuration's, else a cluster of "
            "this machine's own)",
        )
        command.add_argument(
            "--engine-workers",
            type=_count,
            metavar="COUNT",
            help="how many scenarios run at once, where the engine has a bound (default: the configuration's, else "
            "as many as there are cores)",
        )
        command.add_argument(
            "--run-timeout",
            type=_seconds,
            metavar="SECONDS",
            help="how long a run may take (default: the configuration's, else without limit)",
        )
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
            help="without tokens, listen where other machines can reach it all the same",
        )
    return parser


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


def _host(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("an address must not be empty")  # it would mean every one of the machine's
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (1 to 65535)")
    return int(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive integer")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not is_time_limit(seconds):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number of seconds")
    return seconds


def _new_token(options: argparse.Namespace) -> None:
    secret = new_secret()
    try:
        token = Token(options.name, secret, options.access, options.sessions or [ALL_SESSIONS])
    except ValueError as error:
        raise UsageError(str(error)) from error
    # Apart, so that the line can be appended to the file while the secret is seen, and stays out of it.
    print(f"The secret of {token.name!r}, which is shown this once: {secret}", file=sys.stderr)
    print(line_of(token))


def _serve(options: argparse.Namespace) -> None:
    app = _build(options)
    ApiLauncher.run(
        app, host=options.host, port=options.port, log_level=options.log_level, log_format=options.log_format
    )


def _build(options: argparse.Namespace) -> Starlette:
    configure: Callable[[argparse.Namespace], ApiConfiguration] = options.configure
    configuration = configure(options)
    given = {name: value for name in _ENGINE if (value := getattr(options, name)) is not None}
    if given:
        keywords = configuration.as_dict() | given
        configuration = _explained("the options cannot be used", ApiConfiguration, **keywords)
    host = options.host or configuration.host
    if not options.insecure and is_exposed(configuration, host):
        raise UsageError(
            f"whoever can reach {host} may do everything, since there are no tokens: make some with `algomancy-api "
            f"token new`, name their file in {TOKENS_FILE_VARIABLE}, or say --insecure"
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


def _load(target: str) -> Any:  # noqa: ANN401 - whatever the user has put there
    module_name, _, attribute = target.partition(":")
    if not module_name or not attribute:
        raise UsageError(f"{target!r} must have the form module:attribute")
    if "" not in sys.path:
        sys.path.insert(0, "")  # modules of the working folder, as with `python -m`
    value = _explained(f"module {module_name!r} cannot be imported", importlib.import_module, module_name)
    for name in attribute.split("."):
        value = _explained(f"{target!r} cannot be read", getattr, value, name)
    return value


def _explained[**P, R](context: str, call: Callable[P, R], *arguments: P.args, **keywords: P.kwargs) -> R:
    """The result of a call, or what it raised as one line: the code behind it is the user's own."""
    try:
        return call(*arguments, **keywords)
    except (Exception, SystemExit) as error:
        raise UsageError(f"{context}: {type(error).__name__}: {_one_line(str(error)) or 'no message'}") from error


def _one_line(text: str) -> str:
    return " ".join(text.split())
