"""An answer is kept before the client gets the end of it; an error is not kept at all."""

import asyncio

from starlette.types import Message

from algomancy_api.framework.idempotency.answers import LONGEST
from algomancy_api.middleware.idempotency.gathered_answer import GatheredAnswer


def gathered(status: int, *pieces: bytes) -> tuple[list[Message], list[object]]:
    """The messages that were sent, and all that happened, in order: what was kept, and the sizes of what was sent."""
    sent: list[Message] = []
    events: list[object] = []

    async def send(message: Message) -> None:
        sent.append(message)
        events.append(len(message.get("body", b"")))

    async def keep(status: int, headers: dict[str, str], body: bytes | None) -> None:
        events.append((status, headers, body))

    async def run() -> None:
        answer = GatheredAnswer(send, keep)
        headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"secret"), (b"Location", b"/x")]
        await answer({"type": "http.response.start", "status": status, "headers": headers})
        for number, piece in enumerate(pieces, 1):
            await answer({"type": "http.response.body", "body": piece, "more_body": number < len(pieces)})

    asyncio.run(run())
    return sent, events


def test_an_answer_is_kept_before_any_of_it_is_sent_without_headers_that_are_secret() -> None:
    sent, events = gathered(201, b"one ", b"two")
    assert events == [(201, {"content-type": "text/plain", "location": "/x"}, b"one two"), 0, 4, 3]
    assert [message.get("body") for message in sent] == [None, b"one ", b"two"]


def test_an_error_is_sent_as_it_comes() -> None:
    assert gathered(409, b"one ", b"two")[1] == [0, 4, 3]


def test_a_long_answer_is_not_held() -> None:
    half = b"x" * (LONGEST // 2 + 1)
    _, events = gathered(200, half, half, half)
    assert events[0] == (200, {"content-type": "text/plain", "location": "/x"}, None)
    assert events[1:] == [0, len(half), len(half), len(half)]
