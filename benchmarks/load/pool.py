"""The many connections of a load, opened before it is measured."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import ClientSession
from yarl import URL

from .connection import FAILURES, connected, failure
from .plan import LoadError, Plan, UsageError

#: So many are opened at the same moment.
_AT_ONCE = 100

#: What a process has open beside its connections.
_OTHER_FILES = 64


@asynccontextmanager
async def connections(plan: Plan, url: URL) -> AsyncIterator[list[ClientSession]]:
    """As many connections as the plan has, each of which has read an address once, and so is open.

    Raises:
        LoadError: Some of them could not be opened.
    """
    slots = asyncio.Semaphore(_AT_ONCE)

    async def touch(http: ClientSession) -> None:
        async with slots, http.get(url, allow_redirects=False) as response:
            await response.read()

    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(connected(plan)) for _ in range(plan.connections)]
        outcomes = await asyncio.gather(*map(touch, opened), return_exceptions=True)
        errors = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        for error in errors:
            if not isinstance(error, FAILURES):
                raise error
            number = len(opened) - len(errors)
            raise LoadError(
                f"only {number} of {len(opened)} connections could be opened: {failure(error, plan.timeout)}"
            )
        yield opened


def allow_connections(number: int) -> None:
    """Let this process have so many connections open.

    Raises:
        UsageError: The operating system lets it have fewer.
    """
    if sys.platform == "win32":
        return
    from resource import RLIM_INFINITY, RLIMIT_NOFILE, getrlimit, setrlimit

    needed = number + _OTHER_FILES
    soft, hard = getrlimit(RLIMIT_NOFILE)
    if soft == RLIM_INFINITY or soft >= needed:
        return
    if hard != RLIM_INFINITY and hard < needed:
        raise UsageError(f"a process may have {hard} files open here: at most {hard - _OTHER_FILES} connections")
    setrlimit(RLIMIT_NOFILE, (needed, hard))
