"""What the configuration of a session has: algorithms, KPIs and schemas.

From the ground up:

- `kpis`: what a KPI is, before it has a value
- `tables`: the tables of schemas
- `lists`: a mixin of `Session` with the lists of all of them
"""

from .lists import Wiring

__all__ = ["Wiring"]
