"""Normalisation of responses: ids, times and addresses differ from run to run and are replaced."""

import re
from collections.abc import Mapping
from typing import Any

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

#: Members with times of the run. Only their format is compared.
_TIMES = frozenset({"created_at", "run_started_at", "run_finished_at", "completed_at", "creation_datetime"})

_HEADERS = ("content-type", "allow", "location", "vary")

#: Values of `Vary` for features that the peer lacks: no client of the peer notices them.
_FORMS = frozenset({"Accept", "Accept-Encoding"})


def comparable(document: Any, ids: Mapping[str, str], member: str = "") -> Any:
    """A document with ids replaced by ``<name>`` from ``ids`` or else by ``<id>``, and digits of times by zeros."""
    if isinstance(document, dict):
        return {_without_ids(key, ids): comparable(value, ids, key) for key, value in document.items()}
    if isinstance(document, list):
        return [comparable(value, ids, member) for value in document]
    if isinstance(document, str):
        return _form_of_time(document) if member in _TIMES else _without_ids(document, ids)
    return document


def compared_headers(headers: Mapping[str, str], ids: Mapping[str, str], host: str) -> dict[str, str]:
    """The headers that are compared, those of CORS included, with lists sorted.

    ``Access-Control-Expose-Headers`` is left out: the peer sends no header that needs it.
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
    """The format of a time: digits become zeros, and fractions of a second are dropped."""
    return re.sub(r"\d", "0", re.sub(r"\.\d+", "", text))


def _header(name: str, value: str) -> str:
    return ", ".join(sorted(_listed(value) - _FORMS if name == "vary" else _listed(value)))


def _listed(value: str) -> set[str]:
    return {item.strip() for item in value.split(",")}
