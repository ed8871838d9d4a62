"""Schemathesis against the running example, with tokens, over real HTTP.

``python -m tests.integration.document.fuzz``: all checks and all phases, for a given time. `schemathesis.toml` has the
expectations with their reasons. Requests have an admin token; one of the checks sends some without it.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from algomancy_api.auth.token_file import line_of
from algomancy_api.auth.tokens import Token, new_secret

from ...support.clients import PATIENCE
from ...support.processes import ROOT, free_port

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")

#: Seconds: timeouts of the start and of a request, which are long because the server runs scenarios meanwhile.
_TIMEOUTS = ["--wait-for-schema", "120", "--request-timeout", "30"]


#: Environment variable: the token's secret, for `schemathesis.toml` and the hooks.
SECRET_VARIABLE = "TOKEN_OF_THE_TESTS"  # noqa: S105 - it is a name


@contextlib.contextmanager
def example(folder: Path, secret: str) -> Iterator[str]:
    """The URL of a starting server of the bundled example, with a new database in a folder."""
    port = free_port()
    tokens = folder / "tokens.toml"
    tokens.write_text(line_of(Token("tests", secret, "admin")))
    environment = os.environ | {"ALGOMANCY_API_TOKENS_FILE": str(tokens)}
    command = [sys.executable, "-m", "algomancy_api", "example", "--data", str(folder), "--port", str(port)]
    with (
        (folder / "server.log").open("wb") as log,
        subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=environment, stderr=log) as server,  # noqa: S603
    ):
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(PATIENCE)


def schemathesis(url: str, secret: str, folder: Path, *options: str) -> int:
    """Run Schemathesis with a token against the document of a server; return its exit code."""
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), SECRET_VARIABLE: secret}  # the path of the hooks
    arguments = [f"{url}/openapi.json", *_TIMEOUTS, *options]
    return subprocess.run([*command, *arguments], cwd=folder, env=environment, check=False).returncode  # noqa: S603


def run(*options: str) -> int:
    """Test the example and return the exit code; print the log of the server if it is not 0."""
    secret = new_secret()
    with tempfile.TemporaryDirectory(prefix="algomancy-fuzz-") as name:
        folder = Path(name)
        with example(folder, secret) as url:
            code = schemathesis(url, secret, folder, *options)
        if code:
            print((folder / "server.log").read_text()[-20_000:], file=sys.stderr)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; unknown options are passed to Schemathesis."""
    parser = argparse.ArgumentParser(prog="python -m tests.integration.document.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=150, help="duration in seconds (default: 150)")
    parser.add_argument("--seed", type=int, help="seed, to repeat a run (default: a random one)")
    options, others = parser.parse_known_args(arguments)
    seed = [] if options.seed is None else ["--seed", str(options.seed)]
    return run("--max-time", str(options.seconds), *seed, *others)


if __name__ == "__main__":
    sys.exit(main())
