"""A server that answers as it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx

from algomancy_client import Client, Retries

Answer = httpx.Response | Exception

#: Retries without pauses.
QUICK = Retries(attempts=4, first=0, longest=1)


class Script:
    """Answers one request after the other; of the last answer, there is no end.

    Attributes:
        requests: The requests so far.
    """

    def __init__(self, *answers: Answer) -> None:
        self.requests: list[httpx.Request] = []
        self._answers = iter(answers)
        self._last = answers[-1]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.requests.append(request)
        answer = next(self._answers, self._last)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content, request=request)


def client_of(answer: Callable[[httpx.Request], httpx.Response], retries: Retries = QUICK) -> Client:
    """A client whose server answers with a function."""
    http = httpx.Client(transport=httpx.MockTransport(answer))
    return Client("http://test", retries=retries, http_client=http)


def problem(status: int, detail: object = "No", **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, json={"detail": detail}, headers=named)


def sessions(default: str = "1") -> httpx.Response:
    return httpx.Response(200, json={"sessions": [{"id": "1", "display_name": "main"}], "default": default})


def summary(number: int = 1, status: str = "complete", **others: object) -> dict[str, object]:
    """A scenario as a list has it."""
    kpi = {"name": "Cost", "better_when": "AT_MOST", "unit": "EUR", "value": 10.0 * number, "threshold": 15.0}
    return {
        "id": f"id-{number}", "tag": f"run {number}", "input_data_key": "base", "data_parameters": {},
        "algorithm": {"name": "Greedy", "parameters": {"max_open": number}}, "status": status, "progress": 0,
        "created_at": None, "run_started_at": None, "run_finished_at": None, "result_available": status == "complete",
        "kpis": {"Cost": kpi}, "data_changed": False, **others,
    }  # fmt: skip


def listed(*summaries: dict[str, object]) -> httpx.Response:
    return httpx.Response(200, json=list(summaries), headers={"ETag": '"1"'})


def events(*texts: str) -> Iterator[bytes]:
    for text in texts:
        yield text.encode()
