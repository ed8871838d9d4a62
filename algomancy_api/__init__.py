"""Algomancy over HTTP: sessions, datasets, scenarios and KPIs for remote clients.

```python
from algomancy_api import ApiConfiguration, ApiLauncher

app = ApiLauncher.build(ApiConfiguration(...))  # a Starlette application
ApiLauncher.run(app)  # blocks; Ctrl-C stops it
```
"""

from .application import lifespan
from .configuration import ApiConfiguration
from .launcher import ApiLauncher
from .limits import Limits
from .operations import operation
from .sessions import get_scenario_manager, get_session_manager
from .tokens import Token

__all__ = [
    "ApiConfiguration",
    "ApiLauncher",
    "Limits",
    "Token",
    "get_scenario_manager",
    "get_session_manager",
    "lifespan",
    "operation",
]
