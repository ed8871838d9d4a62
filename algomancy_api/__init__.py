"""Algomancy over HTTP: sessions, datasets, scenarios and KPIs for remote clients.

```python
from algomancy_api import ApiConfiguration, ApiLauncher

app = ApiLauncher.build(ApiConfiguration(...))  # a Starlette application
ApiLauncher.run(app)  # blocks; Ctrl-C stops it
```
"""

from .configuration import ApiConfiguration
from .launcher import ApiLauncher

__all__ = ["ApiConfiguration", "ApiLauncher"]
