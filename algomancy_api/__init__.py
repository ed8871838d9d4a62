"""Algomancy over HTTP: sessions, datasets, scenarios and KPIs.

```python
from algomancy_api import ApiConfiguration, ApiLauncher

app = ApiLauncher.build(ApiConfiguration(...))  # a Starlette application
ApiLauncher.run(app)  # blocks; Ctrl-C stops it
```
"""

from .application import lifespan
from .auth.tokens import Token
from .config import ApiConfiguration
from .engines import cancelled, report, stopping
from .launcher import ApiLauncher
from .limits import Limits
from .logs import RequestIdFilter
from .openapi.operation import operation
from .services.dependencies import get_scenario_manager, get_session_manager
from .webhooks import Webhook

__all__ = [
    "ApiConfiguration",
    "ApiLauncher",
    "Limits",
    "RequestIdFilter",
    "Token",
    "Webhook",
    "cancelled",
    "get_scenario_manager",
    "get_session_manager",
    "lifespan",
    "operation",
    "report",
    "stopping",
]
