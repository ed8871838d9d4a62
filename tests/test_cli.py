"""The command: what it serves, and its one-line error messages."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from algomancy_api import ApiConfiguration, ApiLauncher, Token, cli
from algomancy_api.auth.token_file import keyring_of, line_of

from .support.clients import calling, eventually
from .support.processes import COMMAND, answering, free_port, interrupted, started


class Own:
    """A module ``own`` in the working folder, and what the command makes of it in this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.runs: list[tuple[Starlette, dict[str, Any]]] = []

    def serve(self, source: str, *options: str, target: str = "own:configuration") -> int:
        (self.folder / "own.py").write_text(source)
        return cli.main(["serve", target, *options])

    def run(self, app: Starlette, **options: Any) -> None:
        self.runs.append((app, options))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    own = Own(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(ApiLauncher, "run", own.run)
    yield own
    sys.modules.pop("own", None)
    for app, _ in own.runs:
        app.state.session_manager.shutdown()


def line_of_error(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr, of an output that has nothing else."""
    captured = capsys.readouterr()
    assert captured.out == ""
    [line] = captured.err.splitlines()
    assert line.startswith("algomancy-api")
    return line.partition("error: ")[2]


# Help and usage ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["--help"],
            ["{example,serve,check,migrate,vacuum,token}", "bundled problem", "your own", "-api serve"],
        ),
        (["migrate", "--help"], ["MODULE:ATTRIBUTE", "--to {columns,tables}", "no server runs on it"]),
        (["vacuum", "--help"], ["MODULE:ATTRIBUTE"]),
        (["example", "--help"], ["--data FOLDER", "./algomancy-data", "--host", "--port", "8051", "--log-level"]),
        (
            ["serve", "--help"],
            ["MODULE:ATTRIBUTE", "--host", "127.0.0.1", "--port", "8051", "--log-level", "--insecure"],
        ),
        (["token", "--help"], ["{new}"]),
        (["token", "new", "--help"], ["--name", "{read,write,admin}", "--session", "default: all"]),
        (["--version"], ["algomancy-api 0."]),
    ],
)
def test_help_says_what_there_is(arguments: list[str], says: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    assert [text for text in says if text not in captured.out] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "required: {example,serve,check,migrate,vacuum,token}"),
        (["nonsense"], "'nonsense'"),
        (["serve"], "required: MODULE:ATTRIBUTE"),
        (["serve", "own:configuration", "extra\nline"], "unrecognized arguments: extra line"),
        (["example", "--nonsense"], "unrecognized arguments: --nonsense"),
        (["example", "--log-level", "loud"], "invalid choice: 'loud'"),
        (["example", "--log-format", "xml"], "invalid choice: 'xml'"),
        (["example", "--host", ""], "argument --host: must be a non-empty string; got ''"),
        *(
            (["example", "--port", port], f"argument --port: must be an integer from 1 to 65535; got {port!r}")
            for port in ("0", "65536", "-1", "1.5", "x", "", "٣")
        ),
        (["example", "--port", "9" * 5000], "--port"),
        (["token"], "required: {new}"),
        (["token", "new"], "required: --name, --access"),
        (["token", "new", "--name", "x", "--access", "all"], "invalid choice: 'all'"),
    ],
)
def test_a_wrong_usage_is_one_line(
    own: Own, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        cli.main(arguments)
    assert end.value.code == 2
    assert own.runs == []
    assert says in line_of_error(capsys)


# A configuration of one's own ----------------------------------------------------------------------------------

CORE = "CoreConfig(**wiring.settings(title='Mine'))"


@pytest.mark.parametrize(
    "source",
    [
        "configuration = wiring.configuration(title='Mine')",
        f"configuration = {CORE}",
        "configuration = wiring.settings(title='Mine')",
        "def configuration(): return wiring.configuration(title='Mine')",
        f"def configuration(): return {CORE}",
        "def configuration(): return wiring.settings(title='Mine')",
        "configuration = lambda: wiring.settings(title='Mine')",
    ],
)
def test_a_configuration_comes_in_many_forms(own: Own, source: str) -> None:
    assert own.serve(f"from algomancy_scenario import CoreConfig\nfrom tests.support import wiring\n{source}") == 0
    [(app, options)] = own.runs
    assert type(app.state.config) is ApiConfiguration
    assert app.state.config.title == "Mine"
    assert options == {"host": None, "port": None, "log_level": "info", "log_format": "text"}


def test_options_are_passed_on(own: Own) -> None:
    source = "from tests.support import wiring\nclass Somewhere: configuration = wiring.configuration()"
    options = ["--host", "::1", "--port", "80", "--log-level", "debug", "--log-format", "json"]
    assert own.serve(source, *options, target="own:Somewhere.configuration") == 0
    assert own.runs[0][1] == {"host": "::1", "port": 80, "log_level": "debug", "log_format": "json"}


def test_an_engine_can_be_chosen(own: Own) -> None:
    source = "from tests.support import wiring\nconfiguration = wiring.configuration(engine='process', run_timeout=5)"
    assert own.serve(source, "--engine", "thread", "--engine-workers", "3") == 0
    configuration = own.runs[0][0].state.config
    assert (configuration.engine, configuration.engine_workers, configuration.run_timeout) == ("thread", 3, 5)


def test_cookies_can_be_turned_on(own: Own) -> None:
    source = (
        "from algomancy_api import Token\nfrom tests.support import wiring\n"
        "configuration = wiring.configuration(tokens=[Token('x', 'a')])"
    )
    assert own.serve(source, "--cookie-auth") == 0
    assert own.serve(source) == 0
    assert [app.state.config.cookie_auth for app, _ in own.runs] == [True, False]


def test_cookies_without_tokens_are_one_line(own: Own, capsys: pytest.CaptureFixture[str]) -> None:
    without = "from tests.support import wiring\nconfiguration = wiring.configuration()"
    assert own.serve(without, "--cookie-auth") == 2
    assert "cookie_auth requires tokens: give tokens, or a tokens_file" in capsys.readouterr().err


def test_a_scheduler_can_be_chosen(
    own: Own, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    source = "from tests.support import wiring\nconfiguration = wiring.configuration()"
    assert own.serve(source, "--engine-address", "tcp://127.0.0.1:8786") == 0
    assert own.runs[0][0].state.config.engine_address == "tcp://127.0.0.1:8786"
    with pytest.raises(SystemExit, match="2"):
        own.serve(source, "--engine-address", "8786")
    assert "--engine-address: must be a string like 'tcp://host:8786'; got '8786'" in capsys.readouterr().err
    # Without the extra:
    monkeypatch.setitem(sys.modules, "distributed", None)
    for module in [name for name in sys.modules if name.startswith("algomancy_api.engines.dask.")]:
        monkeypatch.delitem(sys.modules, module)
    assert own.serve(source, "--engine", "dask") == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("the package 'distributed', which is not installed: pip install 'algomancy-api[dask]'")


@pytest.mark.parametrize(
    "option", [("--engine", "cluster"), ("--engine-workers", "0"), ("--run-timeout", "inf"), ("--run-timeout", "x")]
)
def test_what_is_no_engine_is_one_line(option: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["example", *option])
    assert option[1] in capsys.readouterr().err.rstrip("\n")


WIRED = "from tests.support import wiring\n"
DATABASE = "persistence_backend='database', database_url="


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("raise RuntimeError('not\\ntoday')", "module 'own' cannot be imported: RuntimeError: not today"),
        ("raise ValueError", "module 'own' cannot be imported: ValueError: no message"),
        ("import sys; sys.exit()", "module 'own' cannot be imported: SystemExit: no message"),
        ("def broken(:", "module 'own' cannot be imported: SyntaxError: invalid syntax (own.py, line 1)"),
        (
            "import no_such_thing",
            "module 'own' cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'",
        ),
        ("from os import nothing", "cannot import name 'nothing' from 'os'"),
        ("other = 1", "AttributeError: module 'own' has no attribute 'configuration'"),
        (
            "def __getattr__(name): raise LookupError(name)",
            "'own:configuration' cannot be read: LookupError: configuration",
        ),
        ("configuration = 1", "own:configuration is not a configuration: TypeError: expected an ApiConfiguration"),
        ("def configuration(): pass", "a CoreConfig or a dict; got NoneType"),
        ("def configuration(): 1 / 0", "own:configuration failed: ZeroDivisionError: division by zero"),
        ("import sys\ndef configuration(): sys.exit('enough')", "own:configuration failed: SystemExit: enough"),
        ("def configuration(needed): pass", "TypeError: configuration() missing 1 required positional argument"),
        ("configuration = {}", "ValueError: Missing required configuration fields"),
        (WIRED + "configuration = wiring.settings(port=0)", "port must be an integer from 1 to 65535; got 0"),
        (WIRED + "def configuration(): return wiring.configuration(prefix='x')", "prefix must be a string that starts"),
        (WIRED + f"configuration = wiring.settings({DATABASE}'sqlite:////no/such/x')", "unable to open database file"),
        (WIRED + f"configuration = wiring.settings({DATABASE}'nonsense')", "the server cannot be built: ArgumentError"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_one_line(
    own: Own, source: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own.serve(source) == 2
    assert says in line_of_error(capsys)
    assert own.runs == []


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("own", "'own' must have the form module:attribute"),
        ("own:", "'own:' must have the form module:attribute"),
        (":configuration", "must have the form module:attribute"),
        ("", "must have the form module:attribute"),
        ("no_such_thing:configuration", "module 'no_such_thing' cannot be imported: ModuleNotFoundError"),
        (".own:configuration", "module '.own' cannot be imported"),
        ("own:configuration.deeper", "'dict' object has no attribute 'deeper'"),
    ],
)
def test_what_is_wrong_with_a_target_is_one_line(
    own: Own, target: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own.serve("configuration = {}", target=target) == 2
    assert says in line_of_error(capsys)


@pytest.mark.parametrize("folder", ["own.py", "own.py/below"])
def test_a_file_where_the_folder_should_be_is_one_line(
    own: Own, folder: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("own.py").touch()
    assert cli.main(["example", "--data", folder]) == 2
    assert f"the folder {folder} cannot be used: " in line_of_error(capsys)


# Tokens --------------------------------------------------------------------------------------------------------


def test_a_new_token_is_shown_once_and_its_line_lets_it_in(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tokens.toml"
    secrets = []
    for options in (["--access", "read"], ["--access", "admin", "--session", "main", "--session", 'a "b"']):
        assert cli.main(["token", "new", "--name", f"{options[1]}s of it", *options]) == 0
        captured = capsys.readouterr()
        secrets.append(captured.err.split()[-1])
        assert secrets[-1] not in captured.out
        with path.open("a") as file:
            file.write(captured.out)
    keyring = keyring_of(path.read_bytes(), path)
    reader, admin = (keyring.token_of(secret.encode()) for secret in secrets)
    assert reader is not None
    assert (reader.name, reader.access, list(reader.sessions)) == ("reads of it", "read", ["*"])
    assert admin is not None
    assert (admin.access, list(admin.sessions)) == ("admin", ["main", 'a "b"'])


@pytest.mark.parametrize("options", [["--name", ""], ["--name", "a\nb"], ["--name", "x", "--session", ""]])
def test_a_token_that_cannot_be_is_one_line(options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["token", "new", "--access", "read", *options]) == 2
    assert " of a token must be " in line_of_error(capsys)


EVERYWHERE = "0.0.0.0"  # noqa: S104 - nothing listens there
WITH_TOKENS = "from algomancy_api import Token\ntokens = {'tokens': [Token('x', 'a')]}\n"


@pytest.mark.parametrize(
    ("source", "options", "code"),
    [
        ("configuration = wiring.settings()", ["--host", EVERYWHERE], 2),
        ("configuration = wiring.settings()", ["--host", "::"], 2),
        ("configuration = wiring.settings()", ["--host", "example.org"], 2),
        ("configuration = wiring.settings(host='192.0.2.1')", [], 2),
        ("configuration = wiring.settings(host='192.0.2.1')", ["--insecure"], 0),
        ("configuration = wiring.settings(host='192.0.2.1')", ["--host", "127.9.9.9"], 0),
        ("configuration = wiring.settings()", ["--host", "::1"], 0),
        ("configuration = wiring.settings()", ["--host", "Localhost"], 0),
        (WITH_TOKENS + "configuration = wiring.settings(**tokens)", ["--host", EVERYWHERE], 0),
        ("class Own: authenticate = print\nconfiguration = wiring.settings(authentication=Own())", ["--host", "::"], 0),
    ],
)  # fmt: skip
def test_without_tokens_others_are_let_in_on_demand_alone(
    own: Own, source: str, options: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own.serve(WIRED + source, *options) == code
    assert len(own.runs) == (code == 0)
    if code:
        assert "make one with `algomancy-api token new`" in (line := line_of_error(capsys))
        assert "ALGOMANCY_API_TOKENS_FILE, or use --insecure" in line


def test_the_environment_names_the_file(
    own: Own, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALGOMANCY_API_TOKENS_FILE", "people.toml")
    assert own.serve(WIRED + "configuration = wiring.settings()", "--host", EVERYWHERE) == 2
    assert "the server cannot be built: ValueError: people.toml: No such file" in line_of_error(capsys)
    Path("people.toml").write_text(line_of(Token("x", "a-secret")) + "\n")
    assert own.serve(WIRED + "configuration = wiring.settings()", "--host", EVERYWHERE) == 0
    with calling(own.runs[0][0]) as client:
        client.declared_only = False
        assert client.get("/api/v1/sessions").status_code == 401
        assert client.get("/api/v1/sessions", headers={"Authorization": "Bearer a-secret"}).status_code == 200


# In a process of its own ---------------------------------------------------------------------------------------


def test_the_example_is_served_from_an_empty_folder(tmp_path: Path) -> None:
    port = free_port()
    with started(tmp_path, *COMMAND, "example", "--port", str(port)) as process:
        with answering(process, port) as client:
            assert client.get("/health").json()["title"] == "Algomancy API example"
            assert (tmp_path / "algomancy-data").is_dir()
        _, log = interrupted(process)
        assert process.returncode == 0
        assert "Traceback" not in log


def test_a_broken_module_is_one_line_in_the_shell(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("import no_such_thing")
    with started(tmp_path, *COMMAND, "serve", "own:configuration") as process:
        output, log = process.ended()
    reason = "module 'own' cannot be imported: ModuleNotFoundError: No module named 'no_such_thing'"
    assert (process.returncode, output, log) == (2, "", f"algomancy-api: error: {reason}\n")


@pytest.mark.parametrize("where", ["", "def configuration():\n "])
def test_ctrl_c_while_building_is_silent(tmp_path: Path, where: str) -> None:
    waiting = "import pathlib, threading; pathlib.Path('ready').touch(); threading.Event().wait()"
    (tmp_path / "own.py").write_text(where + waiting)
    with started(tmp_path, *COMMAND, "serve", "own:configuration") as process:
        eventually((tmp_path / "ready").exists)
        assert interrupted(process) == ("", "")
        assert process.returncode == 130


def test_ctrl_c_before_the_server_listens_is_silent(
    own: Own, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(_app: Starlette, **_options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ApiLauncher, "run", run)
    assert own.serve("from tests.support.wiring import configuration") == 130
    assert capsys.readouterr().err == ""
