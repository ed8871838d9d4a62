"""The limits on requests: rejected early, with a message, and nothing left behind."""

import contextlib
import io
import json
import socket
import zipfile
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Any

import httpx
import pytest

from algomancy_api import ApiLauncher, Limits

from ..conftest import API, create, default_session, upload_items
from ..datafiles import workbooks as hostile
from ..support import wiring
from ..support.clients import PATIENCE, AppClient, calling, serving
from ..support.errors import assert_error
from ..support.processes import Process, free_port

KIB = 1024

SMALL = Limits(body=2 * KIB, upload=8 * KIB, files=2, workbook=4 * KIB, nesting=5, url=500, headers=1000)


@pytest.fixture
def client() -> Iterator[AppClient]:
    app = ApiLauncher.build(wiring.configuration(limits=SMALL))
    with calling(app) as client:
        yield client
    app.state.session_manager.shutdown()


@pytest.fixture
def session(client: AppClient) -> str:
    session = default_session(client)
    upload_items(client, session)
    return session


def address(url: str) -> tuple[str, int]:
    return str(httpx.URL(url).host), httpx.URL(url).port or 80


def sized(size: int) -> bytes:
    """A body that creates a session, of so many bytes."""
    body = b'{"display_name": "a name"}'
    return body + b" " * (size - len(body))


def post_session(client: Any, content: Any, **headers: str) -> httpx.Response:
    response: httpx.Response = client.post(
        f"{API}/sessions", content=content, headers={"content-type": "application/json"} | headers
    )
    return response


def test_a_body_may_be_as_large_as_the_limit_and_no_larger(client: AppClient) -> None:
    refused = post_session(client, sized(SMALL.body + 1))
    assert_error(refused, 413, f"The body is larger than {SMALL.body} bytes")
    assert refused.headers["connection"] == "close"
    assert post_session(client, sized(SMALL.body)).status_code == 201


def test_a_body_of_unknown_length_is_counted_as_it_comes(client: AppClient) -> None:
    async def chunks() -> Any:
        for start in range(0, SMALL.body + 1, 100):
            yield sized(SMALL.body + 1)[start : start + 100]

    assert_error(post_session(client, chunks()), 413)


@pytest.mark.parametrize("length", ["-1", "+1", "1_0", "x" * 10])
def test_what_a_client_says_of_the_length_is_no_way_around_it(client: AppClient, length: str) -> None:
    assert_error(post_session(client, sized(SMALL.body + 1), **{"content-length": length}), 413)


def test_messagepack_is_bounded_like_json(client: AppClient) -> None:
    refused = post_session(client, sized(SMALL.body + 1), **{"content-type": "application/msgpack"})
    assert_error(refused, 413)


def test_a_dataset_as_json_is_a_body_like_others(client: AppClient, session: str) -> None:
    assert_error(client.post(f"{session}/data/from-json", content=sized(SMALL.body + 1)), 413)
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


def test_what_is_declared_to_be_too_large_is_refused_before_it_is_sent() -> None:
    app = ApiLauncher.build(wiring.configuration(limits=SMALL))
    with serving(app) as url, socket.create_connection(address(url), timeout=90) as connection:
        connection.sendall(
            f"POST {API}/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {10**15}\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(65536), b""))  # until the server closes
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"The body is larger than" in answer


@pytest.mark.parametrize(
    ("status", "query", "more"),
    [(413, "", ""), (414, "?" + "x" * SMALL.url, ""), (431, "", "X: " + "x" * SMALL.headers)],
)
def test_who_sends_all_before_listening_hears_the_refusal(status: int, query: str, more: str) -> None:
    app = ApiLauncher.build(wiring.configuration(limits=SMALL))
    size = 32 * 1024 * KIB  # more than the buffers of a connection hold
    lines = [f"POST {API}/sessions{query} HTTP/1.1", "Host: x", "Content-Type: application/json", *filter(None, [more])]
    head = "\r\n".join([*lines, f"Content-Length: {size}", "", ""])
    with serving(app) as url, socket.create_connection(address(url), timeout=90) as connection:
        connection.sendall(head.encode() + sized(size))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    app.state.session_manager.shutdown()


def send_for_ever(connection: socket.socket) -> None:
    while True:
        connection.sendall(bytes(KIB))


def test_a_client_that_goes_on_and_on_is_left_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("algomancy_api.http.draining._LONGEST", 0.2)
    app = ApiLauncher.build(wiring.configuration(limits=SMALL))
    with serving(app) as url, socket.create_connection(address(url), timeout=90) as connection:
        connection.sendall(
            f"POST {API}/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"Content-Length: {10**15}\r\n\r\n".encode()
        )
        with pytest.raises(OSError, match=r"pipe|reset"):
            send_for_ever(connection)
    app.state.session_manager.shutdown()


def form(*files: tuple[str, bytes], name: str = "more") -> dict[str, Any]:
    return {"data": {"dataset_name": name}, "files": [("files", file) for file in files]}


def test_an_upload_has_a_limit_of_its_own(client: AppClient, session: str) -> None:
    text = wiring.ITEMS_CSV.encode()
    larger = text + b"\n" * (SMALL.upload - len(text))
    assert SMALL.body < len(larger)
    assert_error(client.post(f"{session}/etl", **form(("items.csv", larger))), 413, "The body is larger")
    fits = text + b"\n" * (SMALL.body + 1)
    assert client.post(f"{session}/etl", **form(("items.csv", fits))).json()["success"] is True


def test_a_form_may_have_so_many_files_and_no_more(client: AppClient, session: str) -> None:
    files = [(f"items{number}.csv", b"") for number in range(SMALL.files + 1)]
    assert_error(client.post(f"{session}/etl", **form(*files)), 413, "The form has more than 2 files")
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


def workbook(unpacked: int) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("xl/workbook.xml", b" " * unpacked)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (workbook(20 * SMALL.workbook + 1), "'book.xlsx' unpacks to more than 20 times 4096 bytes"),
        (b"\0" * (SMALL.workbook + 1), "'book.xlsx' is larger than 4096 bytes"),
    ],
)
def test_a_workbook_that_would_be_too_much_is_never_unpacked(
    client: AppClient, session: str, content: bytes, says: str
) -> None:
    assert len(content) < SMALL.upload
    assert_error(client.post(f"{session}/etl", **form(("book.xlsx", content))), 413, says)


def test_a_workbook_within_the_limit_comes_to_its_reader(client: AppClient, session: str) -> None:
    answer = client.post(f"{session}/etl", **form(("book.xlsx", workbook(20 * SMALL.workbook))))
    assert_error(answer, 400, "cannot be read as XLSX")


def test_lists_and_objects_may_lie_in_one_another_so_deeply_and_no_deeper(client: AppClient, session: str) -> None:
    def scenario(tag: str, depth: int) -> httpx.Response:
        value: Any = [] if depth else 1
        for _ in range(depth - 1):
            value = [value]
        body = {"tag": tag, "dataset_key": "items", "algo_name": "Instant", "more": value}
        return client.post(f"{session}/scenarios", json=body)

    assert scenario("deep", SMALL.nesting - 1).status_code == 201
    assert_error(scenario("deeper", SMALL.nesting), 422, "The body is nested more than 5 levels deep")


@pytest.mark.parametrize(
    "document",
    [
        {"metadata": {"name": "x", "id": "1", "more": [[[[[]]]]]}, "tables": {}},
        {"tables": {"x": {"data": [{"a": [1]}], "columns": ["a"], "index": [0]}}, "metadata": {"name": "x"}},
        [[[[[[]]]]]],
    ],
)
def test_a_dataset_has_the_same_limit_of_nesting(client: AppClient, session: str, document: Any) -> None:
    answer = client.post(f"{session}/data/from-json", content=json.dumps(document))
    assert_error(answer, 400, "nested more than 5 levels deep")
    assert client.get(f"{session}/data").json() == {"keys": ["items"]}


def test_a_long_url_and_long_headers_are_refused(client: AppClient) -> None:
    fits = "/health?" + "x" * (SMALL.url - len("/health"))
    assert client.get(fits).status_code == 200
    assert_error(client.get(f"{fits}x"), 414, "longer than 500 bytes")
    assert_error(
        client.get("/health", headers={"x": "x" * SMALL.headers}), 431, "The headers are longer than 1000 bytes"
    )


def test_a_page_of_another_origin_can_read_why(client: AppClient) -> None:
    app = ApiLauncher.build(wiring.configuration(limits=SMALL, cors_origins=["https://one.example"]))
    with calling(app) as client:
        answer = client.get("/health?" + "x" * SMALL.url, headers={"origin": "https://one.example"})
    assert_error(answer, 414)
    assert answer.headers["access-control-allow-origin"] == "https://one.example"


def test_create_still_works_at_the_default_limits(client: AppClient, session: str) -> None:
    assert create(client, session)


def test_clients_that_send_slowly_hold_no_thread() -> None:
    app = ApiLauncher.build(wiring.configuration(limits=Limits(threads=1, long_threads=1, wait=0.1)))
    with serving(app) as url, contextlib.ExitStack() as slow, httpx.Client(base_url=url, timeout=PATIENCE) as client:
        session = default_session(client)
        for path, kind in (("etl", "multipart/form-data; boundary=x"), ("scenarios", "application/json")):
            for _ in range(20):
                connection = slow.enter_context(socket.create_connection(address(url), timeout=PATIENCE))
                lines = [f"POST {session}/{path} HTTP/1.1", "Host: x", f"Content-Type: {kind}", "Content-Length: 99"]
                connection.sendall("\r\n".join([*lines, "Expect: 100-continue", "\r\n"]).encode())
                assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n", "it waits for the body"
                connection.sendall(b"-")
        assert upload_items(client, session).json()["success"] is True
        assert create(client, session)


def test_an_upload_of_a_gigabyte_goes_to_disk_and_not_into_memory() -> None:
    server = Process("configuration", free_port())
    try:
        session = default_session(server.client)
        upload_items(server.client, session)
        head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.bin"\r\n\r\n'
        block, blocks = b"x" * KIB**2, KIB - 1
        tail = b'\r\n--x\r\nContent-Disposition: form-data; name="dataset_name"\r\n\r\nbig\r\n--x--\r\n'
        server.reset_peak_memory()
        before = server.peak_memory()
        answer = server.client.post(
            f"{session}/etl",
            content=chain([head], repeat(block, blocks), [tail]),
            headers={"content-type": "multipart/form-data; boundary=x"},
        )
        assert_error(answer, 400, "unsupported extension")
        assert server.peak_memory() - before < 50 * KIB**2
    finally:
        server.end()


def test_what_small_files_and_fields_would_unfold_to_never_comes_into_memory() -> None:
    server = Process("configuration", free_port())
    try:
        session = default_session(server.client)
        url = f"{session}/etl"
        files = {
            "book.xlsx": hostile.workbook(hostile.sheet('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')),
            "items.csv": b"id" + b";x" * 10_000 + b"\n" + b"1\n" * 100_000,
            "extras.json": json.dumps([{str(number): 1} for number in range(20_000)]).encode(),
        }
        fields = {f"field {number}": "x" * 60_000 for number in range(1000)}
        assert_error(server.client.post(url, **form(("book.xlsx", hostile.workbook(""))), timeout=PATIENCE), 400)
        server.reset_peak_memory()
        before = server.peak_memory()
        for file in files.items():
            assert_error(server.client.post(url, **form(file)), 413, f"File '{file[0]}' ")
        assert_error(server.client.post(url, files={"x": ("x.csv", b"")}, data=fields), 413, "The fields of the form")
        assert server.peak_memory() - before < 50 * KIB**2
    finally:
        server.end()


def test_a_full_queue_takes_no_more_and_keeps_what_it_has() -> None:
    app = ApiLauncher.build(wiring.configuration(limits=Limits(queue=1)))
    with calling(app) as client:
        session = default_session(client)
        upload_items(client, session)
        ids = [create(client, session, "Blocks", tag=f"run {number}") for number in range(4)]
        assert client.post(f"{session}/scenarios/{ids[0]}/run").status_code == 202
        assert wiring.STARTED.wait(PATIENCE)
        assert client.post(f"{session}/scenarios/{ids[1]}/run").status_code == 202
        refused = client.post(f"{session}/scenarios/{ids[2]}/run")
        assert_error(refused, 429, "The session's queue is full (1 scenarios)")
        assert refused.headers["retry-after"] == "10"
        body = {"tag": "another", "dataset_key": "items", "algo_name": "Instant", "run": True}
        assert_error(client.post(f"{session}/scenarios", json=body), 429)
        [outcome] = client.post(f"{session}/run", json={"scenario_ids": [ids[3]]}).json()["outcomes"]
        assert "The session's queue is full" in outcome["detail"]
        assert [waiting["id"] for waiting in client.get(f"{session}/queue").json()] == [ids[1]]
        assert "another" not in [scenario["tag"] for scenario in client.get(f"{session}/scenarios").json()]
        wiring.RELEASE.set()
    app.state.session_manager.shutdown()
