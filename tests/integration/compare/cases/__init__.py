"""The requests of the comparison, by variant of the wiring."""

from .bodies import BODY_CASES
from .data import DATA_CASES, UPLOADED
from .locked import LOCKED_CASES
from .protocol import PROTOCOL_CASES
from .request import Request
from .scenarios import SCENARIO_CASES, TEMPLATES
from .sessions import END, SESSION_CASES, START
from .uploads import UPLOAD_CASES
from .values import VALUE_CASES

__all__ = ["CASES", "Request"]

_ALL = [
    *START,
    *UPLOADED,
    *SESSION_CASES,
    *TEMPLATES,
    *SCENARIO_CASES,
    *VALUE_CASES,
    *DATA_CASES,
    *UPLOAD_CASES,
    *BODY_CASES,
    *PROTOCOL_CASES,
    *END,
]

CASES: dict[str, list[Request]] = {"memory": _ALL, "sqlite": _ALL, "locked": LOCKED_CASES}
