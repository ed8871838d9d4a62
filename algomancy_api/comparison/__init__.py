"""Scenarios side by side, from what their summaries have. Knows no HTTP, no session and no disk.

From the ground up:

- `values`: numbers, and whether values differ
- `pretty`: values of KPIs as text, as the framework writes them
- `sides`: what is compared of a scenario
- `kpis`: ranks, deltas and verdicts
- `settings`: datasets, algorithms and their parameters
- `compare`: the whole comparison
- `columns`: the comparison as a table with a row for each scenario
- `cells`: the type of a column
- `files`: that table as CSV or Arrow
- `document`: the comparison as JSON
"""

from .compare import compare
from .pretty import Format
from .sides import Side

__all__ = ["Format", "Side", "compare"]
