"""An answer without what differs from run to run: ids, times and addresses."""

import re
from collections.abc import Mapping
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

#: The members that hold the time of the run. What is compared of them is how they are written.
_TIMES = frozenset({"created_at", "run_started_at", "run_finished_at", "completed_at", "creation_datetime"})

_HEADERS = ("content-type", "allow", "location", "vary")

#: What `Vary` names because of forms that the other package has not got: no client that knows one form notices.
_FORMS = frozenset({"Accept", "Accept-Encoding"})


def comparable(document: Any, ids: Mapping[str, str], member: str = "") -> Any:
    """A document with ``<name>`` for an id that has one in ``ids``, ``<id>`` for any other, and zeros for times."""
    if isinstance(document, dict):
        return {_without_ids(key, ids): comparable(value, ids, key) for key, value in document.items()}
    if isinstance(document, list):
        return [comparable(value, ids, member) for value in document]
    if isinstance(document, str):
        return _form_of_time(document) if member in _TIMES else _without_ids(document, ids)
    return document


def compared_headers(headers: Mapping[str, str], ids: Mapping[str, str], host: str) -> dict[str, str]:
    """The headers that are compared, those of CORS among them: lists in the order of the alphabet.

    Which other headers a page may read is not: the other package has none that it could not.
    """
    headers = {name: value for name, value in headers.items() if name != "vary" or _listed(value) - _FORMS}
    return {
        name: _without_ids(_header(name, value), ids).replace(host, "<host>")
        for name, value in headers.items()
        if name in _HEADERS or (name.startswith("access-control-") and name != "access-control-expose-headers")
    }


def _without_ids(text: str, ids: Mapping[str, str]) -> str:
    return _ID.sub(lambda found: f"<{ids.get(found[0], 'id')}>", text)


def _form_of_time(text: str) -> str:
    """How a time is written: its digits become zeros, and a fraction is as good as none."""
    return re.sub(r"\d", "0", re.sub(r"\.\d+", "", text))


def _header(name: str, value: str) -> str:
    return ", ".join(sorted(_listed(value) - _FORMS if name == "vary" else _listed(value)))


def _listed(value: str) -> set[str]:
    return {item.strip() for item in value.split(",")}
