"""Changes of the token file while the server runs take effect within a second, under any load."""

import asyncio
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from algomancy_api import ApiLauncher, Token, lifespan
from algomancy_api.auth import token_reading, token_threads, token_watch
from algomancy_api.auth.token_file import content_of, line_of
from algomancy_api.auth.token_watch import TokensWatch

from ..conftest import API
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, eventually, serving
from ..support.processes import ROOT

ONE, TWO, FIXED = Token("one", "first-secret"), Token("two", "second-secret"), Token("fixed", "fixed-secret")

SECRETS = {token: f"{word}-secret" for token, word in ((ONE, "first"), (TWO, "second"), (FIXED, "fixed"))}


class Clock:
    """A clock that stands still until it is told what time has passed."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


def standing_clock(patch: pytest.MonkeyPatch) -> Clock:
    """The clock of what reads the file; nothing but requests begins a reading."""
    clock = Clock()
    for module in (token_watch, token_reading):
        patch.setattr(module, "monotonic", clock)
    patch.setattr(token_threads, "_INTERVAL", 3600)
    return clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Such a clock."""
    return standing_clock(monkeypatch)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file, with the token ``one``."""
    path = tmp_path / "tokens.toml"
    path.write_text(line_of(ONE))
    return path


@pytest.fixture
def app(path: Path) -> Iterator[Starlette]:
    """An app with the tokens of the file, and ``fixed`` in its configuration."""
    app = ApiLauncher.build(wiring.configuration(tokens_file=str(path), tokens=[FIXED]))
    yield app
    app.state.tokens_watch.close()
    app.state.session_manager.shutdown()


@pytest.fixture
def client(app: Starlette) -> Iterator[AppClient]:
    """A client of the app."""
    with calling(app) as client:
        client.declared_only = False
        yield client


def bearer(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {SECRETS[token]}"}


def statuses(client: AppClient) -> list[int]:
    """What the first, the second and the configured token find."""
    return [client.get(f"{API}/sessions", headers=bearer(token)).status_code for token in (ONE, TWO, FIXED)]


async def answers(app: Starlette, token: Token, path: str = f"{API}/sessions") -> list[httpx.Response]:
    """The answers to ten requests at once."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        return await asyncio.gather(*(client.get(path, headers=bearer(token)) for _ in range(10)))


def ten(app: Starlette, token: Token) -> set[int]:
    """Their statuses, on an event loop of their own."""
    return {response.status_code for response in anyio.run(answers, app, token)}


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]


# A change ------------------------------------------------------------------------------------------------------


def test_nobody_comes_in_with_a_deleted_token_after_a_silence(app: Starlette, path: Path) -> None:
    """With the real clock, and the watch at work."""
    assert ten(app, ONE) == {200}
    path.write_text(line_of(TWO))
    threading.Event().wait(1.1)  # what is promised
    assert ten(app, ONE) == {401}
    assert ten(app, TWO) == {200}


def replace(path: Path, text: str) -> None:
    """Write a file as careful programs do: beside it, then in its place."""
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)


@pytest.mark.parametrize("write", [Path.write_text, replace])
def test_a_change_counts_for_the_first_request_after_a_second(
    client: AppClient, path: Path, clock: Clock, write: Callable[[Path, str], object]
) -> None:
    for text, expected in [
        (line_of(ONE), [200, 401, 200]),
        (f"{line_of(ONE)}\n{line_of(TWO)}", [200, 200, 200]),
        (line_of(TWO), [401, 200, 200]),
        ("", [401, 401, 200]),
        (line_of(ONE), [200, 401, 200]),
    ]:
        write(path, text)
        clock.passes(1)
        assert statuses(client) == expected


@pytest.mark.parametrize("write", [Path.write_text, replace])
def test_a_change_that_keeps_size_and_time_counts(
    client: AppClient, path: Path, clock: Clock, write: Callable[[Path, str], object]
) -> None:
    assert statuses(client) == [200, 401, 200]
    before = path.stat()
    other = line_of(Token("two", "first-secretx")).replace("two", "one")
    assert len(other) == before.st_size
    write(path, other)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    clock.passes(1)
    assert statuses(client) == [401, 401, 200]


@pytest.mark.parametrize(
    "broken", ["nonsense", f"{line_of(TWO)}\n{line_of(TWO)}", line_of(Token("fixed", "x")), "\x00", "a = " + "[" * 5000]
)
def test_a_file_with_a_mistake_changes_nothing_and_is_logged_once(
    client: AppClient, path: Path, clock: Clock, broken: str, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(broken)
    for _ in range(3):
        clock.passes(1)
        assert statuses(client) == [200, 401, 200]
        assert client.get("/ready").json()["parts"] == {"engine": True, "tokens": True}
    [error] = errors(caplog)
    assert error.startswith(f"The tokens stay unchanged: {path}, line ")
    path.write_text(line_of(TWO))
    clock.passes(1)
    assert statuses(client) == [401, 200, 200]


# A file that cannot be read ------------------------------------------------------------------------------------


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def become_dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere.toml")


def become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_forbidden(path: Path) -> None:
    path.chmod(0)


def lose_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def folder_becomes_file(path: Path) -> None:
    lose_folder(path)
    path.parent.write_text("")


def become_huge(path: Path) -> None:
    os.truncate(path, 2**40)  # without a byte on the disk


LOSSES = [
    Path.unlink, become_folder, become_loop, become_dangling, become_pipe, lose_folder, folder_becomes_file,
    become_huge,
    pytest.param(become_forbidden, marks=pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")),
]  # fmt: skip


def put_back(path: Path) -> None:
    """The file as it was."""
    if path.parent.is_file():
        path.parent.unlink()
    path.parent.mkdir(exist_ok=True)
    if path.is_dir():
        path.rmdir()
    replace(path, line_of(ONE))


@pytest.mark.parametrize("lose", LOSSES)
def test_a_file_that_cannot_be_read_lets_nobody_in(
    tmp_path: Path, clock: Clock, lose: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "folder" / "tokens.toml"
    put_back(path)
    app = ApiLauncher.build(wiring.configuration(tokens_file=path, tokens=[FIXED]))
    with calling(app) as client:
        client.declared_only = False
        assert (ten(app, ONE), client.get("/ready").status_code) == ({200}, 200)
        for _ in range(2):
            lose(path)
            clock.passes(1)
            assert ten(app, ONE) == {401}
            assert ten(app, FIXED) == {200}
            ready = client.get("/ready")
            assert (ready.status_code, ready.json()["parts"]) == (503, {"engine": True, "tokens": False})
            assert ready.json()["detail"] == "Not ready: tokens"
            clock.passes(1)
            assert ten(app, ONE) == {401}
            [error] = errors(caplog)
            assert error.startswith(f"All tokens of {path} are refused: ")
            caplog.clear()
            put_back(path)
            # At once, even within the same second.
            assert ten(app, ONE) == {200}
            assert client.get("/ready").json()["parts"] == {"engine": True, "tokens": True}
            assert errors(caplog) == []
    app.state.tokens_watch.close()
    app.state.session_manager.shutdown()


def test_a_file_that_comes_back_with_a_mistake_lets_nobody_in(
    client: AppClient, path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    path.unlink()
    clock.passes(1)
    assert statuses(client) == [401, 401, 200]
    path.write_text("nonsense")
    assert statuses(client) == [401, 401, 200]
    assert client.get("/ready").json()["parts"] == {"engine": True, "tokens": False}
    assert [f"{path}, line 1" in error for error in errors(caplog)] == [False, True]
    path.write_text(line_of(ONE))
    assert statuses(client) == [200, 401, 200]


CHANGES: dict[str, Callable[[Path, str], object]] = {
    "write": Path.write_text,
    "replace": replace,
    "mistake": lambda path, _: path.write_text("nonsense"),
    "unlink": lambda path, _: path.unlink(),
    "folder": lambda path, _: become_folder(path),
    "loop": lambda path, _: become_loop(path),
}


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.sets(st.sampled_from([ONE, TWO]))), max_size=8))
def test_whatever_happens_to_the_file_counts_for_everybody(changes: list[tuple[str, set[Token]]]) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        clock = standing_clock(patch)
        path = Path(folder) / "tokens.toml"
        path.write_text("")
        watch = TokensWatch(path)
        count: set[Token] = set()
        for change, tokens in changes:
            if path.is_dir():
                path.rmdir()
            path.unlink(missing_ok=True)
            path.touch()
            CHANGES[change](path, "\n".join(map(line_of, sorted(tokens, key=lambda token: token.name))))
            count = tokens if change in ("write", "replace") else count if change == "mistake" else set()
            clock.passes(1)
            assert anyio.run(found, watch) == [{ONE} & count, {TWO} & count]
        watch.close()


async def found(watch: TokensWatch) -> list[set[Token]]:
    """The tokens that ten concurrent requests find for each secret; empty if the ten differ."""
    secrets = [SECRETS[token].encode() for token in (ONE, TWO)]
    results = [await asyncio.gather(*(watch.token_of(secret) for _ in range(10))) for secret in secrets]
    return [{token for token in result if token is not None} if len(set(result)) == 1 else set() for result in results]


# A reading -----------------------------------------------------------------------------------------------------


class Disk:
    """A disk that answers when it is let, and what was read from it."""

    def __init__(self) -> None:
        self.readings = 0
        self.answers = threading.Event()

    def content_of(self, path: Path) -> bytes:
        self.readings += 1
        assert self.answers.wait(PATIENCE)
        return content_of(path)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """The disk of the file, which does not answer yet."""
    disk = Disk()
    monkeypatch.setattr(token_reading, "content_of", disk.content_of)
    yield disk
    disk.answers.set()


def test_a_fresh_reading_serves_many_requests(app: Starlette, clock: Clock, disk: Disk) -> None:
    disk.answers.set()
    assert [ten(app, token) for token in (ONE, TWO) * 3] == [{200}, {401}] * 3
    clock.passes(0.9)
    before = disk.readings
    assert [ten(app, token) for token in (ONE, TWO) * 3] == [{200}, {401}] * 3
    assert disk.readings == before
    clock.passes(0.1)
    assert (ten(app, ONE), disk.readings > before) == ({200}, True)


def test_whoever_comes_during_a_reading_waits_for_it(
    app: Starlette, path: Path, clock: Clock, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_watch, "_PATIENCE", PATIENCE)
    disk.answers.set()
    assert ten(app, ONE) == {200}
    disk.answers.clear()
    path.unlink()
    clock.passes(20)

    async def staggered() -> list[httpx.Response]:
        first = asyncio.create_task(answers(app, ONE))
        await anyio.to_thread.run_sync(eventually, lambda: disk.readings == 2)
        later = asyncio.create_task(answers(app, ONE))
        await asyncio.sleep(0)
        disk.answers.set()
        return [*await first, *await later]

    assert {response.status_code for response in anyio.run(staggered)} == {401}


def test_loops_on_several_threads_share_the_readings(app: Starlette, path: Path, clock: Clock) -> None:
    with ThreadPoolExecutor(4) as threads:
        for tokens in [ONE], [TWO], [], [ONE, TWO]:
            path.write_text("\n".join(map(line_of, tokens)))
            clock.passes(1)
            for token in (ONE, TWO):
                found = list(threads.map(ten, [app] * 4, [token] * 4))
                assert found == [{200 if token in tokens else 401}] * 4


def test_one_who_gives_up_leaves_the_reading_to_the_others(
    app: Starlette, clock: Clock, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(token_watch, "_PATIENCE", PATIENCE)

    async def around() -> list[httpx.Response]:
        impatient = asyncio.create_task(answers(app, ONE))
        await anyio.to_thread.run_sync(eventually, lambda: disk.readings == 1)
        patient = asyncio.create_task(answers(app, ONE))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        disk.answers.set()
        return await patient

    assert {response.status_code for response in anyio.run(around)} == {200}
    assert disk.readings == 1


@pytest.mark.parametrize("overdue", [0.0, 3600.0])
def test_a_disk_that_does_not_answer_lets_nobody_in(
    app: Starlette,
    client: AppClient,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
    overdue: float,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(token_watch, "_PATIENCE", 0.05)
    monkeypatch.setattr(token_threads, "_OVERDUE", overdue)
    for _ in range(2):
        refused = anyio.run(answers, app, ONE)
        assert {response.status_code for response in refused} == {503}
        assert refused[0].json() == {"detail": "Tokens cannot be checked at the moment; try again later"}
        assert int(refused[0].headers["retry-after"]) > 0
        assert ten(app, FIXED) == {200}
        assert {response.status_code for response in anyio.run(answers, app, ONE, "/health")} == {200}
        assert client.get("/ready").json()["parts"] == {"engine": True, "tokens": False}
    assert disk.readings == 1, "each reading that hangs takes a thread"
    if not overdue:
        eventually(lambda: errors(caplog))
        [error] = errors(caplog)
        assert "could not be read within" in error
    disk.answers.set()
    eventually(lambda: ten(app, ONE) == {200})
    assert client.get("/ready").status_code == 200


def test_a_system_without_a_thread_to_give_lets_nobody_in(
    app: Starlette, path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    assert ten(app, ONE) == {200}
    path.unlink()
    clock.passes(1)
    with monkeypatch.context() as patch:
        patch.setattr(token_threads.ReadingThread, "start", fail)
        assert ten(app, ONE) == {503}
        assert ten(app, FIXED) == {200}
    assert ten(app, ONE) == {401}


# The watch -----------------------------------------------------------------------------------------------------


def test_what_happens_while_no_request_comes_is_logged_in_a_host_without_a_lifespan(
    app: Starlette, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    host = Starlette(routes=[Mount("/below", app)])
    with serving(host) as url, httpx.Client(base_url=f"{url}/below", headers=bearer(FIXED), timeout=PATIENCE) as http:
        assert http.get(f"{API}/sessions").status_code == 200
        path.unlink()
        eventually(lambda: errors(caplog))
        assert http.get("/ready").json()["parts"] == {"engine": True, "tokens": False}
        with caplog.at_level(logging.INFO, "algomancy_api"):
            path.write_text(line_of(TWO))
            eventually(lambda: f"{path} has changed and was read again" in caplog.text)


def test_the_watch_begins_and_ends_with_the_lifespan(
    app: Starlette, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def around() -> None:
        for _ in range(2):
            put_back(path)
            async with lifespan(app):
                watch = app.state.tokens_watch._threads.watch
                become_loop(path)
                await anyio.to_thread.run_sync(eventually, lambda: errors(caplog))
                assert watch.is_alive()
            caplog.clear()
            assert not watch.is_alive()
            # A host may go on: what it is asked is still answered by what is true.
            assert {response.status_code for response in await answers(app, ONE)} == {401}
            assert app.state.tokens_watch._threads.watch is None

    anyio.run(around)


def test_the_watch_goes_on_when_there_is_no_thread_for_a_while(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    def fail(_: threading.Thread) -> None:
        failed.set()
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(token_threads, "_INTERVAL", 0.01)
    watch = TokensWatch(path)
    watch.open()
    with monkeypatch.context() as patch:
        patch.setattr(token_threads.ReadingThread, "start", fail)
        assert failed.wait(PATIENCE)
    path.unlink()
    eventually(lambda: errors(caplog))
    watch.close()


def test_the_watch_ends_when_nobody_has_the_tokens_any_more(path: Path) -> None:
    tokens = TokensWatch(path)
    tokens.open()
    watch = tokens._threads.watch
    assert watch is not None
    del tokens
    eventually(lambda: not watch.is_alive())


# In a process of its own ---------------------------------------------------------------------------------------


def run(script: str, path: Path) -> None:
    """Run a script that has a `TokensWatch` called ``watch``; it must end by itself, and say nothing."""
    source = f"""
import asyncio, logging, os, sys, time
from pathlib import Path
from algomancy_api.auth import token_reading
from algomancy_api.auth.token_watch import TokensUnknown, TokensWatch

logging.disable()
path = Path(sys.argv[1])
watch = TokensWatch(path)
found = lambda: asyncio.run(watch.token_of(b"first-secret"))
{script}
"""
    command: list[Any] = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", source, path]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=4 * PATIENCE)  # noqa: S603
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_process_ends_with_a_watch_and_with_a_reading_that_hangs(path: Path) -> None:
    run(
        """
assert found()
token_reading.content_of = lambda path: time.sleep(3600)
time.sleep(1.1)
try:
    found()
except TokensUnknown:
    pass
""",
        path,
    )


def test_a_process_that_was_forked_watches_by_itself(path: Path) -> None:
    """The parent has served, a reading of it hangs, and one of its threads has the lock."""
    run(
        """
assert found()
content_of = token_reading.content_of
token_reading.content_of = lambda path: time.sleep(3600)
time.sleep(1.1)
watch.read()
watch._threads.lock.acquire()
child = os.fork()
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
token_reading.content_of = content_of
assert found()
path.unlink()
deadline = time.monotonic() + 60
while watch._reading.is_available:  # nobody asks
    assert time.monotonic() < deadline
    time.sleep(0.01)
assert found() is None
watch.close()
os._exit(0)
""",
        path,
    )
