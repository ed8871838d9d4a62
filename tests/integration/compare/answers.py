"""A client that sends requests and makes the responses comparable."""

import http.client
import json
import re
import time
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

from .cases.request import Request
from .normalise import comparable, compared_headers
from .servers import Server, open_gate

#: Seconds: timeout of one response, and of a request that is repeated until a condition holds.
_RESPONSE, _REPEAT = 30.0, 20.0


@dataclass(frozen=True)
class Answer:
    """A response in comparable form, without values that differ from run to run.

    Attributes:
        status: The status code.
        headers: The headers that are compared.
        body: The document of a JSON response, or the text of any other.
        wording: The text of an error. ``body`` leaves it out, because the contract fixes only the shape of errors.
        overdue: Whether the condition of the request did not hold in time.
    """

    status: int
    headers: dict[str, str]
    body: Any
    wording: str = ""
    overdue: bool = False


class Client:
    """A client of one server, with the variables that later requests use."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.variables: defaultdict[str, str] = defaultdict(lambda: "never-seen")

    def ask(self, request: Request) -> Answer:
        """Send a request, repeat it until its condition holds, and return the last response.

        Raises:
            ServerFailed: The server has exited.
        """
        if request.opens:
            open_gate(self.server, request.opens)
        deadline = time.monotonic() + _REPEAT
        while True:
            status, headers, content = self._exchange(request)
            document = _document(headers, content)
            done = request.until is None or status >= http.HTTPStatus.BAD_REQUEST or request.until(document)
            overdue = not done and time.monotonic() > deadline
            if done or overdue:
                break
            time.sleep(0.02)
        for variable, path in request.saves.items():
            self._save(variable, path, document, content)
        if request.view is not None:
            document = request.view(document)
        return replace(self._answer(status, headers, document), overdue=overdue)

    def _exchange(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        """The raw response; status 0 if there is none."""
        path = re.sub(r"\{(\w+)\}", lambda found: self.variables[found[1]], request.path)
        body = self.variables[request.body].encode() if isinstance(request.body, str) else request.body
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=_RESPONSE)
        try:
            connection.request(request.method, path, body or None, dict(request.headers))
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
        except (OSError, http.client.HTTPException) as error:
            self.server.check()
            return 0, {}, f"<{type(error).__name__}>".encode()
        finally:
            connection.close()

    def _save(self, variable: str, path: str, document: object, content: bytes) -> None:
        found: Any = document
        for step in path.split(".") if path else ():
            if isinstance(found, list) and int(step) < len(found):
                found = found[int(step)]
            elif isinstance(found, dict) and step in found:
                found = found[step]
            else:
                return
        self.variables[variable] = str(found) if path else content.decode(errors="replace")

    def _answer(self, status: int, headers: dict[str, str], document: Any) -> Answer:
        wording = ""
        if status >= http.HTTPStatus.BAD_REQUEST and isinstance(document, dict):
            detail = document.get("detail")
            if isinstance(detail, str) and detail:
                wording, document = detail, {**document, "detail": "<text>"}
        ids = {value: name for name, value in reversed(self.variables.items())}
        headers = compared_headers(headers, ids, self.server.host)
        return Answer(status, headers, comparable(document, ids), comparable(wording, ids))


def _document(headers: dict[str, str], content: bytes) -> Any:
    """The document of a JSON response, or the text of any other."""
    if not headers.get("content-type", "").startswith("application/json") or not content:
        return content.decode(errors="replace")
    try:
        return json.loads(content, parse_constant=_refuse)
    except ValueError as error:
        return f"<no JSON: {error}>"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
