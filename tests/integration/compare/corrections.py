"""Corrections of the peer's responses, each for one reason, to what the contract says."""

from collections.abc import Callable, Collection
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

from .answers import Answer
from .cases import Request

type Correction = Callable[[Request, Answer, Answer], Answer]

#: The framework's value of a KPI that is not computed yet.
_SENTINEL = -9_999_999_999

#: The comparable body of an error.
ERROR = {"detail": "<text>"}


def replaced(*names: str, statuses: Collection[tuple[int, int]] = ()) -> Correction:
    """Take our response to requests with a matching name and status.

    Args:
        names: Patterns of names, with ``*`` for anything.
        statuses: Pairs of our status and the peer's; empty for any.
    """

    def corrected(request: Request, ours: Answer, peer: Answer) -> Answer:
        named = any(fnmatchcase(request.name, name) for name in names)
        return ours if named and (not statuses or (ours.status, peer.status) in statuses) else peer

    return corrected


def members(*names: str, of: str = "*") -> Correction:
    """Take our values of the members with these names, at any depth, for requests whose name matches ``of``."""

    def corrected(request: Request, ours: Answer, peer: Answer) -> Answer:
        if not fnmatchcase(request.name, of) or ours.status != peer.status:
            return peer
        return replace(peer, body=_with_members(peer.body, ours.body, names))

    return corrected


def added_operations(request: Request, ours: Answer, peer: Answer) -> Answer:
    """Add the operations of our document that the peer's lacks."""
    if request.name != "OpenAPI document" or ours.status != peer.status:
        return peer
    operations: dict[str, object] = {**ours.body["operations"], **peer.body["operations"]}
    return replace(peer, body=peer.body | {"operations": operations})


def encoded_slash(request: Request, ours: Answer, peer: Answer) -> Answer:
    """Take our response for a slash in a name, where the peer's router finds no route, a wrong one, or redirects."""
    return ours if "%2F" in request.path and peer.status in (307, 404, 405) else peer


def null_for_sentinel(_request: Request, _ours: Answer, peer: Answer) -> Answer:
    """Replace the framework's sentinel for a value that is not computed yet by null."""
    return replace(peer, body=_without_sentinel(peer.body))


def text_of_422(_request: Request, ours: Answer, peer: Answer) -> Answer:
    """Replace the peer's list of faults in a 422 by a text, as in any other error."""
    is_list = isinstance(peer.body, dict) and isinstance(peer.body.get("detail"), list)
    return replace(peer, body=ERROR) if is_list and ours.status == peer.status == 422 else peer


def complete_allow(_request: Request, ours: Answer, peer: Answer) -> Answer:
    """Take our Allow header where the peer's names only some methods of the path."""
    mine, theirs = (set(answer.headers.get("allow", "").split(", ")) - {""} for answer in (ours, peer))
    return _with_header(ours, peer, "allow") if ours.status == peer.status == 405 and theirs < mine else peer


def no_content_type_of_204(_request: Request, ours: Answer, peer: Answer) -> Answer:
    """Take our content type of a 204, which has none."""
    return _with_header(ours, peer, "content-type") if ours.status == peer.status == 204 else peer


def head_as_get(request: Request, ours: Answer, peer: Answer) -> Answer:
    """Take our response to a HEAD where the peer allows only GET."""
    return ours if request.method == "HEAD" and peer.status == 405 and ours.status in (200, 404) else peer


def json_error(_request: Request, ours: Answer, peer: Answer) -> Answer:
    """Replace an error in plain text by one in JSON."""
    plain = peer.status >= 400 and peer.headers.get("content-type", "").startswith("text/plain")
    return _with_header(ours, replace(peer, body=ERROR), "content-type") if plain else peer


def order_of_creation(_request: Request, ours: Answer, peer: Answer) -> Answer:
    """Take our order of dataset keys: the peer's is that of a set."""
    mine, theirs = (answer.body.get("keys") if isinstance(answer.body, dict) else None for answer in (ours, peer))
    same = isinstance(mine, list) and isinstance(theirs, list) and sorted(mine) == sorted(theirs)
    return members("keys")(_request, ours, peer) if same else peer


def _with_header(ours: Answer, peer: Answer, name: str) -> Answer:
    headers = {**peer.headers, name: ours.headers.get(name, "")}
    return replace(peer, headers={name: value for name, value in headers.items() if value})


def _with_members(theirs: Any, mine: Any, names: Collection[str]) -> Any:
    if isinstance(theirs, dict) and isinstance(mine, dict):
        taken = {name: value for name, value in mine.items() if name in names}
        return {name: _with_members(value, mine.get(name), names) for name, value in theirs.items()} | taken
    if isinstance(theirs, list) and isinstance(mine, list) and len(theirs) == len(mine):
        return [_with_members(value, own, names) for value, own in zip(theirs, mine, strict=True)]
    return theirs


def _without_sentinel(document: Any) -> Any:
    if isinstance(document, dict):
        corrected = {name: _without_sentinel(value) for name, value in document.items()}
        return corrected | {"value": None} if corrected.get("value") == _SENTINEL else corrected
    return [_without_sentinel(value) for value in document] if isinstance(document, list) else document
