"""The Python client of algomancy-api: `Client`, and `AsyncClient` for programs with an event loop.

From the ground up:

- `errors`: what can go wrong
- `extras`: packages that come with extras
- `retries`: how often a request is sent again
- `settings`: where the server is, by argument or environment
- `wire`: requests and answers, described without sending them
- `frames`: DataFrames of answers
- `progress`: what is shown during a wait
- `views`: what objects know and show without asking the server
- `_async`, `_sync`: the clients, the second one generated from the first
- `cli`, `__main__`: the command `algomancy`
"""

from ._async.client import AsyncClient
from ._async.dataset import AsyncDataset
from ._async.scenario import AsyncScenario
from ._async.scenarios import AsyncScenarios
from ._async.session import AsyncSession
from ._sync.client import Client
from ._sync.dataset import Dataset
from ._sync.scenario import Scenario
from ._sync.scenarios import Scenarios
from ._sync.session import Session
from .errors import (
    AlgomancyError,
    BadRequest,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Gone,
    MissingExtra,
    NotComplete,
    NotFound,
    Refused,
    RunFailed,
    ServerError,
    StatusError,
    StorageFull,
    TooLarge,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    UnexpectedAnswer,
    Unprocessable,
    Unsupported,
    WaitInterrupted,
    WaitTimeout,
)
from .progress import Standing
from .retries import Retries
from .views.comparison import Comparison
from .wire.answers import Kpi, LogLine, Message, Outcome, State

__all__ = [
    "AlgomancyError",
    "AsyncClient",
    "AsyncDataset",
    "AsyncScenario",
    "AsyncScenarios",
    "AsyncSession",
    "BadRequest",
    "Client",
    "Comparison",
    "Conflict",
    "ConnectionFailed",
    "Dataset",
    "Forbidden",
    "Gone",
    "Kpi",
    "LogLine",
    "Message",
    "MissingExtra",
    "NotComplete",
    "NotFound",
    "Outcome",
    "Refused",
    "Retries",
    "RunFailed",
    "Scenario",
    "Scenarios",
    "ServerError",
    "Session",
    "Standing",
    "State",
    "StatusError",
    "StorageFull",
    "TooLarge",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "UnexpectedAnswer",
    "Unprocessable",
    "Unsupported",
    "WaitInterrupted",
    "WaitTimeout",
]
