"""The commands and their options."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from . import commands
from .values import axis, parameter

if TYPE_CHECKING:
    _Commands = argparse._SubParsersAction["_Parser"]

_EPILOG = """\
The server is that of --url or ALGOMANCY_URL, else http://127.0.0.1:8051; the token is in ALGOMANCY_TOKEN.

examples:
  algomancy upload base depots.csv customers.xlsx
  algomancy run Greedy base --param max_open=3 --wait
  algomancy sweep Greedy base --param max_open=2,3,4 --param cost_per_km=0.2,0.5 --wait
  algomancy scenarios status=complete "kpi.Cost<100" --order kpi.Cost
  algomancy compare first second --baseline first --json

exit codes:
  0 done   1 a run has failed, or data is refused   2 wrong usage   3 refused by the server   4 no server
  5 not ended in time   130 Ctrl-C
"""


class _Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {' '.join(message.split())}\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    top = _Parser(
        prog="algomancy",
        description="Work with an algomancy-api.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    common = _common()
    subparsers = top.add_subparsers(title="commands", required=True, metavar="COMMAND", parser_class=_Parser)
    for add in (
        _add_sessions,
        _add_upload,
        _add_run,
        _add_sweep,
        _add_scenarios,
        _add_compare,
        _add_logs,
        _add_tables,
        _add_watch,
    ):
        add(subparsers, common)
    return top


def _common() -> _Parser:
    common = _Parser(add_help=False)
    common.add_argument("--url", help="the address of the server")
    common.add_argument("--session", metavar="NAME", help="the name or id of the session (default: that of the server)")
    common.add_argument("--json", action="store_true", help="print JSON, for programs")
    return common


def _add_sessions(to: _Commands, common: _Parser) -> None:
    _add(to, common, "sessions", "list the sessions", commands.sessions)


def _add_upload(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "upload", "make a dataset of files", commands.upload)
    command.add_argument("name", help="the key of the dataset")
    command.add_argument("files", nargs="+", metavar="FILE", help="a CSV, JSON or XLSX file")
    command.add_argument("--replace", action="store_true", help="replace a dataset that scenarios use")


def _add_run(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "run", "run an algorithm", commands.run)
    _add_target(command)
    command.add_argument(
        "--param", type=parameter, action="append", default=[], dest="parameters", metavar="NAME=VALUE",
        help="a value of a parameter; can be repeated",
    )  # fmt: skip


def _add_sweep(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "sweep", "run an algorithm with each combination of values", commands.sweep)
    _add_target(command)
    command.add_argument(
        "--param", type=axis, action="append", default=[], dest="axes", metavar="NAME=VALUE,VALUE",
        help="the values of a parameter; can be repeated",
    )  # fmt: skip


def _add_target(command: argparse.ArgumentParser) -> None:
    command.add_argument("algorithm", help="the name of the algorithm")
    command.add_argument("dataset", help="the key of the dataset")
    command.add_argument("--tag", help="the tag, or what the tags begin with (default: a new one)")
    command.add_argument("--wait", action="store_true", help="wait until it has ended")
    command.add_argument("--timeout", type=float, metavar="SECONDS", help="the longest wait; nothing is cancelled then")


def _add_scenarios(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "scenarios", "list scenarios with their KPIs", commands.scenarios)
    command.add_argument("conditions", nargs="*", metavar="CONDITION", help='such as status=complete or "kpi.Cost<100"')
    command.add_argument("--order", help="such as kpi.Cost,tag, or --order=-created from the largest")
    command.add_argument("--limit", type=int, help="the most scenarios")


def _add_compare(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "compare", "compare scenarios", commands.compare)
    command.add_argument("scenarios", nargs="+", metavar="SCENARIO", help="a tag or an id")
    command.add_argument("--baseline", help="the one that the others are compared with (default: the first one)")


def _add_logs(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "logs", "print the log of a run", commands.logs)
    command.add_argument("scenario", help="a tag or an id")
    command.add_argument("-f", "--follow", action="store_true", help="go on until the run has ended")


def _add_tables(to: _Commands, common: _Parser) -> None:
    command = _add(to, common, "tables", "list the tables of a dataset, or print one", commands.tables)
    command.add_argument("dataset", help="the key of the dataset")
    command.add_argument("table", nargs="?", help="the name of a table, to print its rows")
    command.add_argument("--columns", type=lambda words: words.split(","), metavar="NAME,NAME", help="these columns")
    command.add_argument("--where", metavar="CONDITION", help='these rows, such as "x > 1000"')
    command.add_argument("--order", help="such as x,id, or --order=-x from the largest")
    command.add_argument("--limit", type=int, help="the most rows")


def _add_watch(to: _Commands, common: _Parser) -> None:
    _add(to, common, "watch", "print the states of the scenarios of a session as they change", commands.watch)


def _add(to: _Commands, common: _Parser, name: str, what: str, run: object) -> argparse.ArgumentParser:
    command = to.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", parents=[common])
    command.set_defaults(run=run)
    return command
