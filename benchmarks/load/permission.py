"""Whether a load may write to a server."""

import socket
import sys
from urllib.parse import urlsplit

from .plan import LoadError, Plan, UsageError


def ask_to_write(plan: Plan) -> None:
    """Ask before anything is written to a server that is not on this machine.

    Raises:
        UsageError: The answer is no, or there is nobody to ask.
        LoadError: It is not known where the server is.
    """
    host = urlsplit(plan.url).hostname or ""
    if not plan.writes or is_here(host):
        return
    what = f"runs and uploads write to {plan.url}, which is not on this machine"
    if not sys.stdin.isatty():
        raise UsageError(f"{what}: say --yes if they may")
    print(f"{what}. May they? [y/N] ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was sent")


def is_here(host: str) -> bool:
    """Whether all addresses of a host are this machine's.

    Raises:
        LoadError: It has none.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise LoadError(f"cannot reach {host}: {getattr(error, 'strerror', None) or error}") from error
    return all(_can_listen(family, address) for family, _, _, _, address in found)


def _can_listen(family: int, address: tuple[object, ...]) -> bool:
    """Whether this machine can listen on an address: the port is 0, which is any that is free."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.bind(address)
    except OSError:
        return False
    return True
