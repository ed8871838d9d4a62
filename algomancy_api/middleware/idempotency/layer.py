"""The middleware of idempotency keys."""

import logging
from collections.abc import Awaitable
from http import HTTPStatus

import anyio.to_thread
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from ...concurrency.workers import Workers
from ...errors import Conflict, Malformed
from ...framework.idempotency.answers import Answers, KeptAnswer
from ...framework.idempotency.pending import PendingKey, pending_key
from ...http.errors import EXCEPTION_HANDLERS, ExceptionLayer
from ...http.request_body import IGNORED_FIELDS
from ...http.responses import EncodedJSONResponse
from ...http.router import destination_of
from ...openapi.idempotency import HEADER, REPLAYED
from ...openapi.operation import Operation, operation_of
from .gathered_answer import GatheredAnswer
from .key_header import has_key, key_id, key_of, keyed_sender
from .request_digest import HashedBody

_logger = logging.getLogger("algomancy_api")

#: Seconds: Retry-After while the first request with a key is under way.
_RETRY_AFTER = 1


class Idempotency:
    """Middleware that answers a POST that has been answered before, by its key, without a second effect.

    Only the answers of requests that succeeded are kept. A request that is under way is known to this process alone:
    one process owns a database, and what a killed one had under way is either stored, with its key, or never was.

    Args:
        app: The inner app, which has the handlers of exceptions.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._keyed = ExceptionLayer(self._with_key, EXCEPTION_HANDLERS)
        self._under_way: dict[str, PendingKey] = {}

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == "http" and scope["method"] == "POST" and has_key(scope) and not _is_secret(scope):
            return self._keyed(scope, receive, send)
        return self.app(scope, receive, send)

    async def _with_key(self, scope: Scope, receive: Receive, send: Send) -> None:
        sender, body = keyed_sender(scope), HashedBody(scope, receive)
        key = PendingKey(key_id(sender, key_of(scope)), sender, body.digest, _status(scope), _ignored(scope))
        if self._under_way.setdefault(key.id, key) is not key:
            raise Conflict(f"A request with this {HEADER} is under way; wait for its answer", _RETRY_AFTER)
        answers: Answers = scope["app"].state.answers
        workers: Workers = scope["app"].state.sessions.workers
        try:
            kept = await workers.run(answers.find, key.id)
            if kept is None:
                await self._first(key, scope, body, send)
            else:
                await _again(kept, scope, body, send)
        finally:
            self._release(key)
        if answers.are_untidy():
            await anyio.to_thread.run_sync(_tidy, answers)

    async def _first(self, key: PendingKey, scope: Scope, body: HashedBody, send: Send) -> None:
        await body.begin()

        async def keep(status: int, headers: dict[str, str], content: bytes | None) -> None:
            answer = key.answer(status, headers, content)
            await anyio.to_thread.run_sync(_settle, scope["app"].state.answers, answer)
            self._release(key)  # before the client can know

        token = pending_key.set(key)
        try:
            await self.app(scope, body, GatheredAnswer(send, keep))
        finally:
            pending_key.reset(token)

    def _release(self, key: PendingKey) -> None:
        if self._under_way.get(key.id) is key:
            del self._under_way[key.id]


async def _again(kept: KeptAnswer, scope: Scope, body: HashedBody, send: Send) -> None:
    """Give an answer again, if it is to the same request."""
    await body.finish()
    if kept.request not in ("", body.digest()):
        raise Malformed(
            f"This {HEADER} belongs to another request: path, query, body, or the sessions that the token may see are "
            "not the same; choose a new key"
        )
    _ignored(scope).extend(kept.ignored)
    headers = kept.headers | {REPLAYED.lower(): "true"}
    if kept.headers.get("content-type") == "application/json":
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if name != "content-type"]
        response: Response = EncodedJSONResponse(kept.body, kept.status, raw)
    else:
        response = Response(kept.body, kept.status, headers)
    await response(scope, body, send)


def _settle(answers: Answers, answer: KeptAnswer) -> None:
    try:
        answers.settle(answer)
    except Exception:  # the request has been carried out, and its client should know
        _logger.warning("The answer to a request with a key could not be kept", exc_info=True)


def _tidy(answers: Answers) -> None:
    try:
        answers.forget_some()
    except Exception:  # the next one does it
        _logger.warning("Answers that are too old could not be forgotten", exc_info=True)


def _status(scope: Scope) -> int:
    """The status of a request that succeeds, by its operation."""
    operation = _operation(scope)
    return HTTPStatus.OK if operation is None else min(operation.returns)


def _is_secret(scope: Scope) -> bool:
    operation = _operation(scope)
    return operation is not None and operation.is_secret


def _operation(scope: Scope) -> Operation | None:
    destination = destination_of(scope)
    return None if destination is None or destination.route is None else operation_of(destination.endpoint)


def _ignored(scope: Scope) -> list[str]:
    ignored: list[str] = scope.get(IGNORED_FIELDS, [])
    return ignored
