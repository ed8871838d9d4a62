"""What each command does. It returns whether the outcome is a good one."""

from __future__ import annotations

from argparse import Namespace

import msgspec

from .._sync.client import Client
from .._sync.scenarios import Scenarios
from .._sync.session import Session
from ..views.kpis import kpi_rows
from .output import Output


def sessions(client: Client, options: Namespace, output: Output) -> bool:
    """List the sessions."""
    output.rows([{"name": session.name, "id": session.id} for session in client.sessions()], "Sessions")
    return True


def upload(client: Client, options: Namespace, output: Output) -> bool:
    """Make a dataset of files."""
    dataset = _session(client, options).upload(options.name, *options.files, replace=options.replace)
    output.line(f"{dataset.key} is there", dataset=dataset.key, messages=dataset.messages)
    if not output.as_json:
        for message in dataset.messages:
            if message.severity != "INFO":
                output.line(str(message))
    return True


def run(client: Client, options: Namespace, output: Output) -> bool:
    """Create a scenario, and queue it; wait for it with `--wait`."""
    scenario = _session(client, options).run(
        options.algorithm, options.dataset, tag=options.tag, parameters=dict(options.parameters)
    )
    if options.wait:
        scenario.wait(options.timeout, progress=not output.as_json, check=False)
    output.rows(kpi_rows([scenario._summary]) if not output.as_json else [_facts(scenario._summary)])
    if options.wait:
        scenario.check()
    return True


def sweep(client: Client, options: Namespace, output: Output) -> bool:
    """Create a scenario for each combination of values, and queue them; wait for them with `--wait`."""
    runs = _session(client, options).sweep(
        options.algorithm, options.dataset, tag=options.tag, parameters=dict(options.axes)
    )
    if options.wait:
        runs.wait(options.timeout, progress=not output.as_json)
    _print_runs(runs, output)
    return not (options.wait and runs.failed)


def scenarios(client: Client, options: Namespace, output: Output) -> bool:
    """List scenarios with their KPIs."""
    runs = _session(client, options).scenarios(*options.conditions, order=options.order, limit=options.limit)
    _print_runs(runs, output)
    return True


def compare(client: Client, options: Namespace, output: Output) -> bool:
    """Compare scenarios with the first one, or with a baseline."""
    session = _session(client, options)
    chosen = [session.scenario(name) for name in options.scenarios]
    comparison = Scenarios(session._calls, chosen).compare(options.baseline)
    if output.as_json:
        output.document(comparison)
    else:
        output.rows(comparison.cells(), "Comparison")
    return True


def logs(client: Client, options: Namespace, output: Output) -> bool:
    """Print the log of the latest run of a scenario; follow it with `-f`."""
    for line in _session(client, options).scenario(options.scenario).log(follow=options.follow):
        if output.as_json:
            output.document(line)
        else:
            output.line(line.text)
    return True


def tables(client: Client, options: Namespace, output: Output) -> bool:
    """List the tables of a dataset, or print rows of one."""
    dataset = _session(client, options).dataset(options.dataset)
    if options.table is None:
        known = dataset.tables()
        rows = [{"table": each.name, "rows": each.rows, "columns": each.columns, "bytes": each.bytes} for each in known]
        output.rows(rows, f"Tables of {dataset.key}")
    else:
        part = {name: getattr(options, name) for name in ("columns", "where", "order", "limit")}
        given = {name: value for name, value in part.items() if value is not None}
        output.rows(dataset.rows(options.table, **given), options.table)
    return True


def watch(client: Client, options: Namespace, output: Output) -> bool:
    """Print the states of the scenarios of a session as they change, until Ctrl-C."""
    for state in _session(client, options).watch():
        if output.as_json:
            output.document(state)
        else:
            error = f"  {state.error}" if state.error else ""
            output.line(f"{state.status:<10} {state.progress:5.1f} %  {state.tag or state.id}{error}")
    return True


def _session(client: Client, options: Namespace) -> Session:
    return client.session(options.session)


def _facts(summary: object) -> dict[str, object]:
    """A summary as an object of JSON."""
    return dict(msgspec.to_builtins(summary))


def _print_runs(runs: Scenarios, output: Output) -> None:
    if output.as_json:
        output.document([each._summary for each in runs])
    else:
        output.rows(kpi_rows(each._summary for each in runs))
